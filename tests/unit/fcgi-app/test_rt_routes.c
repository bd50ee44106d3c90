#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "chat_fixture.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "store/store.h"

#include <sqlite3.h> /* behind palabre_options.h, whose names it takes */

/* One command as who, with what else its head and its payload say. */
static void add(struct chat *chat, struct buf *body, int who, const char *more,
		const char *payload)
{
	char *head = xasprintf("{\"userId\":\"%s\",\"sessionId\":\"%s\",%s}",
			       chat->people[who].id, chat->people[who].session,
			       more);

	chat_command(body, head, payload);
	free(head);
}

static void add_send(struct chat *chat, struct buf *body, int from, int to,
		     const char *client_id)
{
	char *more = xasprintf("\"command\":\"send\",\"clientId\":\"%s\"",
			       client_id);
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"hello\"}",
				  chat->people[to].id);

	add(chat, body, from, more, payload);
	free(more);
	free(payload);
}

static struct answer call(struct chat *chat, struct buf *body)
{
	struct answer answer = chat_call(chat, body);

	buf_reset(body);
	return answer;
}

static struct buf new_body(void)
{
	struct buf body;

	buf_init(&body, 4 * 1024 * 1024);
	return body;
}

static void a_session_answers_who_and_where(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	char *token = xasprintf("{\"token\":\"%s\"}", chat->people[ANN].token);
	char own[2 + ID_SIZE];

	add_send(chat, &body, BOB, ANN, "k0");

	struct answer got = call(chat, &body);

	answer_done(&got);
	chat_command(&body, "{\"command\":\"session\",\"address\":\"::1\"}",
		     token);
	got = call(chat, &body);
	snprintf(own, sizeof(own), "u:%s", chat->people[ANN].id);
	assert_at(got.body, "0.head.ok", "true");
	assert_at(got.body, "0.head.user.username", "ann");
	assert_at(got.body, "0.head.user.email", "");
	assert_at(got.body, "0.head.sessionId", chat->people[ANN].session);
	assert_at(got.body, "0.head.role", "user");
	assert_at(got.body, "0.head.rooms.0", own);
	assert_at(got.body, "0.head.contacts.0", chat->people[BOB].id);
	assert_int_equal(strlen(at(got.body, "0.head.epoch")), ID_LEN);
	assert_int_equal(strlen(at(got.body, "0.head.asOf")), 13);
	assert_int_equal(strlen(at(got.body, "0.head.expiresAt")), 13);
	free(token);
	answer_done(&got);
	buf_done(&body);
}

static void a_bad_token_is_refused_by_its_own_command_alone(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	char *token = xasprintf("{\"token\":\"%s\"}", chat->people[ANN].token);

	chat_command(&body, "{\"command\":\"session\"}", "{\"token\":\"x\"}");
	chat_command(&body, "{\"command\":\"session\"}", "{}");
	chat_command(&body, "{\"command\":\"session\"}", NULL);
	chat_command(&body, "{\"command\":\"session\"}", token);

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.head.code", "unauthorized");
	assert_at(got.body, "1.head.code", "unauthorized");
	assert_at(got.body, "2.head.code", "unauthorized");
	assert_at(got.body, "3.head.ok", "true");
	free(token);
	answer_done(&got);
	buf_done(&body);
}

static void a_send_is_acknowledged_and_announced_in_the_answer(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();

	add_send(chat, &body, ANN, BOB, "k1");
	add_send(chat, &body, ANN, BOB, "k1");
	add_send(chat, &body, ANN, BOB, "k2");

	struct answer got = call(chat, &body);

	assert_int_equal(json_length(got.body), 3);
	assert_at(got.body, "0.payload.ok", "true");
	assert_at(got.body, "0.payload.message.seq", "1");
	assert_at(got.body, "0.payload.message.clientId", "k1");
	assert_at(got.body, "0.payload.id",
		  at(got.body, "0.payload.message._id"));
	assert_at(got.body, "0.payload.duplicate", "");
	assert_at(got.body, "1.payload.duplicate", "true");
	assert_at(got.body, "1.payload.id", at(got.body, "0.payload.id"));
	assert_at(got.body, "2.payload.message.seq", "2");
	/* Two views of the conversation, two messages. */
	assert_int_equal(json_length(got.events), 4);
	assert_at(got.events, "3.seq", "2");
	answer_done(&got);
	buf_done(&body);
}

