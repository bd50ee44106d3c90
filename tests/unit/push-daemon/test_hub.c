/* The hub between a fake edge and fake workers: what people see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "hub.h"
#include "ids.h"
#include "mem.h"
#include "notify_frame.h"
#include "sio_message.h"
#include "sio_wire.h"

#define ANN "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define CONVERSATION "cccccccccccccccccccccccc"
#define WALL 1700000000000

static struct hub *hub;
static int64_t now;
static bool workers_down;

/* ---- fake edge: a transcript for each client ---- */

struct fake {
	struct client client;
	char seen[8192];
	bool gone;
};

static void note(struct client *client, const char *what, const char *text,
		 size_t len)
{
	struct fake *fake = (struct fake *)client;
	size_t at = strlen(fake->seen);

	snprintf(fake->seen + at, sizeof(fake->seen) - at, "%s%.*s\n", what,
		 (int)len, text);
}

static void fake_accept(struct client *client)
{
	note(client, "accepted", "", 0);
}

static void fake_refuse(struct client *client, const char *message,
			const char *data)
{
	note(client, "refused ", message, strlen(message));
	note(client, "data ", data, strlen(data));
	((struct fake *)client)->gone = true;
}

static void fake_send(struct client *client, struct sio_message *message,
		      bool droppable)
{
	const struct eio_message *wire = sio_message_wire(message, "/");
	struct eio_packet packet;
	size_t at = 0;

	assert_true(eio_message_next(wire, &at, &packet));
	/* After Socket.IO's packet type. */
	note(client, droppable ? "?" : "!", (const char *)packet.data + 1,
	     packet.len - 1);
}

static void fake_ack(struct client *client, int64_t ack, const char *json,
		     size_t len)
{
	char what[32];

	snprintf(what, sizeof(what), "ack%d ", (int)ack);
	note(client, what, json, len);
}

static void fake_close(struct client *client)
{
	note(client, "closed", "", 0);
}

static void fake_drop(struct client *client)
{
	note(client, "dropped", "", 0);
}

static int freed;

static void fake_free(struct client *client)
{
	(void)client; /* it is the test's */
	freed++;
}

static const struct client_ops ops = {fake_accept, fake_refuse, fake_send,
				      fake_ack,	   fake_close,	fake_drop,
				      fake_free};

/* ---- fake workers: what they are asked, and what they answer ---- */

static char asked[8192];
static struct api_command held; /* the last one, unanswered */
static char session_answer[1000];
static const char *sessions_answer;

static void answer(const struct api_command *command, const char *head_text,
		   const char *payload)
{
	struct api_queue *queue = api_queue_new(10, 100000);
	struct buf body;

	buf_init(&body, 200000);
	assert_true(api_queue_push(queue, command));
	api_queue_batch(queue, &body);
	assert_true(api_queue_answer(queue, head_text, strlen(head_text),
				     payload,
				     payload != NULL ? strlen(payload) : 0));
	api_queue_free(queue);
	buf_done(&body);
}

static void call(const struct api_command *command, const char *key, void *user)
{
	static const struct api_result unavailable = {.code = "unavailable"};
	size_t at = strlen(asked);

	(void)key;
	(void)user;
	snprintf(asked + at, sizeof(asked) - at, "%.*s %.*s\n",
		 (int)command->head_len, command->head,
		 (int)command->payload_len,
		 command->payload != NULL ? command->payload : "");
	if (workers_down) {
		command->reply(&unavailable, command->user);
	} else if (strstr(command->head, "\"session\"") != NULL) {
		answer(command, session_answer, NULL);
	} else if (strstr(command->head, "\"command\":\"sessions\"") != NULL) {
		answer(command, sessions_answer, NULL);
	} else {
		held = *command;
		held.head = "{}";
		held.head_len = 2;
		held.payload = NULL;
	}
}

static int64_t mono_ms(void)
{
	return now;
}

static int64_t wall_ms(void)
{
	return WALL + now;
}

/* Any numbers do, as long as they are the same every time. */
static void even_random(void *out, size_t len)
{
	static uint32_t state = 7;

	for (size_t i = 0; i < len; i++) {
		state = state * 1664525 + 1013904223;
		((uint8_t *)out)[i] = (uint8_t)(state >> 24);
	}
}

