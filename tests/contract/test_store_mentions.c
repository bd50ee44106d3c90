/* Whom a message names, beside its text. */
#include "contract.h"

#include <string.h>

#include "mem.h"

static struct store_mention mention_of(const char *user, int64_t start)
{
	struct store_mention mention = {.start = start, .length = 4};

	memcpy(mention.user, user, ID_SIZE);
	return mention;
}

static void mentions_stand_beside_the_text_and_go_with_it(void **state)
{
	struct contract *c = *state;
	const struct store_mention bob = mention_of(c->bob, 3);
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = "hi @bob",
		.client_id = "m1",
		.mentions = &bob,
		.mention_count = 1,
		.now_ms = ++c->now,
	};
	struct store_edit edit = {
		.kind = CHANGE_EDIT,
		.content = "@bob hi",
		.now_ms = ++c->now,
	};
	struct store_sent sent;
	struct store_message got;
	struct store_change change;

	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	assert_non_null(strstr(sent.message.mentions, c->bob));
	assert_non_null(
		strstr(sent.message.mentions, "\"start\":3,\"length\":4"));
	assert_ok(
		store_message_get(c->store, AS(c->bob), sent.message.id, &got));
	contract_assert_same(&got, &sent.message);
	store_message_done(&got);

	/* the same clientId with another mention is another request */
	send.mention_count = 0;
	assert_int_equal(contract_try(c, c->ann, &send), STORE_REUSED);
	send.mention_count = 1;
	assert_ok(contract_try(c, c->ann, &send));

	assert_ok(store_message_change(c->store, AS(c->ann), sent.message.id,
				       &edit, &change));
	assert_null(change.message.mentions);
	store_change_done(&change);
	const struct store_mention moved = mention_of(c->bob, 0);

	edit.mentions = &moved;
	edit.mention_count = 1;
	assert_ok(store_message_change(c->store, AS(c->ann), sent.message.id,
				       &edit, &change));
	assert_int_equal(change.change, 2);
	assert_non_null(strstr(change.message.mentions, "\"start\":0"));
	store_change_done(&change);
	assert_ok(store_message_change(c->store, AS(c->ann), sent.message.id,
				       &edit, &change));
	assert_int_equal(change.change, 2);
	store_change_done(&change);
	edit.kind = CHANGE_DELETE;
	assert_ok(store_message_change(c->store, AS(c->ann), sent.message.id,
				       &edit, &change));
	assert_null(change.message.mentions);
	store_change_done(&change);
	store_sent_done(&sent);
}

static void only_who_sees_a_conversation_is_mentioned_in_it(void **state)
{
	struct contract *c = *state;
	const struct store_mention cat = mention_of(c->cat, 0);
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = "@cat",
		.mentions = &cat,
		.mention_count = 1,
		.now_ms = ++c->now,
	};
	struct store_edit edit = {
		.kind = CHANGE_EDIT,
		.content = "@cat",
		.mentions = &cat,
		.mention_count = 1,
		.now_ms = ++c->now,
	};
	struct store_change change;

	assert_int_equal(contract_try(c, c->ann, &send), STORE_STRANGER);
	assert_int_equal(store_message_change(c->store, AS(c->ann), place.id,
					      &edit, &change),
			 STORE_STRANGER);
	send.to = c->cat;
	assert_ok(contract_try(c, c->ann, &send));
}

static void both_of_support_are_named_by_what_opens_it(void **state)
{
	struct contract *c = *state;
	const struct store_mention both[] = {
		mention_of(c->ann, 0),
		mention_of(ID_SERVER, 5),
	};
	const struct store_mention bob = mention_of(c->bob, 0);
	struct store_send send = {
		.sender_name = "Ann",
		.to = ID_SERVER,
		.content = "@ann @srv",
		.mentions = &bob,
		.mention_count = 1,
		.now_ms = ++c->now,
	};

	assert_int_equal(contract_try(c, c->ann, &send), STORE_STRANGER);
	send.mentions = both;
	send.mention_count = 2;
	assert_ok(contract_try(c, c->ann, &send));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(mentions_stand_beside_the_text_and_go_with_it),
		CONTRACT_TEST(only_who_sees_a_conversation_is_mentioned_in_it),
		CONTRACT_TEST(both_of_support_are_named_by_what_opens_it),
	};

	return contract_run("mentions", tests, COUNT_OF(tests));
}