static void a_clients_own_clientId_wins_over_pushds(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"x\","
				  "\"clientId\":\"mine\"}",
				  chat->people[BOB].id);

	add(chat, &body, ANN, "\"command\":\"send\",\"clientId\":\"k1\"",
	    payload);

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.payload.message.clientId", "mine");
	free(payload);
	answer_done(&got);
	buf_done(&body);
}

static void one_refused_command_leaves_the_others_alone(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();

	add_send(chat, &body, ANN, BOB, "k1");
	add(chat, &body, ANN, "\"command\":\"send\"", "{\"content\":\"x\"}");
	add(chat, &body, ANN, "\"command\":\"send\"", "{\"to\":");
	add(chat, &body, ANN, "\"command\":\"send\"",
	    "{\"to\":\"0190000000000000000000b2\",\"content\":\"x\"}");
	add(chat, &body, ANN, "\"command\":\"dance\"", "{}");
	add_send(chat, &body, BOB, ANN, "k2");

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.payload.ok", "true");
	assert_at(got.body, "1.payload.ok", "false");
	assert_at(got.body, "1.payload.error.code", "invalid");
	assert_at(got.body, "1.payload.error.field", "to");
	assert_at(got.body, "1.head.code", "invalid");
	assert_at(got.body, "2.head.code", "invalid");
	assert_at(got.body, "3.payload.error.code", "not_found");
	assert_at(got.body, "4.head.code", "invalid");
	assert_at(got.body, "5.payload.message.seq", "2");
	answer_done(&got);
	buf_done(&body);
}

static void a_session_that_ended_sends_nothing_more(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();

	store_session_end(chat->app.store, chat->people[ANN].id,
			  chat->people[ANN].session);
	add_send(chat, &body, ANN, BOB, "k1");
	add(chat, &body, ANN, "\"command\":\"pointer\",\"kind\":\"read\"",
	    "{\"id\":\"0190000000000000000000b2\"}");

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.head.code", "session_expired");
	assert_at(got.body, "0.payload.error.code", "session_expired");
	assert_at(got.body, "1.head.code", "session_expired");
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	buf_done(&body);
}

static void nobody_commands_with_the_session_of_another(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	char *head = xasprintf("{\"command\":\"send\",\"userId\":\"%s\","
			       "\"sessionId\":\"%s\"}",
			       chat->people[ANN].id, chat->people[BOB].session);
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"x\"}",
				  chat->people[CAT].id);

	chat_command(&body, head, payload);
	chat_command(&body, "{\"command\":\"send\"}", payload);

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.head.ok", "false");
	assert_at(got.body, "1.head.code", "invalid");
	assert_int_equal(json_length(got.events), 0);
	free(head);
	free(payload);
	answer_done(&got);
	buf_done(&body);
}

static void a_pointer_by_message_moves_it_and_tells_both(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();

	add_send(chat, &body, ANN, BOB, "k1");
	add_send(chat, &body, ANN, BOB, "k2");

	struct answer sent = call(chat, &body);
	char *payload = xasprintf("{\"messageId\":\"%s\"}",
				  at(sent.body, "1.payload.id"));

	add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"read\"",
	    payload);
	add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"received\"",
	    payload);
	add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"eaten\"",
	    payload);
	add(chat, &body, CAT, "\"command\":\"pointer\",\"kind\":\"read\"",
	    payload);

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.payload", "{\"ok\":true}");
	assert_at(got.body, "1.payload", "{\"ok\":true}");
	assert_at(got.body, "2.head.code", "invalid");
	assert_at(got.body, "3.head.code", "not_found");
	assert_int_equal(json_length(got.events), 1);
	assert_at(got.events, "0.args.0.0", "message:read");
	assert_at(got.events, "0.args.0.1.readSeq", "2");
	assert_at(got.events, "0.seq", "");
	free(payload);
	answer_done(&sent);
	answer_done(&got);
	buf_done(&body);
}

