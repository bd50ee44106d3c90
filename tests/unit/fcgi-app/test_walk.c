/* Unread counts and ticks after every step of a random walk of what people do,
 * against a model of one page. PALABRE_TEST_SEED=N replays a walk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "chat_fixture.h"
#include "json.h"
#include "mem.h"

#define STEPS 400
#define MESSAGES_MAX (STEPS + 1)

/* One conversation as it should be. */
struct talk {
	int64_t last, changes;
	int64_t read[PEOPLE], received[PEOPLE];
	int sender[MESSAGES_MAX]; /* by seq */
	bool edited[MESSAGES_MAX], deleted[MESSAGES_MAX];
	char id[MESSAGES_MAX][ID_SIZE];
};

struct walk {
	struct chat *chat;
	struct talk talks[PEOPLE][PEOPLE]; /* [smaller][greater] */
	uint64_t dice;
};

static int throw(struct walk * walk, int sides)
{
	walk->dice = walk->dice * 6364136223846793005u + 1442695040888963407u;
	return (int)((walk->dice >> 33) % (uint64_t)sides);
}

static struct talk *talk_of(struct walk *walk, int a, int b)
{
	return &walk->talks[a < b ? a : b][a < b ? b : a];
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void reach(struct talk *talk, int who, int64_t seq, bool read)
{
	if (seq > talk->last)
		seq = talk->last;
	talk->received[who] = most(talk->received[who], seq);
	if (read)
		talk->read[who] = most(talk->read[who], seq);
}

/* ---- what they do ---- */

static void do_send(struct walk *walk, int who, int other)
{
	struct talk *talk = talk_of(walk, who, other);
	struct answer got = chat_send(walk->chat, who, other, "text", NULL);

	assert_int_equal(got.status, 201);
	talk->last++;
	talk->sender[talk->last] = who;
	memcpy(talk->id[talk->last], at(got.body, "_id"), ID_SIZE);
	reach(talk, who, talk->last, true);
	answer_done(&got);
}

static void do_move(struct walk *walk, int who, int other)
{
	struct talk *talk = talk_of(walk, who, other);
	int64_t seq = throw(walk, (int)talk->last + 3);
	bool read = throw(walk, 2) == 0;
	struct answer got;

	chat_move(walk->chat, who, other, read ? "read" : "received", seq,
		  &got);
	assert_int_equal(got.status, talk->last > 0 ? 200 : 404);
	reach(talk, who, seq, read);
	answer_done(&got);
}

static void do_open_old_page(struct walk *walk, int who, int other)
{
	struct talk *talk = talk_of(walk, who, other);
	struct answer got = chat_get(walk->chat, who, "/api/messages/%s?page=2",
				     walk->chat->people[other].id);

	assert_int_equal(got.status, 200);
	reach(talk, who, talk->last, true);
	answer_done(&got);
}

static void do_change(struct walk *walk, int who, int other)
{
	struct talk *talk = talk_of(walk, who, other);
	bool deletes = throw(walk, 2) == 0;
	int64_t seq = talk->last > 0 ? 1 + throw(walk, (int)talk->last) : 0;

	if (seq == 0)
		return;
	bool own = talk->sender[seq] == who;
	bool may = own && (deletes || !talk->deleted[seq]);
	char *target = xasprintf("/api/messages/%s", talk->id[seq]);
	char *body = xasprintf("{\"content\":\"%d\"}", throw(walk, 1000000));
	struct answer got =
		chat_ask(walk->chat, who, deletes ? "DELETE" : "PUT", target,
			 deletes ? NULL : body);

	assert_int_equal(got.status, may ? 200 : 403);
	if (may && !(deletes && talk->deleted[seq]))
		talk->changes++;
	talk->deleted[seq] = talk->deleted[seq] || (may && deletes);
	talk->edited[seq] = talk->edited[seq] || (may && !deletes);
	free(target);
	free(body);
	answer_done(&got);
}

static void step(struct walk *walk)
{
	static void (*const steps[])(struct walk *, int, int) = {
		do_send, do_send, do_send,   do_move,
		do_move, do_move, do_change, do_open_old_page,
	};
	int who = throw(walk, PEOPLE);
	int other = (who + 1 + throw(walk, PEOPLE - 1)) % PEOPLE;

	walk->chat->now_ms += throw(walk, 3);
	steps[throw(walk, (int)COUNT_OF(steps))](walk, who, other);
}

/* ---- what they see ---- */

static int person_at(const struct walk *walk, const char *id)
{
	for (int who = 0; who < PEOPLE; who++) {
		if (strcmp(walk->chat->people[who].id, id) == 0)
			return who;
	}
	fail_msg("nobody is %s", id);
	return -1;
}

static void assert_number(const struct json_object *value, const char *path,
			  int64_t want)
{
	assert_int_equal(atoll(at(value, path)), want);
}

static void check_list(struct walk *walk, int who)
{
	struct answer got = chat_get(walk->chat, who, "/api/conversations");

	for (size_t i = 0; i < json_length(got.body); i++) {
		const struct json_object *one = json_at(got.body, i);
		int other = person_at(walk, at(one, "otherUser._id"));
		const struct talk *talk = talk_of(walk, who, other);

		assert_number(one, "lastSeq", talk->last);
		assert_number(one, "lastChange", talk->changes);
		assert_number(one, "unread", talk->last - talk->read[who]);
		assert_number(one, "receivedSeq", talk->received[who]);
		assert_number(one, "lastMessage.seq", talk->last);
	}
	answer_done(&got);
}

static const char *ticks(const struct talk *talk, int other, int64_t seq)
{
	if (talk->read[other] >= seq)
		return "read";
	return talk->received[other] >= seq ? "received" : "sent";
}

static void check_history(struct walk *walk, int who, int other)
{
	const struct talk *talk = talk_of(walk, who, other);
	struct answer got = chat_get(
		walk->chat, who, "/api/messages/conversation?with=%s&limit=100",
		walk->chat->people[other].id);
	const struct json_object *items = json_any(got.body, "items");

	assert_int_equal(json_length(items),
			 talk->last < 100 ? talk->last : 100);
	for (size_t i = 0; i < json_length(items); i++) {
		const struct json_object *one = json_at(items, i);
		int64_t seq =
			talk->last - (int64_t)(json_length(items) - i) + 1;
		int sender = talk->sender[seq];

		assert_number(one, "seq", seq);
		assert_at(one, "_id", talk->id[seq]);
		assert_at(one, "status",
			  ticks(talk, sender == who ? other : who, seq));
		assert_at(one, "edited", talk->edited[seq] ? "true" : "false");
		assert_at(one, "deleted",
			  talk->deleted[seq] ? "true" : "false");
	}
	answer_done(&got);
}

static void counts_and_ticks_are_right_after_every_step(void **state)
{
	const char *seed = getenv("PALABRE_TEST_SEED");
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->chat = *state;
	walk->dice =
		seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
	print_message("PALABRE_TEST_SEED=%llu\n",
		      (unsigned long long)walk->dice);
	for (int i = 0; i < STEPS; i++) {
		step(walk);
		for (int who = 0; who < PEOPLE; who++)
			check_list(walk, who);
		check_history(walk, i % PEOPLE, (i + 1) % PEOPLE);
		check_history(walk, (i + 1) % PEOPLE, i % PEOPLE);
	}
	free(walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			counts_and_ticks_are_right_after_every_step,
			chat_set_up, chat_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
