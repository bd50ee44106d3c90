#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "rt_fixture.h"
#include "store.h"

static void a_session_answers_who_and_where(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();
	char *token = xasprintf("{\"token\":\"%s\"}", chat->people[ANN].token);
	char own[2 + ID_SIZE];

	rt_add_send(chat, &body, BOB, ANN, "k0");

	struct answer got = rt_call(chat, &body);

	answer_done(&got);
	chat_command(&body, "{\"command\":\"session\",\"address\":\"::1\"}",
		     token);
	got = rt_call(chat, &body);
	snprintf(own, sizeof(own), "u:%s", chat->people[ANN].id);
	assert_at(got.body, "0.head.ok", "true");
	assert_at(got.body, "0.head.user.username", "ann");
	assert_at(got.body, "0.head.user.email", "");
	assert_at(got.body, "0.head.sessionId", chat->people[ANN].session);
	assert_at(got.body, "0.head.role", "user");
	assert_at(got.body, "0.head.rooms.0", own);
	assert_at(got.body, "0.head.contacts.0", chat->people[BOB].id);
	assert_int_equal(strlen(at(got.body, "0.head.epoch")), ID_LEN);
	assert_true(id_valid(at(got.body, "0.head.asOf"))); /* a position */
	assert_int_equal(strlen(at(got.body, "0.head.expiresAt")), 13);
	free(token);
	answer_done(&got);
	buf_done(&body);
}

static void a_bad_token_is_refused_by_its_own_command_alone(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();
	char *token = xasprintf("{\"token\":\"%s\"}", chat->people[ANN].token);

	chat_command(&body, "{\"command\":\"session\"}", "{\"token\":\"x\"}");
	chat_command(&body, "{\"command\":\"session\"}", "{}");
	chat_command(&body, "{\"command\":\"session\"}", NULL);
	chat_command(&body, "{\"command\":\"session\"}", token);

	struct answer got = rt_call(chat, &body);

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
	struct buf body = rt_new_body();

	rt_add_send(chat, &body, ANN, BOB, "k1");
	rt_add_send(chat, &body, ANN, BOB, "k1");
	rt_add_send(chat, &body, ANN, BOB, "k2");

	struct answer got = rt_call(chat, &body);

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
	/* The conversation, its contacts, two messages. */
	assert_int_equal(json_length(got.events), 4);
	assert_at(got.events, "3.seq", "2");
	answer_done(&got);
	buf_done(&body);
}

static void a_clients_own_clientId_wins_over_pushds(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"x\","
				  "\"clientId\":\"mine\"}",
				  chat->people[BOB].id);

	rt_add(chat, &body, ANN, "\"command\":\"send\",\"clientId\":\"k1\"",
	       payload);

	struct answer got = rt_call(chat, &body);

	assert_at(got.body, "0.payload.message.clientId", "mine");
	free(payload);
	answer_done(&got);
	buf_done(&body);
}

static void one_refused_command_leaves_the_others_alone(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();

	rt_add_send(chat, &body, ANN, BOB, "k1");
	rt_add(chat, &body, ANN, "\"command\":\"send\"", "{\"content\":\"x\"}");
	rt_add(chat, &body, ANN, "\"command\":\"send\"", "{\"to\":");
	rt_add(chat, &body, ANN, "\"command\":\"send\"",
	       "{\"to\":\"0190000000000000000000b2\",\"content\":\"x\"}");
	rt_add(chat, &body, ANN, "\"command\":\"dance\"", "{}");
	rt_add_send(chat, &body, BOB, ANN, "k2");

	struct answer got = rt_call(chat, &body);

	assert_at(got.body, "0.payload.ok", "true");
	assert_at(got.body, "1.payload.ok", "false");
	assert_at(got.body, "1.payload.error.code", "invalid");
	assert_at(got.body, "1.payload.error.field", "to");
	assert_at(got.body, "1.head.code", "invalid");
	assert_at(got.body, "2.payload.error.code", "invalid_json");
	assert_at(got.body, "3.payload.error.code", "not_found");
	assert_at(got.body, "4.head.code", "invalid");
	assert_at(got.body, "5.payload.message.seq", "2");
	answer_done(&got);
	buf_done(&body);
}