static void last_seen_is_kept(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	struct store_user user;
	char *head = xasprintf("{\"command\":\"last-seen\",\"users\":"
			       "[{\"userId\":\"%s\",\"at\":1893456000000}]}",
			       chat->people[BOB].id);

	chat_command(&body, head, NULL);
	chat_command(&body,
		     "{\"command\":\"last-seen\",\"users\":[{\"at\":1}]}",
		     NULL);
	chat_command(&body, "{\"command\":\"last-seen\"}", NULL);

	struct answer got = call(chat, &body);

	assert_at(got.body, "0.head", "{\"ok\":true}");
	assert_at(got.body, "1.head.code", "invalid");
	assert_at(got.body, "2.head.code", "invalid");
	store_user_get(chat->app.store, chat->people[BOB].id, &user);
	assert_true(user.last_seen == 1893456000000);
	store_user_done(&user);
	free(head);
	answer_done(&got);
	buf_done(&body);
}

static struct answer recent(struct chat *chat, int64_t since, const char *after)
{
	struct buf body = new_body();
	char *head = xasprintf("{\"command\":\"recent\",\"since\":%lld,"
			       "\"after\":\"%s\"}",
			       (long long)since, after);

	chat_command(&body, head, NULL);

	struct answer got = call(chat, &body);

	free(head);
	buf_done(&body);
	return got;
}

static void recent_repeats_what_was_announced(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();

	add_send(chat, &body, ANN, BOB, "k1");

	struct answer sent = call(chat, &body);
	char *payload =
		xasprintf("{\"id\":\"%s\"}", at(sent.body, "0.payload.id"));
	char *target =
		xasprintf("/api/messages/%s", at(sent.body, "0.payload.id"));

	add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"read\"",
	    payload);

	struct answer moved = call(chat, &body);
	struct answer edited =
		chat_ask(chat, ANN, "PUT", target, "{\"content\":\"new\"}");
	struct answer got = recent(chat, chat->now_ms + 9000, "");

	assert_at(got.body, "0.head.ok", "true");
	assert_at(got.body, "0.head.more", "false");

	bool seen[3] = {false};
	static const char *const names[] = {"message:new", "message:updated",
					    "message:read"};

	for (size_t i = 0; i < json_length(got.events); i++) {
		const char *name = at(json_at(got.events, i), "args.0.0");

		for (size_t n = 0; n < COUNT_OF(names); n++)
			seen[n] = seen[n] || strcmp(name, names[n]) == 0;
		if (strcmp(name, "message:updated") == 0)
			assert_at(json_at(got.events, i), "args.0.1.status",
				  "read");
	}
	assert_true(seen[0] && seen[1] && seen[2]);
	answer_done(&got);
	got = recent(chat, chat->now_ms + 11000, "");
	assert_int_equal(json_length(got.events), 0);
	free(payload);
	free(target);
	answer_done(&sent);
	answer_done(&moved);
	answer_done(&edited);
	answer_done(&got);
	buf_done(&body);
}

static void recent_comes_in_pages_without_loss_or_repeat(void **state)
{
	struct chat *chat = *state;
	size_t total = 0, pages = 0;
	char after[ID_SIZE] = "";
	bool more = true;

	for (size_t i = 0; i < 1100; i++) {
		const struct store_send send = {
			.sender = chat->people[i % 2].id,
			.sender_name = "x",
			.to = chat->people[1 - i % 2].id,
			.kind = MESSAGE_TEXT,
			.content = "text",
			.now_ms = chat->now_ms,
		};
		struct store_sent sent;

		assert_int_equal(store_send(chat->app.store, &send, &sent),
				 STORE_OK);
		store_sent_done(&sent);
	}
	for (; more; pages++) {
		struct answer got = recent(chat, chat->now_ms, after);

		for (size_t i = 0; i < json_length(got.events); i++)
			total += strcmp(at(json_at(got.events, i), "args.0.0"),
					"message:new") == 0;
		assert_true(json_length(got.events) <= LIMIT_RECENT + 10);
		json_get_bool(json_any(json_at(got.body, 0), "head"), "more",
			      &more);
		snprintf(after, sizeof(after), "%s",
			 at(got.body, "0.head.after"));
		answer_done(&got);
	}
	assert_int_equal(total, 1100);
	assert_true(pages >= 3);
}

