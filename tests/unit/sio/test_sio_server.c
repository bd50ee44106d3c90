#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "crypt.h"
#include "sio.h"

/* The edge over real sockets, client and server in one thread. */
#define UPGRADE                                                                \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n"                        \
	"Sec-WebSocket-Version: 13\r\n"                                        \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define PATIENCE 3000 /* turns of about a millisecond */

static uv_loop_t loop;
static struct sio_server *server;
static int port;
static char seen[1024]; /* the handshake */
static struct sio_socket *socket_now;
static char answer[300000];
static size_t answer_len;

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	char token[16];

	(void)user;
	sio_query(handshake, "token", token, sizeof(token));
	snprintf(seen, sizeof(seen), "%s %s %s %s %s %s %s", handshake->address,
		 handshake->host, handshake->origin, handshake->user_agent,
		 handshake->request_id, token, handshake->transport);
	socket_now = socket;
	sio_accept(socket);
}

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	struct sio_message *message =
		sio_message_event("said", event->args, event->args_len);

	(void)user;
	sio_send(socket, message, 0);
	sio_message_unref(message);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason,
			  void *user)
{
	(void)user;
	(void)reason;
	if (socket == socket_now)
		socket_now = NULL;
}

static const struct sio_handlers handlers = {
	.connect = on_connect,
	.event = on_event,
	.disconnect = on_disconnect,
};

static void start_with(struct sio_config config)
{
	config.now_ms = clock_mono_ms;
	config.random = crypt_random;
	assert_int_equal(uv_loop_init(&loop), 0);
	server = sio_server_new(&loop, &config);
	sio_namespace(server, "/", &handlers, NULL);
	port = 0;
	assert_null(sio_server_listen_tcp(server, "127.0.0.1", &port));
	socket_now = NULL;
	seen[0] = '\0';
}

static int start(void **state)
{
	(void)state;
	start_with((struct sio_config){.outbox_max = 100000});
	return 0;
}

static int stop(void **state)
{
	(void)state;
	sio_server_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);
	sio_server_free(server);
	return uv_loop_close(&loop);
}

static void turn(void)
{
	uv_run(&loop, UV_RUN_NOWAIT);
	usleep(1000);
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Loop until what came holds `wanted`; false: it never did. NULL: until the
 * end of the stream. */
static bool hear(int fd, const char *wanted)
{
	for (int i = 0; i < PATIENCE; i++) {
		ssize_t got =
			recv(fd, answer + answer_len,
			     sizeof(answer) - answer_len - 1, MSG_DONTWAIT);

		if (got == 0)
			return wanted == NULL;
		if (got > 0)
			answer_len += (size_t)got;
		answer[answer_len] = '\0';
		if (wanted != NULL &&
		    memmem(answer, answer_len, wanted, strlen(wanted)) != NULL)
			return true;
		turn();
	}
	return false;
}

static void say(int fd, const char *text)
{
	answer_len = 0;
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void say_frame(int fd, const char *text)
{
	uint8_t frame[6 + 100] = {0x81, (uint8_t)(0x80 | strlen(text))};

	memcpy(frame + 6, text, strlen(text));
	assert_int_equal(send(fd, frame, 6 + strlen(text), MSG_NOSIGNAL),
			 6 + strlen(text));
}

static int open_ws(const char *headers)
{
	char text[1024];
	int fd = dial();

	snprintf(text, sizeof(text),
		 "GET /socket.io/?EIO=4&transport=websocket&token=a%%20b "
		 "HTTP/1.1\r\n%s" UPGRADE "\r\n",
		 headers);
	say(fd, text);
	return fd;
}

static void a_websocket_gets_in_and_its_handshake_is_known(void **state)
{
	int fd = open_ws("Host: chat.example\r\nOrigin: http://chat.example\r\n"
			 "User-Agent: test/1\r\nX-Request-Id: r-1\r\n"
			 "X-Real-IP: 203.0.113.9\r\n");

	(void)state;
	assert_true(hear(fd, "\"upgrades\":[]"));
	say_frame(fd, "40");
	assert_true(hear(fd, "40{\"sid\":\""));
	assert_string_equal(seen, "127.0.0.1 chat.example http://chat.example "
				  "test/1 r-1 a b websocket");
	close(fd);
}

static void behind_a_proxy_the_address_is_x_real_ip(void **state)
{
	int fd;

	(void)state;
	start_with((struct sio_config){.trust_proxy = true});
	fd = open_ws("Host: h\r\nX-Real-IP: 203.0.113.9\r\n");
	assert_true(hear(fd, "\"upgrades\":[]"));
	say_frame(fd, "40");
	assert_true(hear(fd, "40{\"sid\":\""));
	assert_memory_equal(seen, "203.0.113.9 ", 12);
	close(fd);
	stop(NULL);
}

static void a_foreign_origin_is_forbidden_by_every_transport(void **state)
{
	int fd = open_ws("Host: h\r\nOrigin: http://evil.example\r\n");

	(void)state;
	assert_true(hear(fd, " 403 Forbidden"));
	assert_false(hear(fd, " 101 "));
	close(fd);
	fd = dial();
	say(fd,
	    "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n"
	    "Origin: http://evil.example\r\n\r\n");
	assert_true(hear(fd, "{\"code\":4,\"message\":\"Forbidden\"}"));
	assert_null(strcasestr(answer, "access-control"));
	close(fd);
}

static void a_body_without_a_length_is_refused(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
		"Host: h\r\n\r\n");
	assert_true(hear(fd, "HTTP/1.1 411"));
	close(fd);
}

static void an_unknown_path_is_404_in_json(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, "GET /other HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(fd, "{\"code\":3,\"message\":\"Not found\"}"));
	assert_non_null(strstr(answer, "HTTP/1.1 404"));
	close(fd);
}