static void start(bool heal, int64_t broadcast_max)
{
	const struct hub_config config = {
		.presence_grace_ms = 8000,
		.presence_broadcast_max = broadcast_max,
		.typing_stop_ms = 3000,
		.hole_ms = 200,
		.socket_rate = 20,
		.socket_burst = 5,
		.user_sockets = 2,
		.heal = heal,
		.mono_ms = mono_ms,
		.wall_ms = wall_ms,
		.random = even_random,
		.call = call,
	};

	now = 20000;
	asked[0] = '\0';
	sessions_answer = "{\"ok\":true,\"gone\":[]}";
	workers_down = false;
	held = (struct api_command){0};
	freed = 0;
	hub = hub_new(&config);
}

static int setup(void **state)
{
	(void)state;
	start(true, 200);
	return 0;
}

static int setup_large(void **state)
{
	(void)state;
	start(true, 0);
	return 0;
}

static void connect_as(struct fake *fake, const char *user, const char *more)
{
	const struct hub_hello hello = {
		"{\"token\":\"t\"}", 13,     "",
		"10.0.0.1",	     "test", "first-request"};

	snprintf(session_answer, sizeof(session_answer),
		 "{\"ok\":true,\"user\":{\"_id\":\"%s\",\"statusText\":\"hi\"},"
		 "\"sessionId\":\"s1\",\"expiresAt\":%lld,\"asOf\":%lld%s}",
		 user, (long long)(WALL + 1000000), (long long)(WALL + now),
		 more);
	*fake = (struct fake){.client.ops = &ops};
	hub_client_connect(hub, &fake->client, &hello);
}

static void disconnect(struct fake *fake)
{
	if (!fake->gone)
		hub_client_gone(hub, &fake->client, "transport_close");
	fake->gone = true;
}

static bool frame_from(enum notify_kind kind, const char *text,
		       enum hub_source source)
{
	const struct notify_frame frame = {kind, (const uint8_t *)text,
					   strlen(text)};

	return hub_frame(hub, &frame, source);
}

static bool frame(enum notify_kind kind, const char *text)
{
	return frame_from(kind, text, HUB_NOTIFY);
}

static void message(int seq, enum hub_source source)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"rooms\":[\"u:" ANN "\",\"u:" BOB
		 "\"],\"conversationId\":\"" CONVERSATION
		 "\",\"seq\":%d,\"from\":\"" ANN "\"}\n[\"message:new\",%d]",
		 seq, seq);
	assert_true(frame_from(NOTIFY_EVENT, text, source));
}

static void event(struct fake *fake, const char *name, const char *args)
{
	const struct hub_event heard = {name, args, strlen(args), 1};

	hub_client_event(hub, &fake->client, &heard);
}

static void pass(int64_t ms)
{
	for (int64_t end = now + ms; now < end; now += 50)
		hub_tick(hub);
}

#define assert_sees(fake, text) assert_non_null(strstr((fake)->seen, text))
#define assert_sees_not(fake, text) assert_null(strstr((fake)->seen, text))

static int count(const struct fake *fake, const char *text)
{
	const char *at = fake->seen;
	int found = 0;

	while ((at = strstr(at, text)) != NULL) {
		found++;
		at += strlen(text);
	}
	return found;
}

static struct fake ann, bob, other;

static int teardown(void **state)
{
	(void)state;
	struct fake *all[] = {&ann, &bob, &other};

	if (held.reply != NULL)
		answer(&held, "{\"ok\":true}", NULL);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (all[i]->client.hub == hub)
			disconnect(all[i]);
		memset(all[i], 0, sizeof(*all[i]));
	}
	workers_down = true;
	hub_free(hub);
	hub = NULL;
	return 0;
}

/* ---- coming in ---- */

static void a_good_token_is_accepted_and_no_token_is_not(void **state)
{
	(void)state;
	const struct hub_hello empty = {"{}", 2, "", "", "", ""};

	connect_as(&ann, ANN, "");
	assert_sees(&ann, "accepted");
	assert_sees(&ann, "![\"presence\",{\"online\":[]");
	assert_non_null(strstr(asked, "{\"token\":\"t\"}"));
	bob.client.ops = &ops;
	hub_client_connect(hub, &bob.client, &empty);
	assert_string_equal(bob.seen, "refused Unauthorized\n"
				      "data {\"code\":\"unauthorized\"}\n");
}

