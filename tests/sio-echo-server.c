/*
 * sio-echo-server - libsio and nothing else, for conformance suites to try:
 *
 *     sio-echo-server --port N        0: any; prints "listening N"
 *         [--origin O]                pages of that origin may connect, too
 *         [--trust-proxy]             the address is X-Real-IP's
 *         [--rate N]                  events a second are admitted, of all
 *         [--NAME NUMBER]             a number of struct sio_config
 *
 * 127.0.0.1 only. On /socket.io/ the namespaces / and /custom say `auth` with
 * the handshake's auth, before anything else; in / `message` comes back as
 * `message-back`, `message-with-ack` is acknowledged with its arguments, and
 * `ask` makes us emit `question`, whose acknowledgement comes back as
 * `answered`. On /engine.io/ each message comes back as it came. SIGUSR1 prints
 * "heap BYTES connections N"; SIGTERM stops.
 */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "crypt.h"
#include "mem.h"
#include "origins.h"
#include "sio.h"

#define GIVE_BACK_MS 1000
#define GREETING_MS 50
#define OUTBOX_MAX (16 * 1024 * 1024)

/* `auth` comes a while behind the answer to CONNECT, or right before the answer
 * to what is said until then. The suites of the protocol listen for one message
 * after the other, and would miss the second of two that are there at once. */
struct greeting {
	uv_timer_t timer;
	struct sio_socket *socket;
	struct sio_message *message;
};

static void greeting_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void greeting_over(struct greeting *greeting)
{
	sio_socket_set_user(greeting->socket, NULL);
	sio_message_unref(greeting->message);
	uv_close((uv_handle_t *)&greeting->timer, greeting_closed);
}

static void greet(struct greeting *greeting)
{
	sio_send(greeting->socket, greeting->message, 0);
	greeting_over(greeting);
}

static void on_greeting_due(uv_timer_t *timer)
{
	greet(timer->data);
}

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	struct greeting *greeting = calloc(1, sizeof(*greeting));

	(void)user;
	sio_accept(socket);
	if (greeting == NULL)
		abort();
	greeting->socket = socket;
	greeting->message =
		sio_message_event("auth", handshake->auth, handshake->auth_len);
	sio_socket_set_user(socket, greeting);
	uv_timer_init(uv_default_loop(), &greeting->timer);
	greeting->timer.data = greeting;
	uv_timer_start(&greeting->timer, on_greeting_due, GREETING_MS, 0);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason,
			  void *user)
{
	struct greeting *greeting = sio_socket_user(socket);

	(void)reason;
	(void)user;
	if (greeting != NULL)
		greeting_over(greeting);
}

static void send_back(struct sio_socket *socket, const struct sio_event *event)
{
	struct sio_message *message = sio_message_event_binary(
		"message-back", event->args, event->args_len,
		event->attachments, event->attachments_len);

	sio_send(socket, message, 0);
	sio_message_unref(message);
}

static void acknowledge(struct sio_socket *socket,
			const struct sio_event *event)
{
	struct buf args;

	buf_init(&args, OUTBOX_MAX);
	buf_adds(&args, "[");
	buf_add(&args, event->args, event->args_len);
	buf_adds(&args, "]");
	sio_ack_binary(socket, event->ack, args.data, args.len,
		       event->attachments, event->attachments_len);
	buf_done(&args);
}

static void answered(struct sio_socket *socket, const struct sio_answer *answer,
		     void *user)
{
	(void)user;
	if (answer == NULL)
		return;
	struct sio_message *message = sio_message_event_binary(
		"answered", answer->args, answer->args_len, answer->attachments,
		answer->attachments_len);

	sio_send(socket, message, 0);
	sio_message_unref(message);
}

static void ask(struct sio_socket *socket, const struct sio_event *event)
{
	struct buf json;

	buf_init(&json, OUTBOX_MAX);
	buf_adds(&json, "[\"question\"");
	buf_adds(&json, event->args_len > 0 ? "," : "");
	buf_add(&json, event->args, event->args_len);
	buf_adds(&json, "]");
	sio_emit_with_ack(socket, json.data, json.len, answered, NULL);
	buf_done(&json);
}

static const struct {
	const char *name;
	void (*take)(struct sio_socket *socket, const struct sio_event *event);
} events[] = {
	{"message", send_back},
	{"message-with-ack", acknowledge},
	{"ask", ask},
};

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	struct greeting *greeting = sio_socket_user(socket);

	(void)user;
	if (greeting != NULL)
		greet(greeting);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strcmp(event->name, events[i].name) == 0)
			events[i].take(socket, event);
	}
}

static uint32_t rate; /* events a second, of all sockets; 0: any */

static bool on_admit(struct sio_socket *socket, size_t bytes, int64_t ack,
		     void *user)
{
	static int64_t second;
	static uint32_t admitted;
	int64_t now = clock_mono_ms() / 1000;

	(void)socket;
	(void)bytes;
	(void)ack;
	(void)user;
	if (now != second)
		admitted = 0;
	second = now;
	return rate == 0 || ++admitted <= rate;
}

static void engine_open(struct eio_session *session,
			const struct sio_handshake *handshake, void *user)
{
	(void)session;
	(void)handshake;
	(void)user;
}

static void engine_message(struct eio_session *session, const void *data,
			   size_t len, bool binary, void *user)
{
	(void)user;
	sio_engine_send(session, data, len, binary);
}

static void engine_close(struct eio_session *session, enum sio_reason reason,
			 void *user)
{
	(void)session;
	(void)reason;
	(void)user;
}

