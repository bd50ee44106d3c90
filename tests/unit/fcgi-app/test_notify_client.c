#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "announce.h"
#include "buf.h"
#include "clock.h"
#include "mem.h"
#include "notify_client.h"
#include "notify_frame.h"

#define ANN "0123456789abcdef01234567"
#define BOB "0123456789abcdef01234568"

/* The other end: what pushd's socket is to a worker. */
struct daemon {
	char directory[32];
	char *path;
	int listener, fd;
	struct notify_decoder *in;
};

static void open_daemon(struct daemon *daemon)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(address.sun_path, daemon->path);
	daemon->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(daemon->path);
	assert_int_equal(bind(daemon->listener, (struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	assert_int_equal(listen(daemon->listener, 4), 0);
}

static void close_daemon(struct daemon *daemon)
{
	if (daemon->fd >= 0)
		close(daemon->fd);
	close(daemon->listener);
	notify_decoder_free(daemon->in);
	daemon->in = NULL;
	daemon->fd = -1;
}

static int set_up(void **state)
{
	struct daemon *daemon = xcalloc(1, sizeof(*daemon));

	strcpy(daemon->directory, "/tmp/palabre-ntf.XXXXXX");
	assert_non_null(mkdtemp(daemon->directory));
	daemon->path = xasprintf("%s/n.sock", daemon->directory);
	daemon->fd = -1;
	open_daemon(daemon);
	*state = daemon;
	return 0;
}

static int tear_down(void **state)
{
	struct daemon *daemon = *state;

	close_daemon(daemon);
	unlink(daemon->path);
	rmdir(daemon->directory);
	free(daemon->path);
	free(daemon);
	return 0;
}

static void take_connection(struct daemon *daemon)
{
	daemon->fd = accept(daemon->listener, NULL, NULL);
	assert_true(daemon->fd >= 0);
	notify_decoder_free(daemon->in);
	daemon->in = notify_decoder_new();
}

static struct notify_client *connect_worker(struct daemon *daemon)
{
	struct notify_client *client =
		notify_client_new(daemon->path, "api", NULL, NULL);

	take_connection(daemon);
	return client;
}

/* The next frame's kind, -1 at the end of the stream. */
static int next_frame(struct daemon *daemon, struct notify_frame *frame)
{
	static char chunk[512]; /* frames are read where they lie */
	ssize_t got;

	while (notify_decoder_next(daemon->in, frame) != NOTIFY_FRAME) {
		got = recv(daemon->fd, chunk, sizeof(chunk), 0);
		if (got <= 0)
			return -1;
		notify_decoder_feed(daemon->in, chunk, (size_t)got);
	}
	return (int)frame->kind;
}

static int next_kind(struct daemon *daemon)
{
	struct notify_frame frame;

	return next_frame(daemon, &frame);
}

/* payload may be NULL. */
static void tell(struct daemon *daemon, const char *head, const char *payload)
{
	struct notify_parts parts = {
		.head = head,
		.head_len = strlen(head),
		.payload = payload,
		.payload_len = payload != NULL ? strlen(payload) : 0,
	};
	struct buf wire;

	buf_init(&wire, 10000);
	assert_true(notify_frame_add(&wire, NOTIFY_PRESENCE, &parts));
	assert_int_equal(send(daemon->fd, wire.data, wire.len, 0), wire.len);
	buf_done(&wire);
}

static void a_worker_says_hello_events_and_bye(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);
	struct notify_frame frame;

	assert_int_equal(next_frame(daemon, &frame), NOTIFY_HELLO);
	assert_non_null(
		memmem(frame.body, frame.body_len, "\"pool\":\"api\"", 12));
	announce_join(notify_out(client), ANN, "c:1");
	announce_leave(notify_out(client), ANN, "c:1", NULL);
	notify_flush(client);
	assert_int_equal(notify_out(client)->len, 0);
	assert_int_equal(next_kind(daemon), NOTIFY_JOIN);
	assert_int_equal(next_kind(daemon), NOTIFY_LEAVE);
	notify_client_free(client);
	assert_int_equal(next_kind(daemon), NOTIFY_BYE);
	assert_int_equal(next_kind(daemon), -1);
}

static bool next_says(struct daemon *daemon, int kind, const char *text)
{
	struct notify_frame frame;

	return next_frame(daemon, &frame) == kind &&
	       memmem(frame.body, frame.body_len, text, strlen(text)) != NULL;
}

static void a_worker_says_up_to_where_it_has_announced_all(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client =
		notify_client_new(daemon->path, "api", ANN, NULL);

	take_connection(daemon);
	assert_true(
		next_says(daemon, NOTIFY_HELLO, "\"position\":\"" ANN "\""));
	notify_say_position(client, ANN);
	notify_say_position(client, BOB);
	assert_true(
		next_says(daemon, NOTIFY_POSITION, "\"position\":\"" BOB "\""));
	/* What is written while nobody listens may be lost: it does not move
	 * on, and says so to the next daemon. */
	close_daemon(daemon);
	notify_tick(client);
	notify_say_position(client, "ffffffffffffffffffffffff");
	open_daemon(daemon);
	notify_tick(client);
	take_connection(daemon);
	assert_true(
		next_says(daemon, NOTIFY_HELLO, "\"position\":\"" BOB "\""));
	notify_client_free(client);
}

static void a_daemon_that_came_back_is_found_by_the_next_event(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);

	close_daemon(daemon);
	open_daemon(daemon);
	announce_join(notify_out(client), ANN, "c:1");
	notify_flush(client);
	take_connection(daemon);
	assert_int_equal(next_kind(daemon), NOTIFY_HELLO);
	assert_int_equal(next_kind(daemon), NOTIFY_JOIN);
	notify_client_free(client);
}