static void a_client_without_a_good_request_id_gets_one(void **state)
{
	(void)state;
	static const char *const bad[] = {"",
					  "a\nb",
					  "a b",
					  "\x1b[2J",
					  "\xff",
					  "a.1",
					  "0123456789012345678901234567890123"
					  "4567890"};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const struct hub_hello hello = {
			"{\"token\":\"t\"}", 13, "", "", "", bad[i]};

		workers_down = true;
		ann = (struct fake){.client.ops = &ops};
		hub_client_connect(hub, &ann.client, &hello);
		assert_true(id_valid(ann.client.name));
		disconnect(&ann);
	}
}

static void while_workers_are_away_a_client_is_dropped_not_refused(void **state)
{
	(void)state;
	workers_down = true;
	connect_as(&ann, ANN, "");
	assert_string_equal(ann.seen, "");
	pass(3100);
	assert_string_equal(ann.seen, "dropped\n");
	pass(3100);
	assert_string_equal(ann.seen, "dropped\n");
	event(&ann, "send-message", "{}");
	assert_string_equal(ann.seen, "dropped\n");
}

static void one_who_leaves_before_he_is_dropped_is_let_go(void **state)
{
	(void)state;
	workers_down = true;
	connect_as(&ann, ANN, "");
	disconnect(&ann);
	assert_int_equal(freed, 1);
	pass(3100);
	assert_string_equal(ann.seen, "");
}

#define CROWD 300

static void a_crowd_is_dropped_over_some_seconds_not_at_once(void **state)
{
	(void)state;
	struct fake *crowd = xcalloc(CROWD, sizeof(*crowd));
	int most = 0, dropped = 0;

	workers_down = true;
	for (int i = 0; i < CROWD; i++)
		connect_as(&crowd[i], ANN, "");
	for (int half = 0; half < 7; half++) {
		int before = dropped;

		pass(500);
		dropped = 0;
		for (int i = 0; i < CROWD; i++)
			dropped += crowd[i].seen[0] != '\0';
		most = dropped - before > most ? dropped - before : most;
	}
	assert_int_equal(dropped, CROWD);
	assert_in_range(most, 1, CROWD / 3);
	for (int i = 0; i < CROWD; i++)
		disconnect(&crowd[i]);
	free(crowd);
}

static void what_came_while_the_session_was_looked_up_is_given_then(void **s)
{
	(void)s;
	message(1, HUB_NOTIFY);
	now += 10;
	message(2, HUB_NOTIFY);
	connect_as(&ann, ANN, "");
	assert_sees_not(&ann, "[\"message:new\",1]");
	assert_sees(&ann, "![\"message:new\",2]");
}

static void a_revocation_during_the_lookup_counts(void **state)
{
	(void)state;
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\","
			     "\"reason\":\"logout\"}");
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "![\"session-expired\",{\"reason\":\"logout\"}]\n"
			  "closed");
}

/* More than is kept came meanwhile: the revocation is not remembered. */
static void a_revocation_that_was_forgotten_by_then_counts_too(void **state)
{
	(void)state;
	now += 10;
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\","
			     "\"reason\":\"logout\"}");
	for (int i = 0; i < 10000; i++)
		frame(NOTIFY_JOIN, "{\"userId\":\"" BOB "\",\"room\":\"c:x\"}");
	sessions_answer = "{\"ok\":true,\"gone\":[\"s1\"]}";
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "![\"sync\"]");
	pass(1000);
	assert_sees(&ann, "session-expired");
	assert_sees(&ann, "closed");
}

static void at_the_tokens_expiry_the_socket_is_told_and_closed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	now += 1000000;
	pass(1000);
	assert_int_equal(count(&ann, "session-expired"), 1);
	assert_sees(&ann, "closed");
}

static void only_the_revoked_session_is_closed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s2\"}");
	assert_sees_not(&ann, "closed");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\"}");
	assert_sees(&ann, "closed");
}