static const struct sio_handlers main_handlers = {
	.connect = on_connect,
	.event = on_event,
	.disconnect = on_disconnect,
	.admit = on_admit,
};
static const struct sio_handlers custom_handlers = {
	.connect = on_connect,
	.disconnect = on_disconnect,
};
static const struct sio_engine_handlers engine_handlers = {
	engine_open, engine_message, engine_close};

static bool allow_origin(const char *origin, const char *host, void *user)
{
	return origins_same_host(origin, host) ||
	       (user != NULL && origins_listed(user, origin));
}

static void on_give_back(uv_timer_t *timer)
{
	(void)timer;
	mem_give_back();
}

static void stop(uv_signal_t *signal, int number)
{
	(void)number;
	uv_close((uv_handle_t *)signal, NULL);
	sio_server_close(signal->data);
}

static void report(uv_signal_t *signal, int number)
{
	struct mallinfo2 heap = mallinfo2();
	struct sio_stats stats;

	(void)number;
	sio_server_stats(signal->data, &stats);
	printf("heap %zu connections %llu\n", heap.uordblks + heap.hblkhd,
	       (unsigned long long)stats.connections);
	fflush(stdout);
}

static void on_signal(uv_loop_t *loop, uv_signal_t *handle, int number,
		      uv_signal_cb callback, struct sio_server *server)
{
	uv_signal_init(loop, handle);
	handle->data = server;
	uv_signal_start(handle, callback, number);
	uv_unref((uv_handle_t *)handle);
}

/* What may be set, and where it goes. */
static const struct number {
	const char *name;
	size_t at;
} numbers[] = {
	{"ping-interval", offsetof(struct sio_config, ping_interval_ms)},
	{"ping-timeout", offsetof(struct sio_config, ping_timeout_ms)},
	{"connect-timeout", offsetof(struct sio_config, connect_timeout_ms)},
	{"packet-timeout", offsetof(struct sio_config, packet_timeout_ms)},
	{"max-connections", offsetof(struct sio_config, max_connections)},
	{"max-unfinished", offsetof(struct sio_config, max_unfinished)},
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))
#define OTHERS 4

static uint32_t *number_at(struct sio_config *config, size_t at)
{
	return (uint32_t *)(void *)((char *)config + at);
}

/* False: there is a word we do not know, or no port. */
static bool read_options(int argc, char **argv, struct sio_config *config,
			 int *port)
{
	struct option known[NUMBERS + OTHERS + 1] = {
		{"port", required_argument, NULL, 'p'},
		{"origin", required_argument, NULL, 'o'},
		{"trust-proxy", no_argument, NULL, 't'},
		{"rate", required_argument, NULL, 'r'},
	};
	int option, index;

	for (size_t i = 0; i < NUMBERS; i++)
		known[OTHERS + i] = (struct option){
			numbers[i].name, required_argument, NULL, 'n'};
	*port = -1;
	while ((option = getopt_long(argc, argv, "", known, &index)) != -1) {
		switch (option) {
		case 'p':
			*port = atoi(optarg);
			break;
		case 'o':
			config->user = optarg;
			break;
		case 't':
			config->trust_proxy = true;
			break;
		case 'r':
			rate = (uint32_t)atoi(optarg);
			break;
		case 'n':
			*number_at(config, numbers[index - OTHERS].at) =
				(uint32_t)atoi(optarg);
			break;
		default:
			return false;
		}
	}
	return *port >= 0 && optind == argc;
}

static struct sio_server *serve(uv_loop_t *loop,
				const struct sio_config *config)
{
	struct sio_server *server = sio_server_new(loop, config);

	sio_namespace(server, "/", &main_handlers, NULL);
	sio_namespace(server, "/custom", &custom_handlers, NULL);
	sio_engine(server, "/engine.io/", &engine_handlers, NULL);
	return server;
}

static void listen_on(struct sio_server *server, int port)
{
	char *error = sio_server_listen_tcp(server, "127.0.0.1", &port);

	if (error != NULL) {
		fprintf(stderr, "sio-echo-server: %s\n", error);
		exit(1);
	}
	printf("listening %d\n", port);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sio_config config = {
		.ping_interval_ms = 300,
		.ping_timeout_ms = 200,
		.connect_timeout_ms = 1000,
		.max_payload = 1000000,
		.outbox_max = OUTBOX_MAX,
		.allow_origin = allow_origin,
		.now_ms = clock_mono_ms,
		.random = crypt_random,
	};
	uv_loop_t *loop = uv_default_loop();
	uv_timer_t give_back;
	uv_signal_t term, usr1;
	int port;

	if (!read_options(argc, argv, &config, &port) || !crypt_init()) {
		fprintf(stderr,
			"usage: sio-echo-server --port N [--origin O] "
			"[--trust-proxy] [--rate N] [--NAME NUMBER]...\n");
		return 1;
	}
	struct sio_server *server = serve(loop, &config);

	on_signal(loop, &term, SIGTERM, stop, server);
	on_signal(loop, &usr1, SIGUSR1, report, server);
	mem_give_back_big();
	uv_timer_init(loop, &give_back);
	uv_timer_start(&give_back, on_give_back, GIVE_BACK_MS, GIVE_BACK_MS);
	uv_unref((uv_handle_t *)&give_back);
	listen_on(server, port); /* whoever reads that may signal us */
	uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&usr1, NULL);
	uv_close((uv_handle_t *)&give_back, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	sio_server_free(server);
	uv_loop_close(loop);
	return 0;
}
