#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chat_fixture.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "store.h"

#define NOBODYS "0190000000000000000000b2"

static void say(struct chat *chat, int from, int to, int times)
{
	for (int i = 0; i < times; i++) {
		const struct store_send send = {
			.sender_name = "x",
			.to = chat->people[to].id,
			.kind = MESSAGE_TEXT,
			.content = "text",
			.now_ms = chat->now_ms,
		};
		struct store_sent sent;

		assert_int_equal(
			store_send(chat->app.store,
				   &(struct store_viewer){chat->people[from].id,
							  ROLE_USER},
				   &send, &sent),
			STORE_OK);
		store_sent_done(&sent);
	}
}

static struct answer sync_as(struct chat *chat, int who, const char *epoch,
			     const char *conversations)
{
	char *body = xasprintf("{\"epoch\":%s%s%s,\"conversations\":{%s}}",
			       epoch != NULL ? "\"" : "",
			       epoch != NULL ? epoch : "null",
			       epoch != NULL ? "\"" : "", conversations);
	struct answer answer = chat_ask(chat, who, "POST", "/api/sync", body);

	free(body);
	return answer;
}

/* With our own epoch; ANN's conversation with other at {seq, change}. */
static struct answer sync_one(struct chat *chat, int other, int64_t seq,
			      int64_t change)
{
	char id[ID_SIZE], epoch[ID_SIZE];

	id_direct(chat->people[ANN].id, chat->people[other].id, id);
	assert_int_equal(store_epoch(chat->app.store, epoch), STORE_OK);

	char *point = xasprintf("\"%s\":{\"seq\":%lld,\"change\":%lld}", id,
				(long long)seq, (long long)change);
	struct answer answer = sync_as(chat, ANN, epoch, point);

	free(point);
	return answer;
}

static size_t count(const struct answer *answer, const char *list)
{
	return json_length(json_any(answer->body, list));
}

static void a_first_sync_gives_every_conversation_whole(void **state)
{
	struct chat *chat = *state;

	say(chat, BOB, ANN, 2);
	say(chat, CAT, ANN, 1);

	struct answer got = sync_as(chat, ANN, NULL, "");

	assert_int_equal(got.status, 200);
	assert_int_equal(count(&got, "new"), 2);
	assert_int_equal(count(&got, "messages"), 0);
	assert_string_equal(at(got.body, "pointers"), "{}");
	assert_string_equal(at(got.body, "more"), "false");
	assert_int_equal(strlen(at(got.body, "epoch")), ID_LEN);
	answer_done(&got);
}

static void what_was_missed_comes_in_order_with_the_pointers(void **state)
{
	struct chat *chat = *state;

	say(chat, BOB, ANN, 5);

	struct answer got = sync_one(chat, BOB, 2, 0);

	assert_int_equal(count(&got, "messages"), 3);
	assert_string_equal(at(got.body, "messages.0.seq"), "3");
	assert_string_equal(at(got.body, "messages.2.seq"), "5");
	assert_int_equal(count(&got, "new"), 0);
	assert_int_equal(count(&got, "reset"), 0);

	char id[ID_SIZE];

	id_direct(chat->people[ANN].id, chat->people[BOB].id, id);
	assert_int_equal(
		json_length(json_any(json_any(got.body, "pointers"), id)), 2);
	answer_done(&got);
}

static void edits_and_deletions_come_as_changes(void **state)
{
	struct chat *chat = *state;
	struct answer got;
	char *target;

	say(chat, ANN, BOB, 2);
	got = sync_one(chat, BOB, 0, 0);
	target = xasprintf("/api/messages/%s", at(got.body, "messages.0._id"));
	answer_done(&got);
	got = chat_ask(chat, ANN, "PUT", target, "{\"content\":\"new\"}");
	answer_done(&got);
	got = chat_ask(chat, ANN, "DELETE", target, NULL);
	answer_done(&got);
	got = sync_one(chat, BOB, 2, 0);
	assert_int_equal(count(&got, "messages"), 0);
	assert_int_equal(count(&got, "changes"), 2);
	assert_string_equal(at(got.body, "changes.0.kind"), "edit");
	assert_string_equal(at(got.body, "changes.1.kind"), "delete");
	assert_string_equal(at(got.body, "changes.1.change"), "2");
	assert_string_equal(at(got.body, "changes.1.message.deleted"), "true");
	answer_done(&got);
	got = sync_one(chat, BOB, 2, 1);
	assert_int_equal(count(&got, "changes"), 1);
	answer_done(&got);
	free(target);
}