/* ---- delivery ---- */

static void both_sides_get_an_announced_message_exactly_once(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	message(1, HUB_ANSWER);
	message(1, HUB_NOTIFY);
	message(1, HUB_RECENT);
	assert_int_equal(count(&ann, "[\"message:new\",1]"), 1);
	assert_int_equal(count(&bob, "[\"message:new\",1]"), 1);
}

static void read_to(int seq)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"rooms\":[\"u:" ANN "\",\"u:" BOB
		 "\"],\"conversationId\":\"" CONVERSATION "\",\"userId\":\"" BOB
		 "\",\"read\":%d}\n[\"message:read\",%d]",
		 seq, seq);
	assert_true(frame(NOTIFY_EVENT, text));
}

static void receipts_are_told_once_a_second_and_the_last_is_told(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	for (int seq = 1; seq <= 20; seq++)
		read_to(seq);
	assert_int_equal(count(&ann, "message:read"), 1);
	assert_sees(&ann, "[\"message:read\",1]");
	pass(1000);
	assert_int_equal(count(&ann, "message:read"), 1);
	hub_tick(hub);
	assert_int_equal(count(&ann, "message:read"), 2);
	assert_sees(&ann, "[\"message:read\",20]");
	/* It came now, for one whose session was looked up meanwhile. */
	connect_as(&bob, BOB, "");
	assert_int_equal(count(&bob, "message:read"), 1);
	assert_sees(&bob, "[\"message:read\",20]");
}

static void who_is_in_two_of_the_rooms_gets_it_once(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"c:x\"]");
	frame(NOTIFY_EVENT,
	      "{\"rooms\":[\"u:" ANN "\",\"c:x\"]}\n[\"e\",1]\n[\"f\",2]");
	assert_int_equal(count(&ann, "[\"e\",1]\n![\"f\",2]"), 1);
}

static void joining_and_leaving_move_every_socket_of_the_user(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&other, ANN, "");
	frame(NOTIFY_JOIN, "{\"userId\":\"" ANN "\",\"room\":\"c:x\"}");
	frame(NOTIFY_EVENT, "{\"rooms\":[\"c:x\"]}\n[\"e\",1]");
	frame(NOTIFY_LEAVE, "{\"userId\":\"" ANN "\",\"room\":\"c:x\"}");
	frame(NOTIFY_EVENT, "{\"rooms\":[\"c:x\"]}\n[\"e\",2]");
	assert_sees(&ann, "[\"e\",1]");
	assert_sees(&other, "[\"e\",1]");
	assert_sees_not(&ann, "[\"e\",2]");
}

static void a_malformed_head_is_refused(void **state)
{
	(void)state;
	assert_false(frame(NOTIFY_EVENT, "{}\n[\"e\",1]"));
	assert_false(frame(NOTIFY_JOIN, "nonsense"));
}

/* ---- healing ---- */

static void a_lost_connection_is_healed_by_recent(void **state)
{
	(void)state;
	struct hub_stats stats;

	connect_as(&ann, ANN, "");
	hub_missed(hub, WALL + now);
	pass(50);
	assert_non_null(strstr(asked, "\"recent\",\"since\":1700000030000"));
	message(1, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false,\"after\":\"x\"}", NULL);
	held.reply = NULL;
	assert_sees(&ann, "[\"message:new\",1]");
	hub_read_stats(hub, &stats);
	assert_int_equal(stats.healed, 1);
	assert_int_equal(stats.heals, 1);
}

static void a_hole_that_cannot_be_filled_becomes_a_sync_of_its_rooms(void **s)
{
	(void)s;
	connect_as(&ann, ANN, "");
	connect_as(&other, "dddddddddddddddddddddddd", "");
	message(1, HUB_NOTIFY);
	message(3, HUB_NOTIFY);
	for (int i = 0; i < 20; i++) {
		pass(100);
		if (held.reply != NULL)
			answer(&held, "{\"ok\":true,\"more\":false}", NULL);
		held.reply = NULL;
	}
	assert_int_equal(count(&ann, "![\"sync\"]"), 1);
	assert_sees_not(&other, "sync");
}