static void a_session_that_ended_sends_nothing_more(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();

	store_session_end(chat->app.store, chat->people[ANN].id,
			  chat->people[ANN].session);
	rt_add_send(chat, &body, ANN, BOB, "k1");
	rt_add(chat, &body, ANN, "\"command\":\"pointer\",\"kind\":\"read\"",
	       "{\"id\":\"0190000000000000000000b2\"}");

	struct answer got = rt_call(chat, &body);

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
	struct buf body = rt_new_body();
	char *head = xasprintf("{\"command\":\"send\",\"userId\":\"%s\","
			       "\"sessionId\":\"%s\"}",
			       chat->people[ANN].id, chat->people[BOB].session);
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"x\"}",
				  chat->people[CAT].id);

	chat_command(&body, head, payload);
	chat_command(&body, "{\"command\":\"send\"}", payload);

	struct answer got = rt_call(chat, &body);

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
	struct buf body = rt_new_body();

	rt_add_send(chat, &body, ANN, BOB, "k1");
	rt_add_send(chat, &body, ANN, BOB, "k2");

	struct answer sent = rt_call(chat, &body);
	char *payload = xasprintf("{\"messageId\":\"%s\"}",
				  at(sent.body, "1.payload.id"));

	rt_add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"read\"",
	       payload);
	rt_add(chat, &body, BOB,
	       "\"command\":\"pointer\",\"kind\":\"received\"", payload);
	rt_add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"eaten\"",
	       payload);
	rt_add(chat, &body, CAT, "\"command\":\"pointer\",\"kind\":\"read\"",
	       payload);

	struct answer got = rt_call(chat, &body);

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
	struct buf body = rt_new_body();
	struct store_user user;
	char *head = xasprintf("{\"command\":\"last-seen\",\"users\":"
			       "[{\"userId\":\"%s\",\"at\":%lld}]}",
			       chat->people[BOB].id, (long long)INT64_MAX);
	int64_t before = clock_now_ms();

	chat_command(&body, head, NULL);
	chat_command(&body,
		     "{\"command\":\"last-seen\",\"users\":[{\"at\":1}]}",
		     NULL);
	chat_command(&body, "{\"command\":\"last-seen\"}", NULL);

	struct answer got = rt_call(chat, &body);

	assert_at(got.body, "0.head", "{\"ok\":true}");
	assert_at(got.body, "1.head.code", "invalid");
	assert_at(got.body, "2.head.code", "invalid");
	store_user_get(chat->app.store, chat->people[BOB].id, &user);
	/* Nobody was seen later than now. */
	assert_in_range(user.last_seen, before, clock_now_ms());
	store_user_done(&user);
	free(head);
	answer_done(&got);
	buf_done(&body);
}

static void a_malformed_call_is_refused_whole(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();
	struct answer got = rt_call(chat, &body);

	assert_int_equal(got.status, 400);
	answer_done(&got);
	rt_add_send(chat, &body, ANN, BOB, "k1");
	buf_adds(&body, "x");
	got = rt_call(chat, &body);
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
	struct buf body = rt_new_body();
	char *token = xasprintf("{\"token\":\"%s\"}", chat->people[ANN].token);
	char *path = xasprintf("%s/palabre.db", chat->dir);
	char *away = xasprintf("%s/away.db", chat->dir);

	assert_int_equal(rename(path, away), 0);
	rt_add_send(chat, &body, ANN, BOB, "k1");
	chat_command(&body, "{\"command\":\"session\"}", token);
	chat_command(&body, "{\"command\":\"dance\"}", token);

	struct answer got = rt_call(chat, &body);

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
	rt_add_send(chat, &body, ANN, BOB, "k1");
	got = rt_call(chat, &body);
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
		CASE(a_malformed_call_is_refused_whole),
		CASE(without_a_store_everything_is_unavailable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
