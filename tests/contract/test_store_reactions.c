/* Ann and bob react to what one of them said. */
#include "group.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "palabre_limits.h"

#define HEART "\u2764\ufe0f"
#define PLAIN_HEART "\u2764"
#define THUMB "\U0001f44d"

static enum store_status react(struct contract *c, const char *who,
			       const char *id, const char *emoji, bool on,
			       struct store_change *out)
{
	const struct store_reaction reaction = {emoji, on, ++c->now};

	return store_message_react(c->store, AS(who), id, &reaction, out);
}

/* The number of the change; 0: it was so already. */
static int64_t reacted(struct contract *c, const char *who, const char *id,
		       const char *emoji, bool on)
{
	struct store_change change;
	int64_t number;

	assert_ok(react(c, who, id, emoji, on, &change));
	number = change.change;
	store_change_done(&change);
	return number;
}

static void assert_refused(struct contract *c, const char *who, const char *id,
			   const char *emoji, enum store_status status)
{
	struct store_change change;

	assert_int_equal(react(c, who, id, emoji, true, &change), status);
	assert_null(change.emoji);
}

/* What a viewer sees of a message; want NULL: nothing. */
static void assert_seen(struct contract *c, const char *who, const char *id,
			const char *want)
{
	struct store_message message;

	assert_ok(store_message_get(c->store, AS(who), id, &message));
	if (want == NULL)
		assert_null(message.reactions);
	else
		assert_string_equal(message.reactions, want);
	store_message_done(&message);
}

static char *one_kind(const char *emoji, int count, const char *mine,
		      const char *users)
{
	return xasprintf("[{\"emoji\":\"%s\",\"count\":%d,%s\"users\":[%s]}]",
			 emoji, count, mine, users);
}

static void a_reaction_comes_and_goes_once_each(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	char *users = xasprintf("\"%s\",\"%s\"", c->bob, c->ann);
	char *mine = one_kind(THUMB, 2, "\"mine\":true,", users);
	char *all = one_kind(THUMB, 2, "", users);
	struct store_change change;

	assert_int_equal(reacted(c, c->bob, place.id, THUMB, true), 1);
	assert_int_equal(reacted(c, c->bob, place.id, THUMB, true), 0);
	assert_ok(react(c, c->ann, place.id, THUMB, true, &change));
	assert_int_equal(change.change, 2);
	assert_int_equal(change.kind, CHANGE_REACTION);
	assert_string_equal(change.by, c->ann);
	assert_string_equal(change.emoji, THUMB);
	assert_true(change.on);
	assert_int_equal(change.message.change, 2);
	assert_string_equal(change.message.reactions, all);
	store_change_done(&change);
	assert_seen(c, c->ann, place.id, mine);
	assert_seen(c, c->bob, place.id, mine);
	assert_int_equal(reacted(c, c->ann, place.id, THUMB, false), 3);
	assert_int_equal(reacted(c, c->ann, place.id, THUMB, false), 0);
	free(users);
	free(mine);
	users = xasprintf("\"%s\"", c->bob);
	mine = one_kind(THUMB, 1, "\"mine\":false,", users);
	assert_seen(c, c->ann, place.id, mine);
	assert_int_equal(reacted(c, c->bob, place.id, THUMB, false), 4);
	assert_seen(c, c->ann, place.id, NULL);
	free(users);
	free(mine);
	free(all);
}

static void a_list_a_page_and_what_was_missed_have_it(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation conversation;
	char *users = xasprintf("\"%s\"", c->bob);
	char *want = one_kind(THUMB, 1, "\"mine\":false,", users);

	reacted(c, c->bob, place.id, THUMB, true);
	assert_ok(store_messages(c->store, AS(c->ann), place.conversation,
				 RANGE(1, 9), contract_each_message, rows));
	assert_string_equal(rows->message[0].reactions, want);
	assert_ok(store_changes(c->store, AS(c->ann), place.conversation,
				RANGE(1, 9), contract_each_change, rows));
	assert_int_equal(rows->changes, 1);
	assert_int_equal(rows->change[0].kind, CHANGE_REACTION);
	assert_string_equal(rows->change[0].by, c->bob);
	assert_string_equal(rows->change[0].emoji, THUMB);
	assert_string_equal(rows->change[0].message.reactions, want);
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &conversation));
	assert_string_equal(conversation.last_message->reactions, want);
	assert_int_equal(conversation.last_change, 1);
	store_conversation_done(&conversation);
	contract_rows_free(rows);
	free(users);
	free(want);
}

