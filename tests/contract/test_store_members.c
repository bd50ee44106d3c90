/* How one comes into a group and goes, and who is in it. */
#include "group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

static void who_is_added_sees_from_there_on(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	group_make(c, id);
	group_say(c, c->ann, id);
	group_assert_done(c, c->bob, id, GROUP_ADDED, c->cat,
			  "\"name\":\"Cat\"");
	group_say(c, c->cat, id);

	struct store_conversation seen = group_see(c, c->cat, id);

	assert_int_equal(seen.me.joined_seq, 3);
	assert_int_equal(seen.first_seq, 3);
	store_conversation_done(&seen);
	assert_ok(store_messages(c->store, AS(c->cat), id, RANGE(1, 9),
				 contract_each_message, rows));
	assert_int_equal(rows->messages, 2);
	assert_int_equal(rows->message[0].seq, 3);
	contract_rows_free(rows);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "");
}

static void say(struct contract *c, const char *group, char id[ID_SIZE])
{
	struct store_send send = {
		.sender_name = "Ann",
		.conversation = group,
		.content = "x",
		.now_ms = ++c->now,
	};
	struct store_sent sent;

	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	memcpy(id, sent.message.id, ID_SIZE);
	store_sent_done(&sent);
}

/* who: of whom it says that they joined behind it; NULL: nobody. */
static void assert_later(struct store_change *change, const char *who)
{
	if (who == NULL)
		assert_null(change->later);
	else
		assert_string_equal(change->later, who);
	store_change_done(change);
}

static void edit_says_later(struct contract *c, const char *id,
			    const char *content, const char *who)
{
	const struct store_edit edit = {
		.kind = content != NULL ? CHANGE_EDIT : CHANGE_DELETE,
		.content = content,
		.now_ms = ++c->now,
	};
	struct store_change change;

	assert_ok(
		store_message_change(c->store, AS(c->ann), id, &edit, &change));
	assert_later(&change, who);
}

static void reaction_says_later(struct contract *c, const char *id,
				const char *who)
{
	const struct store_reaction heart = {"\u2764", true, ++c->now};
	struct store_change change;

	assert_ok(
		store_message_react(c->store, AS(c->bob), id, &heart, &change));
	assert_later(&change, who);
}

/* Who does not hear of it, wherever it is announced. */
static void a_change_says_who_joined_behind_its_message(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char group[ID_SIZE], before[ID_SIZE], after[ID_SIZE], last[ID_SIZE];
	bool more;

	group_make(c, group);
	say(c, group, before);
	edit_says_later(c, before, "nobody", NULL);
	group_assert_done(c, c->ann, group, GROUP_ADDED, c->cat, "Cat");
	say(c, group, after);
	assert_ok(store_newest(c->store, last));
	edit_says_later(c, before, "cat", c->cat);
	edit_says_later(c, before, "cat", c->cat); /* the same again */
	reaction_says_later(c, before, c->cat);
	edit_says_later(c, after, "nobody", NULL);
	assert_ok(contract_rows_recent(c->store, last, rows, &more));
	assert_int_equal(rows->changes, 3);
	assert_string_equal(rows->change[0].later, c->cat);
	assert_string_equal(rows->change[1].later, c->cat);
	assert_null(rows->change[2].later);
	contract_rows_free(rows);

	group_assert_done(c, c->ann, group, GROUP_REMOVED, c->cat, "Cat");
	edit_says_later(c, after, "nobody is there", NULL);
	group_assert_done(c, c->ann, group, GROUP_ADDED, c->cat, "Cat");
	edit_says_later(c, after, NULL, c->cat);
}