static void an_idle_worker_finds_it_too(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client =
		notify_client_new(daemon->path, "rt", NULL, NULL);

	take_connection(daemon);
	close_daemon(daemon);
	notify_tick(client);
	open_daemon(daemon);
	notify_tick(client);
	take_connection(daemon);
	assert_int_equal(next_kind(daemon), NOTIFY_HELLO);
	notify_client_free(client);
}

static void without_a_daemon_nothing_waits(void **state)
{
	struct daemon *daemon = *state;

	close_daemon(daemon);
	int64_t began = clock_mono_ms();
	struct notify_client *client =
		notify_client_new(daemon->path, "api", NULL, NULL);
	const char *ids[] = {ANN};
	bool online = true;

	announce_join(notify_out(client), ANN, "c:1");
	notify_flush(client);
	assert_int_equal(notify_out(client)->len, 0);
	/* Not 50 ms each, as for an answer. */
	for (int i = 0; i < 100; i++)
		assert_false(notify_online(client, ids, 1, &online));
	assert_false(online);
	assert_false(notify_alive(client));
	notify_client_free(client);
	assert_true(clock_mono_ms() - began < 2500);
	open_daemon(daemon);
}

static void a_daemon_that_reads_nothing_is_left_without_bye(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);
	char room[2000];
	int kind;

	memset(room, 'r', sizeof(room) - 1);
	room[sizeof(room) - 1] = '\0';
	while (notify_out(client)->len < 2 * 1024 * 1024)
		announce_join(notify_out(client), ANN, room);
	int64_t began = clock_mono_ms();

	notify_flush(client);
	assert_in_range(clock_mono_ms() - began, 45, 5000);
	close(daemon->listener); /* or it would connect again */
	notify_client_free(client);
	do
		kind = next_kind(daemon);
	while (kind == NOTIFY_HELLO || kind == NOTIFY_JOIN);
	assert_int_equal(kind, -1);
	open_daemon(daemon);
}

static void what_does_not_fit_ends_the_connection_without_bye(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);

	notify_out(client)->overflow = true;
	notify_flush(client);
	assert_false(notify_out(client)->overflow);
	assert_int_equal(next_kind(daemon), NOTIFY_HELLO);
	assert_int_equal(next_kind(daemon), -1);
	notify_client_free(client);
}