static void the_same_emoji_drawn_otherwise_is_the_same(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	char *users = xasprintf("\"%s\",\"%s\"", c->ann, c->bob);
	char *want = one_kind(HEART, 2, "\"mine\":true,", users);

	assert_int_equal(reacted(c, c->ann, place.id, HEART, true), 1);
	assert_int_equal(reacted(c, c->ann, place.id, PLAIN_HEART, true), 0);
	assert_int_equal(reacted(c, c->bob, place.id, PLAIN_HEART, true), 2);
	assert_seen(c, c->bob, place.id, want);
	assert_int_equal(reacted(c, c->ann, place.id, PLAIN_HEART, false), 3);
	free(users);
	free(want);
}

static void there_are_so_many_kinds_and_no_more(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	char emoji[8];

	for (int i = 0; i < LIMIT_REACTIONS; i++) {
		snprintf(emoji, sizeof(emoji), "\xf0\x9f\x90%c", 0x80 + i);
		assert_int_equal(reacted(c, c->bob, place.id, emoji, true),
				 i + 1);
	}
	assert_refused(c, c->ann, place.id, THUMB, STORE_CROWDED);
	assert_true(reacted(c, c->ann, place.id, emoji, true) > 0);
	assert_true(reacted(c, c->bob, place.id, emoji, false) > 0);
	assert_true(reacted(c, c->ann, place.id, emoji, false) > 0);
	assert_true(reacted(c, c->ann, place.id, THUMB, true) > 0);
}

/* The first are named, and all are counted. */
static void of_many_the_first_are_named(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place_in_lobby(c, c->ann, "hi");
	char users[LIMIT_REACTION_USERS + 1][ID_SIZE], name[20];
	const char *last = users[LIMIT_REACTION_USERS];
	struct store_message message;

	for (int i = 0; i <= LIMIT_REACTION_USERS; i++) {
		snprintf(name, sizeof(name), "friend%d", i);
		contract_add_user(c, name, users[i]);
		reacted(c, users[i], place.id, THUMB, true);
	}
	assert_ok(store_message_get(c->store, AS(last), place.id, &message));
	assert_non_null(strstr(message.reactions, "\"count\":21,"
						  "\"mine\":true,"));
	for (int i = 0; i < LIMIT_REACTION_USERS; i++)
		assert_non_null(strstr(message.reactions, users[i]));
	assert_null(strstr(message.reactions, last));
	store_message_done(&message);
}

static void what_is_deleted_has_none(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	const struct store_edit edit = {.kind = CHANGE_DELETE};
	struct store_change change;

	reacted(c, c->bob, place.id, THUMB, true);
	contract_edit(c, c->ann, place.id, "ho");
	assert_ok(store_message_change(c->store, AS(c->ann), place.id, &edit,
				       &change));
	assert_null(change.message.reactions);
	store_change_done(&change);
	assert_seen(c, c->bob, place.id, NULL);
	assert_refused(c, c->bob, place.id, THUMB, STORE_FORBIDDEN);
}

static void nobody_reacts_to_what_the_system_says(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char group[ID_SIZE];

	group_make(c, group);
	assert_ok(store_messages(c->store, AS(c->ann), group, RANGE(1, 1),
				 contract_each_message, rows));
	assert_int_equal(rows->message[0].kind, MESSAGE_SYSTEM);
	assert_refused(c, c->ann, rows->message[0].id, THUMB, STORE_FORBIDDEN);
	contract_rows_free(rows);
}

static void nobody_reacts_to_what_they_do_not_see(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");

	assert_refused(c, c->cat, place.id, THUMB, STORE_NOT_FOUND);
	assert_refused(c, c->ann, c->bob, THUMB, STORE_NOT_FOUND);
	contract_block(c, c->bob, c->ann, true);
	place = contract_place(c, c->ann, c->bob, "hidden");
	assert_refused(c, c->bob, place.id, THUMB, STORE_NOT_FOUND);
}

static void assert_changes(struct contract *c, const char *who,
			   const char *conversation, const char *emoji,
			   const char *reactions)
{
	struct contract_rows *rows = contract_rows_new();
	const struct store_change *last;

	assert_ok(store_changes(c->store, AS(who), conversation, RANGE(1, 99),
				contract_each_change, rows));
	last = &rows->change[rows->changes - 1];
	assert_int_equal(last->emoji == NULL, emoji == NULL);
	if (emoji != NULL)
		assert_string_equal(last->emoji, emoji);
	assert_int_equal(last->message.reactions == NULL, reactions == NULL);
	contract_rows_free(rows);
}