static void a_close_frame_follows_all_that_waited(void **state)
{
	struct sio_message *message;
	char *json = malloc(40001);
	int fd = open_ws("Host: h\r\n");

	(void)state;
	assert_true(hear(fd, "\"upgrades\":[]"));
	say_frame(fd, "40");
	assert_true(hear(fd, "40{\"sid\":\""));
	memset(json, 'x', 40000);
	memcpy(json, "[\"", 2);
	memcpy(json + 39998, "\"]", 3);
	message = sio_message_new(json, 40000);
	sio_send(socket_now, message, 0);
	sio_send(socket_now, message, 0);
	sio_message_unref(message);
	free(json);
	sio_close(socket_now, 4001, "session-expired");
	answer_len = 0;
	assert_true(hear(fd, "session-expired"));
	assert_int_equal(answer_len, 2 * (4 + 2 + 40000) + 4 + 15);
	assert_memory_equal(answer + answer_len - 19, "\x88\x11\x0f\xa1", 4);
	assert_true(hear(fd, NULL)); /* a peer that does not answer it, too */
	assert_null(socket_now);
	close(fd);
}

static struct sio_socket *enter(int *fd)
{
	*fd = open_ws("Host: h\r\n");
	assert_true(hear(*fd, "\"upgrades\":[]"));
	say_frame(*fd, "40");
	assert_true(hear(*fd, "40{\"sid\":\""));
	return socket_now;
}

/* The buffer of the last write serves the next connection only when it is to
 * get the very same. */
static void each_gets_its_own_messages_in_order_in_one_turn(void **state)
{
	static const char *const texts[] = {"[\"0\"]", "[\"1\"]", "[\"2\"]"};
	static const char *const plans[] = {"01", "0", "012", "10", "01", "2"};
	struct sio_message *messages[3];
	struct sio_socket *sockets[6];
	int fds[6];

	(void)state;
	for (int i = 0; i < 3; i++)
		messages[i] = sio_message_new(texts[i], 5);
	for (int i = 0; i < 6; i++)
		sockets[i] = enter(&fds[i]);
	for (int i = 0; i < 6; i++) {
		for (const char *at = plans[i]; *at != '\0'; at++)
			sio_send(sockets[i], messages[*at - '0'], 0);
	}
	for (int i = 0; i < 6; i++) {
		char expected[64] = "";

		for (const char *at = plans[i]; *at != '\0'; at++) {
			strcat(expected, "\x81\x07"
					 "42");
			strcat(expected, texts[*at - '0']);
		}
		answer_len = 0;
		assert_true(hear(fds[i], expected));
		assert_int_equal(answer_len, strlen(expected));
		close(fds[i]);
	}
	for (int i = 0; i < 3; i++)
		sio_message_unref(messages[i]);
}

