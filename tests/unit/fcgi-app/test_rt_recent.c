#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "rt_fixture.h"
#include "palabre_limits.h"
#include "store.h"

#include <sqlite3.h> /* behind palabre_options.h, whose names it takes */

#define START "000000000000000000000000"

static struct answer recent(struct chat *chat, const char *after)
{
	struct buf body = rt_new_body();
	char *head =
		xasprintf("{\"command\":\"recent\",\"after\":\"%s\"}", after);

	chat_command(&body, head, NULL);

	struct answer got = rt_call(chat, &body);

	free(head);
	buf_done(&body);
	return got;
}

static void recent_repeats_what_was_announced(void **state)
{
	struct chat *chat = *state;
	struct buf body = rt_new_body();

	rt_add_send(chat, &body, ANN, BOB, "k1");

	struct answer sent = rt_call(chat, &body);
	char *payload =
		xasprintf("{\"id\":\"%s\"}", at(sent.body, "0.payload.id"));
	char *target =
		xasprintf("/api/messages/%s", at(sent.body, "0.payload.id"));

	rt_add(chat, &body, BOB, "\"command\":\"pointer\",\"kind\":\"read\"",
	       payload);

	struct answer moved = rt_call(chat, &body);
	struct answer edited =
		chat_ask(chat, ANN, "PUT", target, "{\"content\":\"new\"}");
	struct answer got = recent(chat, START);

	assert_at(got.body, "0.head.ok", "true");
	assert_at(got.body, "0.head.more", "false");

	bool seen[3] = {false}, contacts = false;
	static const char *const names[] = {"message:new", "message:updated",
					    "message:read"};

	for (size_t i = 0; i < json_length(got.events); i++) {
		const char *name = at(json_at(got.events, i), "args.0.0");

		contacts |= strcmp(at(json_at(got.events, i), "contacts.0"),
				   chat->people[BOB].id) == 0;
		for (size_t n = 0; n < COUNT_OF(names); n++)
			seen[n] = seen[n] || strcmp(name, names[n]) == 0;
		if (strcmp(name, "message:updated") == 0)
			assert_at(json_at(got.events, i), "args.0.1.status",
				  "read");
	}
	assert_true(seen[0] && seen[1] && seen[2] && contacts);
	answer_done(&got);

	char newest[ID_SIZE];

	assert_int_equal(store_newest(chat->app.store, newest), STORE_OK);
	got = recent(chat, newest);
	assert_int_equal(json_length(got.events), 0);
	free(payload);
	free(target);
	answer_done(&sent);
	answer_done(&moved);
	answer_done(&edited);
	answer_done(&got);
	buf_done(&body);
}

/* By ann; target and body are freed. */
static struct answer done(struct chat *chat, const char *method, char *target,
			  char *body)
{
	struct answer answer = chat_ask(chat, ANN, method, target, body);

	assert_in_range(answer.status, 200, 299);
	free(target);
	free(body);
	return answer;
}

/* A group of ann and bob, what ann says in it, and then cat is added. */
static struct answer said_before_cat_came(struct chat *chat)
{
	struct answer group =
		done(chat, "POST", xstrdup("/api/conversations"),
		     xasprintf("{\"title\":\"t\",\"members\":[\"%s\"]}",
			       chat->people[BOB].id));
	char *id = xstrdup(at(group.body, "_id"));
	struct answer said = done(chat, "POST", xstrdup("/api/messages"),
				  xasprintf("{\"conversationId\":\"%s\","
					    "\"content\":\"old\"}",
					    id));
	struct answer added = done(
		chat, "POST", xasprintf("/api/conversations/%s/members", id),
		xasprintf("{\"userId\":\"%s\"}", chat->people[CAT].id));

	answer_done(&group);
	answer_done(&added);
	free(id);
	return said;
}

/* Whom the one event of that name passes over. */
static void assert_excepts(const struct answer *got, const char *name,
			   const char *users)
{
	size_t found = 0;

	for (size_t i = 0; i < json_length(got->events); i++) {
		const struct json_object *frame = json_at(got->events, i);

		if (strcmp(at(frame, "args.0.0"), name) != 0)
			continue;
		found++;
		assert_at(frame, "except", users);
	}
	assert_int_equal(found, 1);
}