static void who_leaves_or_is_removed_sees_nothing_any_more(void **state)
{
	struct contract *c = *state;
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	assert_ok(group_try(c, c->ann, id, GROUP_REMOVED, c->cat, &done));
	assert_string_equal(done.left, c->cat);
	store_group_done_free(&done);
	group_assert_unseen(c, c->cat, id);
	assert_ok(group_try(c, c->bob, id, GROUP_LEFT, NULL, &done));
	assert_string_equal(done.left, c->bob);
	store_group_done_free(&done);
	group_assert_unseen(c, c->bob, id);

	/* Whoever comes back sees nothing of what was before. */
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");

	struct store_conversation seen = group_see(c, c->cat, id);

	assert_int_equal(seen.first_seq, seen.last_seq);
	store_conversation_done(&seen);
}

static void the_longest_standing_member_inherits(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	group_assert_done(c, c->ann, id, GROUP_LEFT, NULL, "\"name\":\"Bob\"");
	assert_true(group_is_owner(c, c->bob, id));
	assert_false(group_is_owner(c, c->cat, id));
	group_assert_done(c, c->bob, id, GROUP_LEFT, NULL, "Cat");
	assert_true(group_is_owner(c, c->cat, id));
	group_assert_done(c, c->cat, id, GROUP_LEFT, NULL, "\"count\":0");
}

/* An account that is disabled cannot pass it on. */
static void the_disabled_inherit_where_nobody_else_is(void **state)
{
	struct contract *c = *state;
	char dan[ID_SIZE], id[ID_SIZE];

	contract_add_user(c, "Dan", dan);
	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	group_assert_done(c, c->ann, id, GROUP_ADDED, dan, "Dan");
	assert_ok(store_user_disable(c->store, c->bob, true));
	assert_ok(store_user_disable(c->store, dan, true));
	group_assert_refused(c, c->ann, id, GROUP_OWNER, c->bob,
			     STORE_NOT_FOUND);
	group_assert_done(c, c->ann, id, GROUP_LEFT, NULL, "Cat");
	assert_true(group_is_owner(c, c->cat, id));
	group_assert_done(c, c->cat, id, GROUP_LEFT, NULL, "Bob");
	assert_true(group_is_owner(c, c->bob, id));
}

static void an_owner_hands_over(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_OWNER, c->bob, "Bob");
	assert_true(group_is_owner(c, c->bob, id));
	assert_false(group_is_owner(c, c->ann, id));
	/* An owner who leaves leaves none behind but the other. */
	group_assert_done(c, c->ann, id, GROUP_LEFT, NULL, "\"count\":0");
}

static void who_lets_only_contacts_add_them_is_not_added_by_others(void **state)
{
	struct contract *c = *state;
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	group_contacts_only(c, c->cat);
	assert_int_equal(group_try(c, c->ann, id, GROUP_ADDED, c->cat, &done),
			 STORE_DECLINED);
	assert_string_equal(done.refused, c->cat);
	contract_place(c, c->ann, c->cat, "will you?");
	group_assert_refused(c, c->ann, id, GROUP_ADDED, c->cat,
			     STORE_DECLINED);
	contract_place(c, c->cat, c->ann, "yes");
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
}

/* All of these, in one act of Ann's. */
static enum store_status try_many(struct contract *c, const char *id,
				  const char *const *users, size_t count,
				  struct store_group_done *done)
{
	struct store_group_act act = group_act_of(c, GROUP_ADDED);

	act.users = users;
	act.user_count = count;
	return store_group_act(c->store, AS(c->ann), id, &act, done);
}

static void assert_many_refused(struct contract *c, const char *id,
				const char *const *users, size_t count,
				const char *refused)
{
	struct store_group_done done;

	assert_int_equal(try_many(c, id, users, count, &done), STORE_DECLINED);
	assert_string_equal(done.refused, refused);
}

static void who_of_many_is_not_to_be_added_is_named(void **state)
{
	struct contract *c = *state;
	char dan[ID_SIZE], id[ID_SIZE];
	const char *users[] = {c->bob, c->cat, dan, c->cat};
	struct store_group_done done;

	contract_add_user(c, "Dan", dan);
	group_make(c, id);
	group_contacts_only(c, c->cat);
	contract_block(c, dan, c->ann, true);
	assert_many_refused(c, id, users, 4, c->cat);
	contract_place(c, c->cat, c->ann, "yes");
	assert_many_refused(c, id, users, 4, dan);
	contract_block(c, dan, c->ann, false);
	assert_ok(try_many(c, id, users, 4, &done));
	assert_int_equal(done.joined_count, 2); /* each once */
	store_group_done_free(&done);
}