static void who_is_online_is_what_the_daemon_says(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);
	const char *ids[] = {ANN, BOB};
	bool online[2] = {true, false};
	char some[4][ID_SIZE];
	struct notify_frame frame;

	/* Answers are matched by number: one that is late or of nobody's
	 * question is passed over. */
	tell(daemon, "{\"id\":99}", "11");
	tell(daemon, "{\"id\":1}", "01");
	assert_true(notify_online(client, ids, 2, online));
	assert_false(online[0]);
	assert_true(online[1]);
	tell(daemon, "{\"id\":2}", "1");
	assert_false(notify_online(client, ids, 2, online));
	assert_false(online[0]);
	tell(daemon, "{\"id\":3,\"online\":[\"" ANN "\",\"../x\",\"" BOB "\"]}",
	     NULL);
	assert_int_equal(notify_online_some(client, true, 4, some), 2);
	assert_string_equal(some[1], BOB);
	notify_client_free(client);
	assert_int_equal(next_kind(daemon), NOTIFY_HELLO);
	assert_true(next_says(daemon, NOTIFY_PRESENCE, "\n" ANN BOB));
	assert_true(next_says(daemon, NOTIFY_PRESENCE, "\n" ANN BOB));
	/* Without ids it asks of all. */
	assert_int_equal(next_frame(daemon, &frame), NOTIFY_PRESENCE);
	assert_null(memchr(frame.body, '\n', frame.body_len));
}

static void a_question_comes_behind_what_waits(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);
	const char *ids[] = {ANN};
	bool online;

	announce_leave(notify_out(client), ANN, "c:x", NULL);
	tell(daemon, "{\"id\":1}", "1");
	assert_true(notify_online(client, ids, 1, &online));
	assert_true(online);
	announce_leave(notify_out(client), ANN, "c:x", NULL);
	tell(daemon, "{\"id\":2}", "");
	assert_true(notify_confirm(client, 50));
	notify_flush(client);
	assert_int_equal(next_kind(daemon), NOTIFY_HELLO);
	assert_int_equal(next_kind(daemon), NOTIFY_LEAVE);
	assert_int_equal(next_kind(daemon), NOTIFY_PRESENCE);
	assert_int_equal(next_kind(daemon), NOTIFY_LEAVE);
	assert_int_equal(next_kind(daemon), NOTIFY_PRESENCE);
	notify_client_free(client);
	assert_int_equal(next_kind(daemon), NOTIFY_BYE);
}

static void a_silent_daemon_costs_50_ms_once_not_every_time(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);
	const char *ids[] = {ANN};
	bool online;
	int64_t began = clock_mono_ms();

	for (int i = 0; i < 100; i++)
		assert_false(notify_online(client, ids, 1, &online));
	assert_in_range(clock_mono_ms() - began, 45, 2500);
	notify_client_free(client);
}

static void a_malformed_answer_ends_the_connection(void **state)
{
	struct daemon *daemon = *state;
	struct notify_client *client = connect_worker(daemon);
	const char *ids[] = {ANN};
	bool online;

	assert_int_equal(send(daemon->fd, "\xff\xff\xff\xff\xff", 5, 0), 5);
	assert_false(notify_online(client, ids, 1, &online));
	assert_int_equal(next_kind(daemon), NOTIFY_HELLO);
	assert_int_equal(next_kind(daemon), NOTIFY_PRESENCE);
	assert_int_equal(next_kind(daemon), -1);
	notify_client_free(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_worker_says_hello_events_and_bye),
		TEST(a_worker_says_up_to_where_it_has_announced_all),
		TEST(a_daemon_that_came_back_is_found_by_the_next_event),
		TEST(an_idle_worker_finds_it_too),
		TEST(without_a_daemon_nothing_waits),
		TEST(a_daemon_that_reads_nothing_is_left_without_bye),
		TEST(what_does_not_fit_ends_the_connection_without_bye),
		TEST(who_is_online_is_what_the_daemon_says),
		TEST(a_question_comes_behind_what_waits),
		TEST(a_silent_daemon_costs_50_ms_once_not_every_time),
		TEST(a_malformed_answer_ends_the_connection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
