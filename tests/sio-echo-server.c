/*
 * sio-echo-server - libsio and nothing else, for conformance suites to try:
 *
 *     sio-echo-server --port N        0: any; prints "listening N"
 *
 * 127.0.0.1 only. On /socket.io/ the namespaces / and /custom say `auth` with
 * the handshake's auth; in / `message` comes back as `message-back` and
 * `message-with-ack` is acknowledged with its arguments. On /engine.io/ each
 * message comes back as it came. Stops on SIGTERM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "crypt.h"
#include "sio.h"

#define OUTBOX_MAX (16 * 1024 * 1024)

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	struct sio_message *message =
		sio_message_event("auth", handshake->auth, handshake->auth_len);

	(void)user;
	sio_accept(socket);
	sio_send(socket, message, 0);
	sio_message_unref(message);
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

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	(void)user;
	if (strcmp(event->name, "message") == 0)
		send_back(socket, event);
	else if (strcmp(event->name, "message-with-ack") == 0)
		acknowledge(socket, event);
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
};
static const struct sio_handlers custom_handlers = {.connect = on_connect};
static const struct sio_engine_handlers engine_handlers = {
	engine_open, engine_message, engine_close};

static void stop(uv_signal_t *signal, int number)
{
	(void)number;
	uv_close((uv_handle_t *)signal, NULL);
	sio_server_close(signal->data);
}

int main(int argc, char **argv)
{
	struct sio_config config = {
		.ping_interval_ms = 300,
		.ping_timeout_ms = 200,
		.connect_timeout_ms = 1000,
		.max_payload = 1000000,
		.outbox_max = OUTBOX_MAX,
		.now_ms = clock_mono_ms,
		.random = crypt_random,
	};
	uv_loop_t *loop = uv_default_loop();
	uv_signal_t signal;

	if (argc != 3 || strcmp(argv[1], "--port") != 0 || !crypt_init()) {
		fprintf(stderr, "usage: sio-echo-server --port N\n");
		return 1;
	}
	struct sio_server *server = sio_server_new(loop, &config);
	int port = atoi(argv[2]);

	sio_namespace(server, "/", &main_handlers, NULL);
	sio_namespace(server, "/custom", &custom_handlers, NULL);
	sio_engine(server, "/engine.io/", &engine_handlers, NULL);
	char *error = sio_server_listen_tcp(server, "127.0.0.1", &port);

	if (error != NULL) {
		fprintf(stderr, "sio-echo-server: %s\n", error);
		return 1;
	}
	uv_signal_init(loop, &signal);
	signal.data = server;
	uv_signal_start(&signal, stop, SIGTERM);
	printf("listening %d\n", port);
	fflush(stdout);
	uv_run(loop, UV_RUN_DEFAULT);
	sio_server_free(server);
	uv_loop_close(loop);
	return 0;
}