static void newcomers_of_a_message_are_found_again(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE], (*ids)[ID_SIZE];
	size_t count;

	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	assert_ok(store_group_newcomers(c->store, id, 1, &ids, &count));
	assert_int_equal(count, 2);
	free(ids);
	assert_ok(store_group_newcomers(c->store, id, 2, &ids, &count));
	assert_int_equal(count, 1);
	assert_string_equal(ids[0], c->cat);
	free(ids);
}

struct member_list {
	char names[256]; /* "*Ann Bob ": an owner has a star */
	char last[ID_SIZE];
};

static void add_member(const struct store_user *user,
		       const struct store_member *member, void *context)
{
	struct member_list *list = context;
	size_t len = strlen(list->names);

	assert_string_equal(user->id, member->user_id);
	snprintf(list->names + len, sizeof(list->names) - len, "%s%s ",
		 member->owner ? "*" : "", user->username);
	memcpy(list->last, user->id, ID_SIZE);
}

static struct store_members_found members_of(struct contract *c,
					     const char *viewer, const char *id,
					     const struct store_members *asked,
					     struct member_list *list)
{
	struct store_members_found found;

	list->names[0] = '\0';
	assert_ok(store_group_members(c->store, AS(viewer), id, asked,
				      add_member, list, &found));
	return found;
}

static void members_are_listed_page_by_page_owners_first(void **state)
{
	struct contract *c = *state;
	struct member_list list;
	struct store_members_found found;
	struct store_members page = {.limit = 2};
	char id[ID_SIZE];

	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	group_assert_done(c, c->ann, id, GROUP_OWNER, c->cat, "owner");
	found = members_of(c, c->cat, id, &page, &list);
	assert_string_equal(list.names, "*Cat Ann ");
	assert_true(found.owner);
	assert_int_equal(found.total, 3);

	char last[ID_SIZE];

	memcpy(last, list.last, ID_SIZE);
	page.after = last;
	found = members_of(c, c->bob, id, &page, &list);
	assert_string_equal(list.names, "Bob ");
	assert_false(found.owner);

	/* Whom it goes on behind may have left meanwhile. */
	group_assert_done(c, c->cat, id, GROUP_REMOVED, c->ann, "removed");
	found = members_of(c, c->bob, id, &page, &list);
	assert_string_equal(list.names, "Bob ");
	assert_int_equal(found.total, 2);

	page = (struct store_members){.text = "CA", .limit = 10};
	found = members_of(c, c->bob, id, &page, &list);
	assert_string_equal(list.names, "*Cat ");
	assert_int_equal(found.total, 1);
	assert_int_equal(store_group_members(c->store, AS(c->ann), id, &page,
					     add_member, &list, &found),
			 STORE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_is_added_sees_from_there_on),
		CONTRACT_TEST(a_change_says_who_joined_behind_its_message),
		CONTRACT_TEST(who_leaves_or_is_removed_sees_nothing_any_more),
		CONTRACT_TEST(the_longest_standing_member_inherits),
		CONTRACT_TEST(the_disabled_inherit_where_nobody_else_is),
		CONTRACT_TEST(an_owner_hands_over),
		CONTRACT_TEST(
			who_lets_only_contacts_add_them_is_not_added_by_others),
		CONTRACT_TEST(who_of_many_is_not_to_be_added_is_named),
		CONTRACT_TEST(newcomers_of_a_message_are_found_again),
		CONTRACT_TEST(members_are_listed_page_by_page_owners_first),
	};

	return contract_run("members", tests, COUNT_OF(tests));
}