/* Two read on in each of so many conversations, just now. */
static void move_pointers(const struct chat *chat, int conversations)
{
	char *path = xasprintf("%s/palabre.db", chat->dir);
	char *sql = xasprintf(
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
		" n WHERE i < %d) INSERT INTO conversation (id, kind, low,"
		" high, last_seq, updated_at) SELECT printf('%%024x', i), 0,"
		" printf('%%024x', 2 * i), printf('%%024x', 2 * i + 1), 1, 0"
		" FROM n;"
		"INSERT INTO member (conversation, user_id, received_seq,"
		" read_seq, moved_at) SELECT id, low, 1, 1, %lld FROM"
		" conversation UNION ALL SELECT id, high, 1, 1, %lld FROM"
		" conversation",
		conversations, (long long)chat->now_ms,
		(long long)chat->now_ms);
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(handle);
	free(sql);
	free(path);
}

static void recent_says_when_more_pointers_moved_than_it_tells(void **state)
{
	struct chat *chat = *state;
	struct answer got;

	move_pointers(chat, 40000);
	chat_say(chat, ANN, BOB, "hello");
	got = recent(chat, chat->now_ms, "");
	assert_int_equal(got.status, 200);
	assert_at(got.body, "0.head.ok", "true");
	assert_at(got.body, "0.head.lost", "true");
	assert_at(json_at(got.events, json_length(got.events) - 1), "args.0.0",
		  "message:new");
	answer_done(&got);
}

static void a_malformed_call_is_refused_whole(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	struct answer got = call(chat, &body);

	assert_int_equal(got.status, 400);
	answer_done(&got);
	add_send(chat, &body, ANN, BOB, "k1");
	buf_adds(&body, "x");
	got = call(chat, &body);
	assert_int_equal(got.status, 400);
	answer_done(&got);
	got = chat_ask(chat, BOB, "GET", "/api/conversations", NULL);
	assert_int_equal(json_length(got.body), 0);
	answer_done(&got);
	buf_done(&body);
}

static void without_a_store_everything_is_unavailable(void **state)
{
	struct chat *chat = *state;
	struct buf body = new_body();
	char *token = xasprintf("{\"token\":\"%s\"}", chat->people[ANN].token);
	char *path = xasprintf("%s/palabre.db", chat->dir);
	char *away = xasprintf("%s/away.db", chat->dir);

	assert_int_equal(rename(path, away), 0);
	add_send(chat, &body, ANN, BOB, "k1");
	chat_command(&body, "{\"command\":\"session\"}", token);
	chat_command(&body, "{\"command\":\"dance\"}", token);

	struct answer got = call(chat, &body);

	assert_int_equal(got.status, 200);
	assert_at(got.body, "0.head.code", "unavailable");
	assert_at(got.body, "0.payload.error.code", "unavailable");
	assert_at(got.body, "1.head.code", "unavailable");
	assert_at(got.body, "2.head.code", "invalid");
	answer_done(&got);
	got = chat_ask(chat, ANN, "GET", "/api/conversations", NULL);
	assert_int_equal(got.status, 503);
	answer_done(&got);
	assert_int_equal(rename(away, path), 0);
	add_send(chat, &body, ANN, BOB, "k1");
	got = call(chat, &body);
	assert_at(got.body, "0.payload.message.seq", "1");
	answer_done(&got);
	free(token);
	free(path);
	free(away);
	buf_done(&body);
}

int main(void)
{
#define CASE(name)                                                             \
	cmocka_unit_test_setup_teardown(name, chat_set_up, chat_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_session_answers_who_and_where),
		CASE(a_bad_token_is_refused_by_its_own_command_alone),
		CASE(a_send_is_acknowledged_and_announced_in_the_answer),
		CASE(a_clients_own_clientId_wins_over_pushds),
		CASE(one_refused_command_leaves_the_others_alone),
		CASE(a_session_that_ended_sends_nothing_more),
		CASE(nobody_commands_with_the_session_of_another),
		CASE(a_pointer_by_message_moves_it_and_tells_both),
		CASE(last_seen_is_kept),
		CASE(recent_repeats_what_was_announced),
		CASE(recent_comes_in_pages_without_loss_or_repeat),
		CASE(recent_says_when_more_pointers_moved_than_it_tells),
		CASE(a_malformed_call_is_refused_whole),
		CASE(without_a_store_everything_is_unavailable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