static void too_much_or_too_far_is_reset(void **state)
{
	struct chat *chat = *state;
	struct answer got;

	say(chat, BOB, ANN, LIMIT_SYNC_CONVERSATION + 1);
	got = sync_one(chat, BOB, 0, 0);
	assert_int_equal(count(&got, "reset"), 1);
	assert_int_equal(count(&got, "messages"), 0);
	/* no page of it says how far people have read */
	assert_non_null(strstr(at(got.body, "pointers"), "\"readSeq\":"));
	answer_done(&got);
	got = sync_one(chat, BOB, 1, 0);
	assert_int_equal(count(&got, "reset"), 0);
	assert_int_equal(count(&got, "messages"), LIMIT_SYNC_CONVERSATION);
	answer_done(&got);
	got = sync_one(chat, BOB, LIMIT_SYNC_CONVERSATION + 2, 0);
	assert_int_equal(count(&got, "reset"), 1);
	answer_done(&got);
	got = sync_one(chat, BOB, LIMIT_SYNC_CONVERSATION + 1, 1);
	assert_int_equal(count(&got, "reset"), 1);
	answer_done(&got);
}

/* A group of ann's, what she says in it, and then cat is added. */
static void make_group(struct chat *chat, char id[ID_SIZE],
		       char message[ID_SIZE])
{
	const struct store_viewer ann = {chat->people[ANN].id, ROLE_USER};
	const char *cat = chat->people[CAT].id;
	struct store_group_act act = {
		.event = GROUP_MADE,
		.title = "t",
		.avatar = "",
		.actor_name = "Ann",
		.now_ms = chat->now_ms,
	};
	struct store_send send = {
		.sender_name = "Ann",
		.conversation = id,
		.content = "text",
		.now_ms = chat->now_ms,
	};
	struct store *store = chat->app.store;
	struct store_group_done done;
	struct store_sent sent;

	assert_int_equal(store_group_make(store, &ann, &act, &done), STORE_OK);
	memcpy(id, done.message.conversation, ID_SIZE);
	store_group_done_free(&done);
	assert_int_equal(store_send(store, &ann, &send, &sent), STORE_OK);
	memcpy(message, sent.message.id, ID_SIZE);
	store_sent_done(&sent);
	act.event = GROUP_ADDED;
	act.users = &cat;
	act.user_count = 1;
	assert_int_equal(store_group_act(store, &ann, id, &act, &done),
			 STORE_OK);
	store_group_done_free(&done);
}

static void edit(struct chat *chat, const char *message, int times)
{
	const struct store_viewer ann = {chat->people[ANN].id, ROLE_USER};
	struct store_edit change = {
		.kind = CHANGE_EDIT,
		.now_ms = chat->now_ms,
	};
	struct store_change done;
	char content[16];

	change.content = content;
	for (int i = 0; i < times; i++) {
		snprintf(content, sizeof(content), "%d", i);
		assert_int_equal(store_message_change(chat->app.store, &ann,
						      message, &change, &done),
				 STORE_OK);
		store_change_done(&done);
	}
}

/* Or a client would ask for more for ever. */
static void changes_that_one_may_not_see_make_nothing_wait(void **state)
{
	struct chat *chat = *state;
	char epoch[ID_SIZE], groups[3][ID_SIZE], message[ID_SIZE];

	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		make_group(chat, groups[i], message);
		edit(chat, message, LIMIT_SYNC_CONVERSATION);
	}
	assert_true(COUNT_OF(groups) * LIMIT_SYNC_CONVERSATION >
		    LIMIT_SYNC_TOTAL);
	assert_int_equal(store_epoch(chat->app.store, epoch), STORE_OK);

	char *points = xasprintf("\"%s\":{\"seq\":3,\"change\":0},"
				 "\"%s\":{\"seq\":3,\"change\":0},"
				 "\"%s\":{\"seq\":3,\"change\":0}",
				 groups[0], groups[1], groups[2]);
	struct answer got = sync_as(chat, CAT, epoch, points);

	assert_int_equal(count(&got, "changes"), 0);
	assert_int_equal(count(&got, "reset"), 0);
	assert_string_equal(at(got.body, "more"), "false");
	answer_done(&got);
	free(points);
}