static void who_is_blocked_reacts_for_themselves_alone(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	char *users = xasprintf("\"%s\"", c->ann);
	char *own = one_kind(THUMB, 1, "\"mine\":true,", users);
	struct store_change change;

	contract_block(c, c->bob, c->ann, true);
	assert_ok(react(c, c->ann, place.id, THUMB, true, &change));
	assert_true(change.hidden);
	store_change_done(&change);
	assert_seen(c, c->ann, place.id, own);
	assert_seen(c, c->bob, place.id, NULL);
	assert_changes(c, c->ann, place.conversation, THUMB, own);
	assert_changes(c, c->bob, place.conversation, NULL, NULL);
	assert_refused(c, c->bob, place.id, THUMB, STORE_BLOCKING);
	contract_block(c, c->bob, c->ann, false);
	assert_seen(c, c->bob, place.id, NULL);
	assert_true(reacted(c, c->ann, place.id, THUMB, false) > 0);
	assert_ok(react(c, c->ann, place.id, THUMB, true, &change));
	assert_false(change.hidden);
	store_change_done(&change);
	free(users);
	free(own);
}

/* An edit is told with what everybody reacted with, or to themselves alone also
 * with what they did. */
static void an_edit_is_told_with_what_its_hearers_see(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	const struct store_edit edit = {.kind = CHANGE_EDIT, .content = "ho"},
				again = {.kind = CHANGE_EDIT, .content = "ha"};
	char *users = xasprintf("\"%s\"", c->ann);
	char *own = one_kind(THUMB, 1, "\"mine\":true,", users);
	struct store_change change;

	contract_block(c, c->bob, c->ann, true);
	reacted(c, c->ann, place.id, THUMB, true);
	assert_ok(store_message_change(c->store, AS(c->ann), place.id, &edit,
				       &change));
	assert_true(change.hidden);
	assert_string_equal(change.message.reactions, own);
	store_change_done(&change);
	contract_block(c, c->bob, c->ann, false);
	assert_ok(store_message_change(c->store, AS(c->ann), place.id, &again,
				       &change));
	assert_false(change.hidden);
	assert_null(change.message.reactions);
	store_change_done(&change);
	free(users);
	free(own);
}

/* Who blocked them finds room for as many, each as they draw it. */
static void what_is_hidden_is_in_nobodys_way(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	struct store_change change;
	char emoji[8];

	assert_int_equal(reacted(c, c->bob, place.id, THUMB, true), 1);
	contract_block(c, c->bob, c->ann, true);
	assert_int_equal(reacted(c, c->bob, place.id, THUMB, false), 2);
	assert_int_equal(reacted(c, c->ann, place.id, PLAIN_HEART, true), 3);
	contract_block(c, c->bob, c->ann, false);
	for (int i = 1; i < LIMIT_REACTIONS; i++) {
		snprintf(emoji, sizeof(emoji), "\xf0\x9f\x90%c", 0x80 + i);
		reacted(c, c->bob, place.id, emoji, true);
	}
	assert_ok(react(c, c->bob, place.id, HEART, true, &change));
	assert_string_equal(change.emoji, HEART);
	store_change_done(&change);
}

/* What becomes of what is hidden shows nothing of itself. */
static void a_row_that_hides_a_message_is_as_it_was(void **state)
{
	struct contract *c = *state;
	struct contract_place place;
	struct store_message message;

	contract_place(c, c->bob, c->ann, "hi");
	contract_block(c, c->bob, c->ann, true);
	place = contract_place(c, c->ann, c->bob, "are you there?");
	assert_true(reacted(c, c->ann, place.id, THUMB, true) > 0);
	contract_edit(c, c->ann, place.id, "really?");
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &message));
	assert_int_equal(message.kind, MESSAGE_HIDDEN);
	assert_int_equal(message.change, 0);
	store_message_done(&message);
	assert_ok(store_message_get(c->store, AS(c->ann), place.id, &message));
	assert_int_equal(message.change, 2);
	assert_non_null(message.reactions);
	store_message_done(&message);
}

/* What is for all is announced as all see it. */
struct recent {
	size_t count;
	bool hidden;
	char *reactions[9];
};

