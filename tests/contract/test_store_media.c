/* Which files a conversation shows, and what of it was written when. */
#include "group.h"

#include <string.h>

#include "mem.h"

static void upload(struct contract *c, const char *owner, char id[ID_SIZE])
{
	struct store_file file = {
		.name = xstrdup("a.png"),
		.mime = xstrdup("image/png"),
		.size = 10,
		.created_at = ++c->now,
	};

	memcpy(file.owner, owner, ID_SIZE);
	memset(file.hash, 'a', STORE_FILE_HASH_SIZE - 1);
	assert_ok(store_file_add(c->store, &file, 1000));
	memcpy(id, file.id, ID_SIZE);
	store_file_done(&file);
}

/* Ann's to bob, or in that group, with a file; its id. */
static void show_in(struct contract *c, const char *group, char id[ID_SIZE])
{
	char file[ID_SIZE];
	struct store_sent sent;
	struct store_send send = {
		.sender_name = "Ann",
		.to = group == NULL ? c->bob : NULL,
		.conversation = group,
		.content = "",
		.kind = MESSAGE_FILE,
		.attachment = file,
		.now_ms = ++c->now,
	};

	upload(c, c->ann, file);
	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	memcpy(id, sent.message.id, ID_SIZE);
	store_sent_done(&sent);
}

static void show(struct contract *c, char id[ID_SIZE])
{
	show_in(c, NULL, id);
}

struct seen {
	size_t count, wanted;
	int64_t seq[9];
};

static bool see(const struct store_message *message, void *context)
{
	struct seen *seen = context;

	assert_non_null(message->attachment);
	seen->seq[seen->count++] = message->seq;
	return seen->count < seen->wanted;
}

static struct seen files(struct contract *c, const char *who, const char *id,
			 int64_t before)
{
	const struct store_showing showing = {before, 9};
	struct seen seen = {.wanted = 9};

	assert_ok(store_messages_with_files(c->store, AS(who), id, &showing,
					    see, &seen));
	return seen;
}

static size_t count_files(struct contract *c, const char *id, int64_t limit,
			  size_t wanted)
{
	const struct store_showing showing = {INT64_MAX, limit};
	struct seen seen = {.wanted = wanted};

	assert_ok(store_messages_with_files(c->store, AS(c->ann), id, &showing,
					    see, &seen));
	return seen.count;
}

static void files_come_newest_first_and_those_that_are_gone_do_not(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const char *id = place.conversation;
	char one[ID_SIZE], two[ID_SIZE];
	const struct store_showing all = {9, 9};
	struct seen seen;

	assert_int_equal(files(c, c->bob, id, INT64_MAX).count, 0);
	show(c, one);
	contract_place(c, c->bob, c->ann, "words");
	show(c, two);
	seen = files(c, c->bob, id, INT64_MAX);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.seq[0], 4);
	assert_int_equal(seen.seq[1], 2);
	assert_int_equal(count_files(c, id, 1, 9), 1);
	assert_int_equal(count_files(c, id, 9, 1), 1);
	assert_int_equal(files(c, c->ann, id, 0).count, 0);
	seen = files(c, c->ann, id, 4);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.seq[0], 2);
	contract_edit(c, c->ann, one, NULL);
	seen = files(c, c->ann, id, INT64_MAX);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.seq[0], 4);
	assert_int_equal(store_messages_with_files(c->store, AS(c->cat), id,
						   &all, see, &seen),
			 STORE_NOT_FOUND);
}

static void files_that_are_hidden_are_not_shown(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	char one[ID_SIZE];

	contract_block(c, c->bob, c->ann, true);
	show(c, one);
	assert_int_equal(files(c, c->bob, place.conversation, INT64_MAX).count,
			 0);
	assert_int_equal(files(c, c->ann, place.conversation, INT64_MAX).count,
			 1);
}

/* What is hidden takes no place among those that are shown. */
static void so_many_are_given_as_are_seen(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	char id[ID_SIZE];

	show(c, id);
	contract_block(c, c->bob, c->ann, true);
	show(c, id);
	show(c, id);
	contract_block(c, c->bob, c->ann, false);
	show(c, id);
	const struct store_showing two = {INT64_MAX, 2};
	struct seen seen = {.wanted = 9};

	assert_ok(store_messages_with_files(
		c->store, AS(c->bob), place.conversation, &two, see, &seen));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.seq[0], 5);
	assert_int_equal(seen.seq[1], 2);
}

static void who_came_late_sees_nothing_of_before(void **state)
{
	struct contract *c = *state;
	char group[ID_SIZE], id[ID_SIZE];
	int64_t seq;

	group_make(c, group);
	show_in(c, group, id);
	group_assert_done(c, c->ann, group, GROUP_ADDED, c->cat, "Cat");
	assert_int_equal(files(c, c->cat, group, INT64_MAX).count, 0);
	assert_int_equal(files(c, c->bob, group, INT64_MAX).count, 1);
	show_in(c, group, id);
	assert_int_equal(files(c, c->cat, group, INT64_MAX).count, 1);
	assert_ok(store_seek(c->store, AS(c->cat), group, 0, &seq));
	assert_int_equal(seq, 3);
}

#define MANY 40

static int64_t seek(struct contract *c, const char *id, int64_t at)
{
	int64_t seq;

	assert_ok(store_seek(c->store, AS(c->ann), id, at, &seq));
	return seq;
}

static void a_time_leads_to_the_first_message_since(void **state)
{
	struct contract *c = *state;
	struct contract_place place = {.seq = 0};
	int64_t times[MANY];

	for (int i = 0; i < MANY; i++) {
		c->now += 1000;
		place = contract_place(c, c->ann, c->bob, "x");
		times[i] = c->now;
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(seek(c, place.conversation, times[i]), i + 1);
		assert_int_equal(seek(c, place.conversation, times[i] + 1),
				 i + 2);
	}
	assert_int_equal(seek(c, place.conversation, 0), 1);
	assert_int_equal(seek(c, place.conversation, -5), 1);
	assert_int_equal(
		store_seek(c->store, AS(c->cat), place.conversation, 0, times),
		STORE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			files_come_newest_first_and_those_that_are_gone_do_not),
		CONTRACT_TEST(files_that_are_hidden_are_not_shown),
		CONTRACT_TEST(so_many_are_given_as_are_seen),
		CONTRACT_TEST(who_came_late_sees_nothing_of_before),
		CONTRACT_TEST(a_time_leads_to_the_first_message_since),
	};

	return contract_run("media", tests, COUNT_OF(tests));
}