static void another_epoch_resets_what_was_named(void **state)
{
	struct chat *chat = *state;
	char id[ID_SIZE];

	say(chat, BOB, ANN, 1);
	say(chat, CAT, ANN, 1);
	id_direct(chat->people[ANN].id, chat->people[BOB].id, id);

	char *point = xasprintf("\"%s\":{\"seq\":1,\"change\":0}", id);
	const char *const epochs[] = {NULL, NOBODYS};

	for (size_t i = 0; i < COUNT_OF(epochs); i++) {
		struct answer got = sync_as(chat, ANN, epochs[i], point);

		assert_string_equal(at(got.body, "reset.0"), id);
		assert_int_equal(count(&got, "new"), 1);
		answer_done(&got);
	}
	free(point);
}

static void what_is_not_ones_own_is_gone(void **state)
{
	struct chat *chat = *state;
	char theirs[ID_SIZE];

	say(chat, BOB, CAT, 3);
	id_direct(chat->people[BOB].id, chat->people[CAT].id, theirs);

	char *points = xasprintf("\"%s\":{\"seq\":0,\"change\":0},"
				 "\"" NOBODYS "\":{\"seq\":0,\"change\":0}",
				 theirs);
	struct answer got = sync_as(chat, ANN, NULL, points);

	assert_int_equal(count(&got, "gone"), 2);
	assert_int_equal(count(&got, "messages"), 0);
	assert_int_equal(count(&got, "reset"), 0);
	assert_string_equal(at(got.body, "pointers"), "{}");
	free(points);
	answer_done(&got);
}

static enum store_status none_there(struct store *store,
				    const struct store_viewer *viewer,
				    const char *conversation,
				    const struct store_range *range,
				    store_each_message *each, void *context)
{
	(void)store;
	(void)viewer;
	(void)conversation;
	(void)range;
	(void)each;
	(void)context;
	return STORE_NOT_FOUND;
}

/* A store without a snapshot, which they left between two looks. */
static void what_they_leave_meanwhile_is_gone(void **state)
{
	struct chat *chat = *state;
	struct store_message_verbs verbs = *chat->app.store->messages;
	const struct store_message_verbs *whole = chat->app.store->messages;

	say(chat, BOB, ANN, 1);
	verbs.range = none_there;
	chat->app.store->messages = &verbs;

	struct answer got = sync_one(chat, BOB, 0, 0);

	chat->app.store->messages = whole;
	assert_int_equal(got.status, 200);
	assert_int_equal(count(&got, "gone"), 1);
	assert_int_equal(count(&got, "messages"), 0);
	assert_string_equal(at(got.body, "pointers"), "{}");
	answer_done(&got);
}

static void a_malformed_point_is_refused(void **state)
{
	struct chat *chat = *state;
	static const char *const bodies[] = {
		"{\"conversations\":[]}",
		"{\"conversations\":{\"x\":{\"seq\":0,\"change\":0}}}",
		"{\"conversations\":{\"" NOBODYS "\":{\"seq\":0}}}",
		"{\"conversations\":{\"" NOBODYS "\":7}}",
		"{\"conversations\":{\"" NOBODYS "\":null}}",
		"{\"conversations\":{\"" NOBODYS
		"\":{\"seq\":-1,\"change\":0}}}",
		"{\"conversations\":{\"" NOBODYS
		"\":{\"seq\":\"1\",\"change\":0}}}",
		"{\"epoch\":7,\"conversations\":{}}",
	};

	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		struct answer got =
			chat_ask(chat, ANN, "POST", "/api/sync", bodies[i]);

		assert_int_equal(got.status, 400);
		assert_string_equal(at(got.body, "error.code"), "invalid");
		answer_done(&got);
	}
}

int main(void)
{
#define CASE(name)                                                             \
	cmocka_unit_test_setup_teardown(name, chat_set_up, chat_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_first_sync_gives_every_conversation_whole),
		CASE(what_was_missed_comes_in_order_with_the_pointers),
		CASE(edits_and_deletions_come_as_changes),
		CASE(too_much_or_too_far_is_reset),
		CASE(changes_that_one_may_not_see_make_nothing_wait),
		CASE(another_epoch_resets_what_was_named),
		CASE(what_is_not_ones_own_is_gone),
		CASE(what_they_leave_meanwhile_is_gone),
		CASE(a_malformed_point_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