static void what_the_workers_cannot_tell_becomes_a_sync(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	pass(100);
	hub_missed(hub, WALL + now);
	hub_tick(hub);
	assert_non_null(held.reply);
	answer(&held,
	       "{\"ok\":true,\"more\":true,\"after\":\"a\",\"lost\":true}",
	       NULL);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	held.reply = NULL;
	pass(6000);
	assert_int_equal(count(&ann, "![\"sync\"]"), 1);
}

static void after_a_long_outage_everyone_is_told_to_sync(void **state)
{
	(void)state;
	struct hub_stats stats;

	connect_as(&ann, ANN, "");
	message(1, HUB_NOTIFY);
	message(3, HUB_NOTIFY);
	workers_down = true;
	hub_missed(hub, WALL + now);
	pass(70000);
	assert_sees_not(&ann, "sync");
	workers_down = false;
	pass(2000);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	held.reply = NULL;
	pass(5100);
	hub_read_stats(hub, &stats);
	assert_int_equal(stats.holes, 0);
	assert_int_equal(count(&ann, "![\"sync\"]"), 1);
}

/* ---- what clients ask ---- */

static void a_send_goes_to_the_workers_as_it_came_with_a_client_id(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{\"to\":\"x\", \"content\":\"\\u0041\"}");
	assert_non_null(strstr(asked, "\"command\":\"send\",\"userId\":\"" ANN
				      "\",\"sessionId\":\"s1\",\"clientId\":"));
	assert_non_null(
		strstr(asked, " {\"to\":\"x\", \"content\":\"\\u0041\"}"));
	assert_non_null(strstr(asked, "\"requestId\":\"first-request.1\""));
	answer(&held, "{\"ok\":true}", "{\"ok\":true,\"id\": 1}");
	held.reply = NULL;
	assert_sees(&ann, "ack1 {\"ok\":true,\"id\": 1}");
}

static void only_the_first_argument_of_an_event_counts(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{\"to\": \"x\"},{\"to\":\"y\"}");
	assert_non_null(strstr(asked, "} {\"to\":\"x\"}\n"));
	assert_null(strstr(asked, "\"y\""));
}

static void without_workers_a_send_is_acknowledged_unavailable(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	workers_down = true;
	event(&ann, "send-message", "{}");
	assert_sees(&ann, "ack1 {\"ok\":false,\"error\":{\"code\":"
			  "\"unavailable\"");
}

static void an_ended_session_closes_its_sockets_at_the_next_send(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{}");
	answer(&held, "{\"ok\":false,\"code\":\"session_expired\"}", NULL);
	held.reply = NULL;
	assert_sees(&ann, "ack1 {\"ok\":false");
	assert_sees(&ann, "session-expired");
	assert_sees(&ann, "closed");
}

static void bad_events_get_a_stable_code(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "nope", "{}");
	assert_sees(&ann, "\"unknown_event\"");
	event(&ann, "send-message", "\"text\"");
	event(&ann, "typing", "");
	event(&ann, "typing", "{\"to\":\"zz\"}");
	assert_int_equal(count(&ann, "\"invalid\""), 3);
	event(&ann, "typing", "{}");
	event(&ann, "typing", "{}");
	assert_int_equal(count(&ann, "\"rate_limited\""), 1);
}

static void an_answer_for_a_socket_that_went_is_dropped(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{}");
	disconnect(&ann);
	assert_int_equal(freed, 0);
	answer(&held, "{\"ok\":true}", "{}");
	held.reply = NULL;
	assert_int_equal(freed, 1);
	assert_sees_not(&ann, "ack1");
}

/* ---- typing ---- */

static void typing_reaches_a_contact_and_stops_by_itself(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	connect_as(&bob, BOB, "");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	assert_sees(&ann, "ack1 {\"ok\":true}");
	assert_sees(&bob,
		    "?[\"typing\",{\"from\":\"" ANN "\",\"conversationId\":\"");
	assert_sees_not(&ann, "[\"typing\"");
	pass(2900);
	assert_sees_not(&bob, "typing-stopped");
	pass(200);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
}

static void a_stranger_hears_no_typing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	assert_sees(&ann, "ack1 {\"ok\":true}");
	assert_sees_not(&bob, "typing");
}