static bool recent_change(const struct store_change *change,
			  const struct store_conversation *conversation,
			  void *context)
{
	struct recent *recent = context;

	assert_non_null(conversation);
	assert_int_equal(change->kind, CHANGE_REACTION);
	recent->hidden = change->hidden;
	recent->reactions[recent->count++] =
		change->message.reactions != NULL
			? xstrdup(change->message.reactions)
			: NULL;
	return true;
}

static bool recent_message(const struct store_message *message, void *context)
{
	(void)context;
	return message != NULL;
}

static void what_is_announced_again_is_as_all_see_it(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "hi");
	struct recent heard = {.count = 0};
	struct store_recent recent = {
		.after = "000000000000000000000000",
		.limit = 9,
		.message = recent_message,
		.change = recent_change,
		.context = &heard,
	};
	char *users = xasprintf("\"%s\"", c->bob);
	char *want = one_kind(THUMB, 1, "", users);
	bool more;

	reacted(c, c->bob, place.id, THUMB, true);
	contract_block(c, c->bob, c->ann, true);
	reacted(c, c->ann, place.id, HEART, true);
	assert_ok(store_recent(c->store, &recent, &more));
	assert_int_equal(heard.count, 2);
	assert_string_equal(heard.reactions[0], want);
	assert_true(heard.hidden);
	assert_non_null(strstr(heard.reactions[1], HEART));
	free(heard.reactions[0]);
	free(heard.reactions[1]);
	free(users);
	free(want);
}

static void who_is_erased_takes_theirs_along(void **state)
{
	struct contract *c = *state;
	struct contract_place to = contract_place(c, c->ann, c->bob, "hi");
	struct contract_place own = contract_place(c, c->bob, c->ann, "ho");
	struct contract_rows *rows = contract_rows_new();

	reacted(c, c->bob, to.id, THUMB, true);
	reacted(c, c->ann, own.id, THUMB, true);
	contract_erase(c, c->bob);
	assert_seen(c, c->ann, to.id, NULL);
	assert_seen(c, c->ann, own.id, NULL);
	assert_ok(store_changes(c->store, AS(c->ann), to.conversation,
				RANGE(1, 1), contract_each_change, rows));
	assert_null(rows->change[0].emoji);
	contract_rows_free(rows);
}

/* So it is for clients, which take that one out of what they have. */
static void who_is_erased_leaves_the_others_in_their_order(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place_in_lobby(c, c->ann, "hi");
	char *want;

	reacted(c, c->bob, place.id, THUMB, true);
	reacted(c, c->bob, place.id, HEART, true);
	reacted(c, c->ann, place.id, HEART, true);
	reacted(c, c->cat, place.id, THUMB, true);
	contract_erase(c, c->bob);
	want = xasprintf("[{\"emoji\":\"" THUMB "\",\"count\":1,"
			 "\"mine\":false,\"users\":[\"%s\"]},"
			 "{\"emoji\":\"" HEART "\",\"count\":1,"
			 "\"mine\":true,\"users\":[\"%s\"]}]",
			 c->cat, c->ann);
	assert_seen(c, c->ann, place.id, want);
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_reaction_comes_and_goes_once_each),
		CONTRACT_TEST(a_list_a_page_and_what_was_missed_have_it),
		CONTRACT_TEST(the_same_emoji_drawn_otherwise_is_the_same),
		CONTRACT_TEST(there_are_so_many_kinds_and_no_more),
		CONTRACT_TEST(of_many_the_first_are_named),
		CONTRACT_TEST(what_is_deleted_has_none),
		CONTRACT_TEST(nobody_reacts_to_what_the_system_says),
		CONTRACT_TEST(nobody_reacts_to_what_they_do_not_see),
		CONTRACT_TEST(who_is_blocked_reacts_for_themselves_alone),
		CONTRACT_TEST(an_edit_is_told_with_what_its_hearers_see),
		CONTRACT_TEST(what_is_hidden_is_in_nobodys_way),
		CONTRACT_TEST(a_row_that_hides_a_message_is_as_it_was),
		CONTRACT_TEST(what_is_announced_again_is_as_all_see_it),
		CONTRACT_TEST(who_is_erased_takes_theirs_along),
		CONTRACT_TEST(who_is_erased_leaves_the_others_in_their_order),
	};

	return contract_run("reactions", tests, COUNT_OF(tests));
}