static void a_change_passes_over_who_joined_behind_its_message(void **state)
{
	struct chat *chat = *state;
	const char *cat = chat->people[CAT].id;
	struct answer said = said_before_cat_came(chat);
	char *id = xstrdup(at(said.body, "_id"));
	struct answer edited =
		done(chat, "PUT", xasprintf("/api/messages/%s", id),
		     xstrdup("{\"content\":\"new\"}"));
	struct answer reacted =
		done(chat, "PUT", xasprintf("/api/messages/%s/reactions", id),
		     xstrdup("{\"emoji\":\"\u2764\",\"on\":true}"));
	struct answer got = recent(chat, START);

	assert_excepts(&edited, "message:updated", cat);
	assert_excepts(&reacted, "message:reaction", cat);
	assert_excepts(&got, "message:updated", cat);
	assert_excepts(&got, "message:reaction", cat);
	free(id);
	answer_done(&said);
	answer_done(&edited);
	answer_done(&reacted);
	answer_done(&got);
}

static size_t count_events(const struct answer *got, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < json_length(got->events); i++)
		count += strcmp(at(json_at(got->events, i), "args.0.0"),
				name) == 0;
	return count;
}

static void recent_comes_in_pages_without_loss_or_repeat(void **state)
{
	struct chat *chat = *state;
	size_t total = 0, pages = 0;
	char after[ID_SIZE] = START;
	bool more = true;

	for (size_t i = 0; i < 1100; i++) {
		const struct store_send send = {
			.sender_name = "x",
			.to = chat->people[1 - i % 2].id,
			.kind = MESSAGE_TEXT,
			.content = "text",
			.now_ms = chat->now_ms,
		};
		struct store_sent sent;

		assert_int_equal(
			store_send(chat->app.store,
				   &(struct store_viewer){
					   chat->people[i % 2].id, ROLE_USER},
				   &send, &sent),
			STORE_OK);
		store_sent_done(&sent);
	}
	for (; more; pages++) {
		struct answer got = recent(chat, after);
		size_t count = count_events(&got, "message:new");

		assert_true(count <= LIMIT_RECENT);
		total += count;
		json_get_bool(json_any(json_at(got.body, 0), "head"), "more",
			      &more);
		snprintf(after, sizeof(after), "%s",
			 at(got.body, "0.head.after"));
		answer_done(&got);
	}
	assert_int_equal(total, 1100);
	assert_true(pages >= 3);
}

#define MOVES 20000

/* Somebody read on in each of so many conversations. */
static void move_marks(const struct chat *chat)
{
	char *path = xasprintf("%s/palabre.db", chat->dir);
	char *sql = xasprintf(
		"CREATE TEMP TABLE t AS WITH RECURSIVE n (i) AS (SELECT 1 UNION"
		" ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i,"
		" CAST(printf('low %%08x', i) AS BLOB) AS low,"
		" CAST(printf('other %%06x', i) AS BLOB) AS high FROM n;"
		"INSERT INTO conversation (id, n, kind, made, low, high,"
		" low_received, low_read) SELECT high, i, 0, low, low, high,"
		" 1, 1 FROM t;"
		"INSERT INTO event (position, n, user_id)"
		" SELECT CAST(printf('then %%07x', i) AS BLOB), i, low FROM t",
		MOVES);
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(handle);
	free(sql);
	free(path);
}

static void read_marks_come_in_pages_too(void **state)
{
	struct chat *chat = *state;
	char after[ID_SIZE] = START;
	size_t total = 0, pages = 0;
	bool more = true;

	move_marks(chat);
	for (; more; pages++) {
		struct answer got = recent(chat, after);

		assert_at(got.body, "0.head.ok", "true");
		total += count_events(&got, "message:read");
		json_get_bool(json_any(json_at(got.body, 0), "head"), "more",
			      &more);
		snprintf(after, sizeof(after), "%s",
			 at(got.body, "0.head.after"));
		answer_done(&got);
	}
	assert_int_equal(total, MOVES);
	assert_in_range(pages, 5, 20);
}

static void recent_goes_by_position(void **state)
{
	struct chat *chat = *state;
	char after[ID_SIZE];

	chat_say(chat, ANN, BOB, "before");
	assert_int_equal(store_newest(chat->app.store, after), STORE_OK);
	chat->now_ms -= 7200000;
	chat_say(chat, ANN, BOB, "behind");

	struct answer got = recent(chat, after);

	assert_int_equal(json_length(got.events), 1);
	assert_at(got.events, "0.args.0.1.content", "behind");
	assert_at(got.events, "0.position", at(got.body, "0.head.after"));
	answer_done(&got);
	got = recent(chat, "yesterday");
	assert_at(got.body, "0.head.code", "invalid");
	answer_done(&got);
}

int main(void)
{
#define CASE(name)                                                             \
	cmocka_unit_test_setup_teardown(name, chat_set_up, chat_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(recent_repeats_what_was_announced),
		CASE(a_change_passes_over_who_joined_behind_its_message),
		CASE(recent_comes_in_pages_without_loss_or_repeat),
		CASE(read_marks_come_in_pages_too),
		CASE(recent_goes_by_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