static void a_message_makes_contacts_and_ends_its_writers_typing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	connect_as(&bob, BOB, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	event(&ann, "typing", "{\"conversationId\":\"" CONVERSATION "\"}");
	assert_int_equal(count(&bob, "[\"typing\","), 1);
	message(1, HUB_NOTIFY);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
	event(&bob, "typing", "{\"to\":\"" ANN "\"}");
	assert_int_equal(count(&ann, "[\"typing\","), 1);
}

static void a_disconnect_stops_typing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	connect_as(&bob, BOB, "");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	disconnect(&ann);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
}

/* ---- presence ---- */

static void others_hear_of_coming_at_once_and_of_going_after_the_grace(void **s)
{
	(void)s;
	connect_as(&bob, BOB, "");
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "![\"presence\",{\"online\":[\"" BOB "\"]");
	assert_sees(&bob, "?[\"user-online\",{\"userId\":\"" ANN "\"}]");
	assert_sees(&bob, "\"status\":\"online\"");
	assert_sees(&bob, "\"statusText\":\"hi\"");
	disconnect(&ann);
	pass(7900);
	assert_sees_not(&bob, "user-offline");
	pass(200);
	assert_sees(&bob, "?[\"user-offline\",{\"userId\":\"" ANN
			  "\",\"lastSeen\":\"2023-11-14T22:13:40.000Z\"}]");
	pass(1100);
	assert_non_null(strstr(asked, "\"last-seen\",\"users\":[{\"userId\":"
				      "\"" ANN "\",\"at\":1700000020000}]"));
}

static void among_many_only_contacts_and_watchers_hear(void **state)
{
	(void)state;
	connect_as(&bob, BOB, "");
	connect_as(&other, "dddddddddddddddddddddddd", "");
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	assert_sees(&bob, "user-online");
	assert_sees_not(&other, "user-online");
	event(&other, "watch-presence", "{\"ids\":[\"" ANN "\"]}");
	assert_sees(&other, "ack1 {\"ok\":true,\"online\":[\"" ANN "\"]}");
	disconnect(&ann);
	pass(8100);
	assert_sees(&other, "user-offline");
	assert_sees(&bob, "user-offline");
}

static void last_seen_is_tried_again_until_it_is_stored(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	disconnect(&ann);
	workers_down = true;
	pass(10000);
	workers_down = false;
	asked[0] = '\0';
	pass(1100);
	assert_non_null(strstr(asked, "last-seen"));
	answer(&held, "{\"ok\":true}", NULL);
	held.reply = NULL;
	asked[0] = '\0';
	pass(3000);
	assert_string_equal(asked, "");
}

static void workers_are_told_who_is_online(void **state)
{
	(void)state;
	static const char by_id[] =
		"{\"id\":7,\"userIds\":[\"" ANN "\",\"" BOB "\"]}";
	static const char some[] = "{\"id\":8,\"limit\":10}";
	const struct notify_frame first = {
		NOTIFY_PRESENCE, (const uint8_t *)by_id, sizeof(by_id) - 1};
	const struct notify_frame second = {
		NOTIFY_PRESENCE, (const uint8_t *)some, sizeof(some) - 1};
	struct buf out;

	connect_as(&ann, ANN, "");
	buf_init(&out, 1000);
	assert_true(hub_presence(hub, &first, &out));
	assert_string_equal(out.data + 5,
			    "{\"id\":7,\"online\":[\"" ANN "\"]}");
	buf_reset(&out);
	assert_true(hub_presence(hub, &second, &out));
	assert_string_equal(out.data + 5,
			    "{\"id\":8,\"online\":[\"" ANN "\"]}");
	buf_done(&out);
}

/* ---- accounts ---- */

static void all_sessions_but_one_are_closed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&other, ANN, ",\"sessionId\":\"s2\"");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"except\":\"s2\","
			     "\"reason\":\"password\"}");
	assert_sees(&ann, "![\"session-expired\",{\"reason\":\"password\"}]\n"
			  "closed");
	assert_sees_not(&other, "closed");
}

