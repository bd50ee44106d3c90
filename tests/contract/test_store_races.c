/*
 * Promises 2 and 3 under as many writers as there may be: 16 processes write
 * into one conversation, and into a thousand, and a quarter of what one sends
 * another sends as well, with the same clientId.
 *
 * So many messages as PALABRE_TEST_RACE says (20000 for those who have time), a
 * fifth of them in one conversation.
 */
#include "children.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

#define WRITERS 16
#define MESSAGES_DEFAULT 5000
#define REPEATED 4 /* one in so many is sent by two */
/* So many in each of many conversations. */
#define EACH 4

struct plan {
	int messages;
	int conversations; /* 1: all of it is in one */
	char (*others)[ID_SIZE];
};

static struct plan plan; /* as the children find it */

static int messages_wanted(void)
{
	const char *text = getenv("PALABRE_TEST_RACE");

	return text != NULL ? atoi(text) : MESSAGES_DEFAULT;
}

/* ---- a writer ---- */

static enum store_status send_key(struct contract *c, int key,
				  struct store_sent *sent)
{
	const char *other = plan.others[key % plan.conversations];
	/* In one conversation both write. */
	bool back = plan.conversations == 1 && key % 2 == 1;
	char client_id[20], text[20];
	struct store_send send = {
		.sender_name = "n",
		.to = back ? c->ann : other,
		.content = text,
		.client_id = client_id,
		.now_ms = ++c->now,
	};

	snprintf(client_id, sizeof(client_id), "k%d", key);
	snprintf(text, sizeof(text), "%d", key);
	return store_send(c->store, AS(back ? other : c->ann), &send, sent);
}

static bool send_surely(struct contract *c, int key)
{
	enum store_status status;
	struct store_sent sent;
	int tries = 0;

	do
		status = send_key(c, key, &sent);
	while (children_try_again(status, &tries));
	if (status == STORE_OK)
		store_sent_done(&sent);
	return status == STORE_OK;
}

static int write_share(struct contract *c, int number, int report)
{
	(void)report;
	for (int key = 0; key < plan.messages; key++) {
		bool mine = key % WRITERS == number;
		bool theirs = (key + 1) % WRITERS == number &&
			      key / WRITERS % REPEATED == 0;

		if ((mine || theirs) && !send_surely(c, key))
			return 1;
	}
	return 0;
}

/* ---- what came of it ---- */

struct found {
	int64_t next; /* seq */
	bool *seen;   /* keys */
};

static bool look_at(const struct store_message *message, void *context)
{
	struct found *found = context;
	int key = atoi(message->content);

	assert_int_equal(message->seq, found->next);
	found->next++;
	assert_in_range(key, 0, plan.messages - 1);
	assert_false(found->seen[key]);
	found->seen[key] = true;
	return true;
}

static void look_through(struct contract *c, const char *id,
			 struct found *found)
{
	size_t size = (size_t)plan.messages;
	bool *before = xcalloc(size, 1);
	enum store_status status;
	int tries = 0;

	memcpy(before, found->seen, size);
	do {
		memcpy(found->seen, before, size);
		found->next = 1;
		status = store_messages(c->store, AS(c->ann), id,
					RANGE(1, INT64_MAX), look_at, found);
	} while (children_try_again(status, &tries));
	assert_ok(status);
	free(before);
}

static void assert_each_once(struct contract *c)
{
	struct found found = {.seen = xcalloc((size_t)plan.messages, 1)};
	int64_t count = 0;

	for (int i = 0; i < plan.conversations; i++) {
		struct store_conversation seen;
		enum store_status status;
		char id[ID_SIZE];
		int tries = 0;

		id_direct(c->ann, plan.others[i], id);
		look_through(c, id, &found);
		count += found.next - 1;
		do
			status = store_conversation_get(c->store, AS(c->ann),
							id, &seen);
		while (children_try_again(status, &tries));
		assert_ok(status);
		assert_int_equal(seen.last_seq, found.next - 1);
		store_conversation_done(&seen);
	}
	assert_int_equal(count, plan.messages);
	free(found.seen);
}

static void race(struct contract *c)
{
	struct children children;

	children_start(&children, c, WRITERS, write_share);
	children_wait(&children, c, NULL);
	assert_each_once(c);
}

static void sixteen_write_into_one_conversation(void **state)
{
	struct contract *c = *state;

	plan = (struct plan){messages_wanted() / 5, 1, &c->bob};
	race(c);
}

static void sixteen_write_into_a_thousand_conversations(void **state)
{
	struct contract *c = *state;
	int count = messages_wanted() / 5 * 4 / EACH;
	char name[20];

	plan = (struct plan){count * EACH, count, NULL};
	plan.others = xcalloc((size_t)count, sizeof(*plan.others));
	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		contract_add_user(c, name, plan.others[i]);
	}
	assert_ok(store_batch_commit(c->store));
	race(c);
	free(plan.others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(sixteen_write_into_one_conversation),
		CONTRACT_TEST(sixteen_write_into_a_thousand_conversations),
	};

	return contract_run("races", tests, COUNT_OF(tests));
}
