/*
 * sio-bench-server - libsio with one room that everyone is in. What a socket
 * says, `["say",{..}]`, goes to all of it as `["message:new",{..}]`.
 *
 *     sio-bench-server PORT           0: any; prints "listening N"
 *
 * Lines on standard input, each answered "sent N" when it is done:
 *
 *     rate R SECONDS     R events a second to the room
 *     flood SECONDS      as many as connection 0 of ws-load keeps up with:
 *                        a few batches are under way, each "next" from it
 *                        lets the next one go
 *
 * Each event is 150 bytes on the wire and encoded anew. Limits are libsio's
 * defaults but for the outbox. The end of input ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "crypt.h"
#include "sio.h"

#define OUTBOX_MAX (4 * 1024 * 1024)
#define EVENT_SIZE 148 /* and "42" before it */
#define SAY_MAX 1024
#define BATCH 64
#define UNDER_WAY 4
#define TICK_MS 10

static struct bench {
	uv_loop_t *loop;
	struct sio_server *server;
	uv_pipe_t input;
	uv_timer_t timer;
	char line[128];
	size_t line_len;
	uint64_t sent;
	uint64_t began_ms, ends_ms;
	double rate; /* events a second; 0: flood */
} bench;

static void send_event(const char *kind)
{
	char json[EVENT_SIZE + 1];
	int len = snprintf(json, sizeof(json),
			   "[\"message:%s\",{\"_id\":\"%024llx\",\"text\":\"",
			   kind, (unsigned long long)bench.sent);

	memset(json + len, 'x', (size_t)(EVENT_SIZE - len));
	memcpy(json + EVENT_SIZE - 3, "\"}]", 3);

	struct sio_message *message = sio_message_new(json, EVENT_SIZE);

	sio_send_room(bench.server, "/", "all", message, 0, NULL);
	sio_message_unref(message);
	bench.sent++;
}

static void finished(void)
{
	uv_timer_stop(&bench.timer);
	bench.ends_ms = 0;
	printf("sent %llu\n", (unsigned long long)bench.sent);
	fflush(stdout);
}

static void batch(void)
{
	if (bench.ends_ms == 0)
		return;
	if (uv_now(bench.loop) >= bench.ends_ms) {
		finished();
		return;
	}
	for (int i = 1; i < BATCH; i++)
		send_event("new");
	send_event("end");
}

static void tick(uv_timer_t *timer)
{
	uint64_t now = uv_now(bench.loop);
	uint64_t until = now < bench.ends_ms ? now : bench.ends_ms;
	double due = bench.rate * (double)(until - bench.began_ms) / 1000;

	(void)timer;
	while ((double)bench.sent < due)
		send_event("new");
	if (now >= bench.ends_ms)
		finished();
}

static void begin(double rate, unsigned seconds)
{
	uv_update_time(bench.loop);
	bench.sent = 0;
	bench.rate = rate;
	bench.began_ms = uv_now(bench.loop);
	bench.ends_ms = bench.began_ms + seconds * UINT64_C(1000);
	if (rate > 0)
		uv_timer_start(&bench.timer, tick, TICK_MS, TICK_MS);
	for (int i = 0; rate <= 0 && i < UNDER_WAY; i++)
		batch();
}

static void command(const char *line)
{
	unsigned seconds;
	double rate;

	if (sscanf(line, "rate %lf %u", &rate, &seconds) == 2 && rate > 0)
		begin(rate, seconds);
	else if (sscanf(line, "flood %u", &seconds) == 1)
		begin(0, seconds);
	else
		fprintf(stderr, "sio-bench-server: \"%s\"?\n", line);
}

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	(void)handshake;
	(void)user;
	sio_accept(socket);
	sio_join(socket, "all");
}

static void say(const struct sio_event *event)
{
	char json[SAY_MAX];
	int len = snprintf(json, sizeof(json), "[\"message:new\",%.*s]",
			   (int)event->args_len, event->args);

	if (len >= SAY_MAX)
		return;

	struct sio_message *message = sio_message_new(json, (size_t)len);

	sio_send_room(bench.server, "/", "all", message, 0, NULL);
	sio_message_unref(message);
}

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	(void)socket;
	(void)user;
	if (strcmp(event->name, "next") == 0)
		batch();
	else if (strcmp(event->name, "say") == 0)
		say(event);
}

static const struct sio_handlers handlers = {
	.connect = on_connect,
	.event = on_event,
};

static void line_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)handle;
	(void)suggested;
	*buf = uv_buf_init(bench.line + bench.line_len,
			   (unsigned)(sizeof(bench.line) - bench.line_len - 1));
}

static void on_input(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	char *end;

	(void)buf;
	if (got < 0) {
		uv_close((uv_handle_t *)stream, NULL);
		uv_close((uv_handle_t *)&bench.timer, NULL);
		sio_server_close(bench.server);
		return;
	}
	bench.line_len += (size_t)got;
	bench.line[bench.line_len] = '\0';
	while ((end = strchr(bench.line, '\n')) != NULL) {
		*end++ = '\0';
		command(bench.line);
		bench.line_len -= (size_t)(end - bench.line);
		memmove(bench.line, end, bench.line_len + 1);
	}
}

static bool listening(int port)
{
	char *error = sio_server_listen_tcp(bench.server, "127.0.0.1", &port);

	if (error != NULL) {
		fprintf(stderr, "sio-bench-server: %s\n", error);
		return false;
	}
	printf("listening %d\n", port);
	fflush(stdout);
	return true;
}

int main(int argc, char **argv)
{
	const struct sio_config config = {
		.outbox_max = OUTBOX_MAX,
		.now_ms = clock_mono_ms,
		.random = crypt_random,
	};
	struct rlimit limit;

	if (argc != 2 || !crypt_init()) {
		fprintf(stderr, "usage: sio-bench-server PORT\n");
		return 1;
	}
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	bench.loop = uv_default_loop();
	bench.server = sio_server_new(bench.loop, &config);
	sio_namespace(bench.server, "/", &handlers, NULL);
	if (!listening(atoi(argv[1])))
		return 1;
	uv_timer_init(bench.loop, &bench.timer);
	uv_pipe_init(bench.loop, &bench.input, 0);
	uv_pipe_open(&bench.input, 0);
	uv_read_start((uv_stream_t *)&bench.input, line_room, on_input);
	uv_run(bench.loop, UV_RUN_DEFAULT);
	sio_server_free(bench.server);
	uv_loop_close(bench.loop);
	return 0;
}