static void one_socket_too_many_closes_the_oldest(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, ANN, "");
	assert_sees_not(&ann, "closed");
	connect_as(&other, ANN, "");
	assert_sees(&ann, "closed");
	assert_sees_not(&ann, "session-expired");
	assert_sees_not(&bob, "closed");
	assert_sees(&other, "accepted");
	assert_sees_not(&other, "closed");
}

static void past_the_rate_one_is_told_when_to_try_again(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	for (int i = 0; i < 5; i++)
		event(&ann, "watch-presence", "{\"ids\":[]}");
	assert_sees_not(&ann, "rate_limited");
	event(&ann, "watch-presence", "{\"ids\":[]}");
	assert_sees(&ann, "\"code\":\"rate_limited\",\"message\":\"Too many "
			  "events; wait a moment.\",\"retryAfter\":1}");
	pass(1000);
	event(&ann, "watch-presence", "{\"ids\":[]}");
	assert_int_equal(count(&ann, "rate_limited"), 1);
}

static void renew(struct fake *fake, const char *head)
{
	event(fake, "renew", "{\"token\":\"t2\"}");
	answer(&held, head,
	       strstr(head, "true") != NULL ? "{\"ok\":true}"
					    : "{\"ok\":false}");
	held.reply = NULL;
}

static void a_renewed_token_moves_the_end_and_the_session(void **state)
{
	(void)state;
	char head[200];

	connect_as(&ann, ANN, "");
	snprintf(head, sizeof(head),
		 "{\"ok\":true,\"sessionId\":\"s2\",\"expiresAt\":%lld,"
		 "\"asOf\":%lld}",
		 (long long)(WALL + 2000000), (long long)(WALL + now));
	renew(&ann, head);
	assert_non_null(strstr(asked, "{\"command\":\"renew\",\"userId\":\"" ANN
				      "\",\"sessionId\":\"s1\",\"requestId\":"
				      "\"first-request.1\"} "
				      "{\"token\":\"t2\"}"));
	assert_sees(&ann, "ack1 {\"ok\":true}");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\"}");
	pass(1500000);
	assert_sees_not(&ann, "closed");
	pass(1000000);
	assert_sees(&ann, "![\"session-expired\",{\"reason\":\"expired\"}]");
}

static void a_token_that_is_refused_leaves_the_socket_as_it_was(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	renew(&ann, "{\"ok\":false,\"code\":\"session_expired\"}");
	assert_sees(&ann, "ack1 {\"ok\":false}");
	assert_sees_not(&ann, "closed");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\"}");
	assert_sees(&ann, "closed");
}

static void a_session_that_ended_while_it_was_looked_up_is_not_taken(void **s)
{
	(void)s;
	char head[200];

	connect_as(&ann, ANN, "");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s2\"}");
	snprintf(head, sizeof(head),
		 "{\"ok\":true,\"sessionId\":\"s2\",\"expiresAt\":%lld,"
		 "\"asOf\":%lld}",
		 (long long)(WALL + 2000000), (long long)(WALL + now));
	renew(&ann, head);
	assert_sees(&ann, "\"code\":\"unavailable\"");
	assert_sees_not(&ann, "closed");
	pass(1100000);
	assert_sees(&ann, "closed");
}

static void a_revocation_that_was_missed_is_found_out(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(1000);
	workers_down = true;
	hub_missed(hub, WALL + now);
	pass(500);
	workers_down = false;
	sessions_answer = "{\"ok\":true,\"gone\":[\"s2\"]}";
	asked[0] = '\0';
	pass(1500);
	assert_non_null(strstr(asked,
			       "[{\"userId\":\"" ANN
			       "\",\"sessionId\":\"s1\"},{\"userId\":\"" BOB
			       "\",\"sessionId\":\"s2\"}]"));
	assert_sees(&bob, "![\"session-expired\",{\"reason\":"
			  "\"session_expired\"}]\nclosed");
	assert_sees_not(&ann, "closed");
	asked[0] = '\0';
	pass(5000);
	assert_null(strstr(asked, "sessions"));
}

#define BOBS_STATUS                                                            \
	"{\"userId\":\"" BOB "\",\"statusText\":\"gone \\u00e9\","             \
	"\"lastSeen\":1600000000000}"