static void who_never_reads_is_closed_and_memory_stays_bounded(void **state)
{
	char *json = malloc(10001);
	int small = 4096;
	int fd = open_ws("Host: h\r\n");

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_true(hear(fd, "\"upgrades\":[]"));
	say_frame(fd, "40");
	assert_true(hear(fd, "40{\"sid\":\""));
	memset(json, 'x', 10000);
	memcpy(json, "[\"", 2);
	memcpy(json + 9998, "\"]", 3);
	for (int i = 0; i < PATIENCE && socket_now != NULL; i++) {
		struct sio_message *message = sio_message_new(json, 10000);

		sio_send(socket_now, message, 0);
		sio_message_unref(message);
		assert_true(sio_socket_waiting(socket_now) <= 100000);
		turn();
	}
	free(json);
	assert_null(socket_now);
	struct sio_stats stats;

	sio_server_stats(server, &stats);
	assert_int_equal(stats.overflows, 1);
	assert_int_equal(stats.connections, 0);
	close(fd);
}

static uint64_t writes_now(void)
{
	struct sio_stats stats;

	sio_server_stats(server, &stats);
	return stats.writes;
}

static void what_can_be_read_is_read_before_anything_is_written(void **state)
{
	static const char one[] = "42[\"say\",\"0123456789012345678901234567"
				  "8901234567890123456789\"]";
	uint8_t frames[60 * (6 + sizeof(one))];
	size_t len = 0;
	int fd = open_ws("Host: h\r\n");

	(void)state;
	assert_true(hear(fd, "\"upgrades\":[]"));
	say_frame(fd, "40");
	assert_true(hear(fd, "40{\"sid\":\""));
	for (int i = 0; i < 60; i++) {
		memcpy(frames + len,
		       (uint8_t[6]){0x81, 0x80 | (sizeof(one) - 1)}, 6);
		memcpy(frames + len + 6, one, sizeof(one) - 1);
		len += 6 + sizeof(one) - 1;
	}
	uint64_t before = writes_now();

	answer_len = 0;
	assert_int_equal(send(fd, frames, len, MSG_NOSIGNAL), len);
	/* No sleep: what is put off is put off for microseconds. */
	for (int i = 0; i < 1000; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
	assert_true(hear(fd, "42[\"said\",\"0123"));
	/* Eight reads of 512 bytes; a slow machine may have ended it early. */
	assert_in_range(writes_now() - before, 1, 5);
	close(fd);
}

static void listening_says_what_is_wrong_in_one_line(void **state)
{
	char path[200];
	char *error;
	int taken = port;

	(void)state;
	error = sio_server_listen_tcp(server, "127.0.0.1", &taken);
	assert_non_null(strstr(error, "Address already in use"));
	free(error);
	error = sio_server_listen_tcp(server, "localhost", &taken);
	assert_string_equal(error, "localhost: not an IP address");
	free(error);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	error = sio_server_listen_unix(server, path, 0600);
	assert_non_null(strstr(error, "too long"));
	free(error);
	error = sio_server_listen_unix(server, "/nowhere/at/all", 0600);
	assert_non_null(strstr(error, "no such directory"));
	free(error);
}

static void a_unix_socket_has_its_mode_and_goes_with_the_server(void **state)
{
	char dir[] = "/tmp/sio-test-XXXXXX", path[64];
	struct stat status;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	assert_null(sio_server_listen_unix(server, path, 0640));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	sio_server_close(server);
	assert_int_not_equal(access(path, F_OK), 0);
	rmdir(dir);
}

static void closing_tells_clients_and_leaves_nothing_in_the_loop(void **state)
{
	int ws = open_ws("Host: h\r\n");
	int poll = dial();

	(void)state;
	assert_true(hear(ws, "\"upgrades\":[]"));
	say(poll, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
		  "Host: h\r\n\r\n");
	assert_true(hear(poll, "\"upgrades\":[\"websocket\"]"));
	sio_server_close(server);
	answer_len = 0;
	assert_true(hear(ws, "\x03\xe9going away"));
	close(ws);
	close(poll); /* stop() proves that the loop runs out */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_websocket_gets_in_and_its_handshake_is_known),
		cmocka_unit_test(behind_a_proxy_the_address_is_x_real_ip),
		TEST(a_foreign_origin_is_forbidden_by_every_transport),
		TEST(a_body_without_a_length_is_refused),
		TEST(an_unknown_path_is_404_in_json),
		TEST(a_close_frame_follows_all_that_waited),
		TEST(each_gets_its_own_messages_in_order_in_one_turn),
		TEST(who_never_reads_is_closed_and_memory_stays_bounded),
		TEST(what_can_be_read_is_read_before_anything_is_written),
		TEST(listening_says_what_is_wrong_in_one_line),
		TEST(a_unix_socket_has_its_mode_and_goes_with_the_server),
		TEST(closing_tells_clients_and_leaves_nothing_in_the_loop),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