static void a_changed_status_text_is_told_with_presence(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_sees(&ann, "?[\"user-status\",{\"userId\":\"" BOB
			  "\",\"status\":\"offline\","
			  "\"lastSeen\":\"2020-09-13T12:26:40.000Z\","
			  "\"statusText\":\"gone é\"}]");
	pass(3000);
	connect_as(&bob, BOB, "");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_sees(&ann, "\"status\":\"online\",");
	assert_int_equal(count(&ann, "gone é"), 2);
	assert_int_equal(count(&bob, "gone é"), 1);
	pass(1000);
	disconnect(&bob);
	pass(9000);
	assert_int_equal(count(&ann, "gone é"), 3);
}

static void among_many_those_who_see_him_hear_of_his_status(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	connect_as(&other, "dddddddddddddddddddddddd", "");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_int_equal(count(&ann, "user-status"), 1);
	assert_sees_not(&other, "user-status");
	event(&other, "watch-presence", "{\"ids\":[\"" BOB "\"]}");
	event(&ann, "watch-presence", "{\"ids\":[\"" BOB "\"]}");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_int_equal(count(&ann, "user-status"), 2);
	assert_int_equal(count(&other, "user-status"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_token_is_accepted_and_no_token_is_not),
		TEST(a_client_without_a_good_request_id_gets_one),
		TEST(while_workers_are_away_a_client_is_dropped_not_refused),
		TEST(one_who_leaves_before_he_is_dropped_is_let_go),
		TEST(a_crowd_is_dropped_over_some_seconds_not_at_once),
		TEST(what_came_while_the_session_was_looked_up_is_given_then),
		TEST(a_revocation_during_the_lookup_counts),
		TEST(a_revocation_that_was_forgotten_by_then_counts_too),
		TEST(at_the_tokens_expiry_the_socket_is_told_and_closed),
		TEST(only_the_revoked_session_is_closed),
		TEST(both_sides_get_an_announced_message_exactly_once),
		TEST(who_is_in_two_of_the_rooms_gets_it_once),
		TEST(joining_and_leaving_move_every_socket_of_the_user),
		TEST(a_malformed_head_is_refused),
		TEST(a_lost_connection_is_healed_by_recent),
		TEST(a_hole_that_cannot_be_filled_becomes_a_sync_of_its_rooms),
		TEST(what_the_workers_cannot_tell_becomes_a_sync),
		TEST(after_a_long_outage_everyone_is_told_to_sync),
		TEST(a_send_goes_to_the_workers_as_it_came_with_a_client_id),
		TEST(only_the_first_argument_of_an_event_counts),
		TEST(without_workers_a_send_is_acknowledged_unavailable),
		TEST(an_ended_session_closes_its_sockets_at_the_next_send),
		TEST(bad_events_get_a_stable_code),
		TEST(an_answer_for_a_socket_that_went_is_dropped),
		TEST(receipts_are_told_once_a_second_and_the_last_is_told),
		TEST(typing_reaches_a_contact_and_stops_by_itself),
		TEST(a_stranger_hears_no_typing),
		TEST(a_message_makes_contacts_and_ends_its_writers_typing),
		TEST(a_disconnect_stops_typing),
		TEST(others_hear_of_coming_at_once_and_of_going_after_the_grace),
		cmocka_unit_test_setup_teardown(
			among_many_only_contacts_and_watchers_hear, setup_large,
			teardown),
		TEST(last_seen_is_tried_again_until_it_is_stored),
		TEST(workers_are_told_who_is_online),
		TEST(all_sessions_but_one_are_closed),
		TEST(one_socket_too_many_closes_the_oldest),
		TEST(past_the_rate_one_is_told_when_to_try_again),
		TEST(a_renewed_token_moves_the_end_and_the_session),
		TEST(a_token_that_is_refused_leaves_the_socket_as_it_was),
		TEST(a_session_that_ended_while_it_was_looked_up_is_not_taken),
		TEST(a_revocation_that_was_missed_is_found_out),
		TEST(a_changed_status_text_is_told_with_presence),
		cmocka_unit_test_setup_teardown(
			among_many_those_who_see_him_hear_of_his_status,
			setup_large, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
