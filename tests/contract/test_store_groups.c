#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define CODE "AAAAAAAAAAAAAAAAAAAAAA"

static struct store_group_act act_of(struct contract *c,
				     enum store_group_event event)
{
	return (struct store_group_act){
		.event = event,
		.title = "Garden",
		.avatar = "",
		.actor_name = "Ann",
		.now_ms = ++c->now,
	};
}

/* Made by ann, with bob in it. */
static void make(struct contract *c, char id[ID_SIZE])
{
	struct store_group_act act = act_of(c, GROUP_MADE);
	const char *users[] = {c->bob};
	struct store_group_done done;

	act.users = users;
	act.user_count = 1;
	assert_ok(store_group_make(c->store, AS(c->ann), &act, &done));
	assert_int_equal(done.message.seq, 1);
	assert_int_equal(done.message.kind, MESSAGE_SYSTEM);
	assert_int_equal(done.joined_count, 2);
	memcpy(id, done.message.conversation, ID_SIZE);
	store_group_done_free(&done);
}

static enum store_status do_to(struct contract *c, const char *who,
			       const char *id, enum store_group_event event,
			       const char *user, struct store_group_done *done)
{
	struct store_group_act act = act_of(c, event);

	act.users = &user;
	act.user_count = user != NULL;
	return store_group_act(c->store, AS(who), id, &act, done);
}

/* What the message of an act says; "" when nothing was to be done. */
static void assert_done(struct contract *c, const char *who, const char *id,
			enum store_group_event event, const char *user,
			const char *says)
{
	struct store_group_done done;

	assert_ok(do_to(c, who, id, event, user, &done));
	if (says[0] == '\0')
		assert_int_equal(done.message.seq, 0);
	else
		assert_non_null(strstr(done.message.content, says));
	store_group_done_free(&done);
}

static void assert_refused(struct contract *c, const char *who, const char *id,
			   enum store_group_event event, const char *user,
			   enum store_status status)
{
	struct store_group_done done;

	assert_int_equal(do_to(c, who, id, event, user, &done), status);
	assert_int_equal(done.message.seq, 0);
}

static struct store_conversation see(struct contract *c, const char *user,
				     const char *id)
{
	struct store_conversation seen;

	assert_ok(store_conversation_get(c->store, AS(user), id, &seen));
	return seen;
}

static void assert_unseen(struct contract *c, const char *user, const char *id)
{
	struct store_conversation seen;

	assert_int_equal(store_conversation_get(c->store, AS(user), id, &seen),
			 STORE_NOT_FOUND);
}

static bool is_owner(struct contract *c, const char *user, const char *id)
{
	struct store_conversation seen = see(c, user, id);
	bool owner = seen.me.owner;

	store_conversation_done(&seen);
	return owner;
}

static void say(struct contract *c, const char *from, const char *id)
{
	struct store_send send = {
		.sender_name = "n",
		.conversation = id,
		.content = "x",
		.now_ms = ++c->now,
	};

	assert_ok(contract_try(c, from, &send));
}

static void a_group_begins_with_its_maker_as_owner(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	make(c, id);

	struct store_conversation seen = see(c, c->bob, id);

	assert_int_equal(seen.kind, CONVERSATION_GROUP);
	assert_string_equal(seen.title, "Garden");
	assert_int_equal(seen.member_count, 2);
	assert_int_equal(seen.last_seq, 1);
	assert_int_equal(seen.me.joined_seq, 1);
	assert_int_equal(seen.me.read_seq, 0);
	assert_non_null(strstr(seen.last_message->content,
			       "{\"event\":\"made\",\"title\":\"Garden\""));
	store_conversation_done(&seen);
	assert_true(is_owner(c, c->ann, id));
	assert_false(is_owner(c, c->bob, id));
	assert_unseen(c, c->cat, id);
	say(c, c->bob, id);
}

static void who_is_added_sees_from_there_on(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	make(c, id);
	say(c, c->ann, id);
	assert_done(c, c->bob, id, GROUP_ADDED, c->cat, "\"name\":\"Cat\"");
	say(c, c->cat, id);

	struct store_conversation seen = see(c, c->cat, id);

	assert_int_equal(seen.me.joined_seq, 3);
	assert_int_equal(seen.first_seq, 3);
	store_conversation_done(&seen);
	assert_ok(store_messages(c->store, AS(c->cat), id, RANGE(1, 9),
				 contract_each_message, rows));
	assert_int_equal(rows->messages, 2);
	assert_int_equal(rows->message[0].seq, 3);
	contract_rows_free(rows);
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "");
}

static void only_members_act_and_only_owners_rule(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	make(c, id);
	assert_refused(c, c->cat, id, GROUP_ADDED, c->cat, STORE_NOT_FOUND);
	assert_refused(c, c->cat, id, GROUP_LEFT, NULL, STORE_NOT_FOUND);
	assert_refused(c, c->bob, id, GROUP_TITLE, NULL, STORE_FORBIDDEN);
	assert_refused(c, c->bob, id, GROUP_PICTURE, NULL, STORE_FORBIDDEN);
	assert_refused(c, c->bob, id, GROUP_REMOVED, c->ann, STORE_FORBIDDEN);
	assert_refused(c, c->bob, id, GROUP_OWNER, c->bob, STORE_FORBIDDEN);
	assert_refused(c, c->ann, id, GROUP_REMOVED, c->cat, STORE_NOT_FOUND);
	assert_refused(c, c->ann, id, GROUP_REMOVED, c->ann, STORE_NOT_FOUND);
	assert_refused(c, c->ann, id, GROUP_OWNER, c->cat, STORE_NOT_FOUND);
	assert_refused(c, c->ann, id, GROUP_ADDED, "0123456789abcdef01234567",
		       STORE_NOT_FOUND);
}

static void a_direct_conversation_is_no_group(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");

	assert_refused(c, c->ann, place.conversation, GROUP_ADDED, c->cat,
		       STORE_NOT_FOUND);
	assert_refused(c, c->ann, place.conversation, GROUP_LEFT, NULL,
		       STORE_NOT_FOUND);
}

static void a_title_changes_once(void **state)
{
	struct contract *c = *state;
	struct store_group_act act;
	struct store_group_done done;
	char id[ID_SIZE];

	make(c, id);
	assert_done(c, c->ann, id, GROUP_TITLE, NULL, "");
	act = act_of(c, GROUP_TITLE);
	act.title = "Orchard";
	assert_ok(store_group_act(c->store, AS(c->ann), id, &act, &done));
	assert_non_null(strstr(done.message.content, "\"title\":\"Orchard\""));
	store_group_done_free(&done);

	struct store_conversation seen = see(c, c->bob, id);

	assert_string_equal(seen.title, "Orchard");
	store_conversation_done(&seen);
}

static void who_leaves_or_is_removed_sees_nothing_any_more(void **state)
{
	struct contract *c = *state;
	struct store_group_done done;
	char id[ID_SIZE];

	make(c, id);
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	assert_ok(do_to(c, c->ann, id, GROUP_REMOVED, c->cat, &done));
	assert_string_equal(done.left, c->cat);
	store_group_done_free(&done);
	assert_unseen(c, c->cat, id);
	assert_ok(do_to(c, c->bob, id, GROUP_LEFT, NULL, &done));
	assert_string_equal(done.left, c->bob);
	store_group_done_free(&done);
	assert_unseen(c, c->bob, id);

	/* Whoever comes back sees nothing of what was before. */
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");

	struct store_conversation seen = see(c, c->cat, id);

	assert_int_equal(seen.first_seq, seen.last_seq);
	store_conversation_done(&seen);
}

static void the_longest_standing_member_inherits(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	make(c, id);
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	assert_done(c, c->ann, id, GROUP_LEFT, NULL, "\"name\":\"Bob\"");
	assert_true(is_owner(c, c->bob, id));
	assert_false(is_owner(c, c->cat, id));
	assert_done(c, c->bob, id, GROUP_LEFT, NULL, "Cat");
	assert_true(is_owner(c, c->cat, id));
	assert_done(c, c->cat, id, GROUP_LEFT, NULL, "\"count\":0");
}

static void an_owner_hands_over(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	make(c, id);
	assert_done(c, c->ann, id, GROUP_OWNER, c->bob, "Bob");
	assert_true(is_owner(c, c->bob, id));
	assert_false(is_owner(c, c->ann, id));
	/* An owner who leaves leaves none behind but the other. */
	assert_done(c, c->ann, id, GROUP_LEFT, NULL, "\"count\":0");
}

static void who_lets_only_contacts_add_them_is_not_added_by_others(void **state)
{
	struct contract *c = *state;
	const bool yes = true;
	const struct store_profile profile = {.contacts_add = &yes};
	struct store_user user;
	struct store_group_done done;
	const char *field;
	char id[ID_SIZE];

	make(c, id);
	assert_ok(
		store_user_profile(c->store, c->cat, &profile, &user, &field));
	assert_true(user.contacts_add);
	store_user_done(&user);
	assert_int_equal(do_to(c, c->ann, id, GROUP_ADDED, c->cat, &done),
			 STORE_DECLINED);
	assert_string_equal(done.refused, c->cat);
	contract_place(c, c->ann, c->cat, "will you?");
	assert_refused(c, c->ann, id, GROUP_ADDED, c->cat, STORE_DECLINED);
	contract_place(c, c->cat, c->ann, "yes");
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
}

static enum store_status join_by(struct contract *c, const char *user,
				 const char *code, int64_t now_ms,
				 struct store_group_done *done)
{
	struct store_group_act act = act_of(c, GROUP_JOINED);

	act.now_ms = now_ms;
	return store_group_join(c->store, AS(user), code, &act, done);
}

static void a_link_lets_in_until_it_ends_or_is_revoked(void **state)
{
	struct contract *c = *state;
	struct store_link link = {CODE, c->now + 1000};
	struct store_group_done done;
	char id[ID_SIZE];

	make(c, id);
	assert_int_equal(
		store_link_make(c->store, AS(c->bob), id, &link, c->now),
		STORE_FORBIDDEN);
	assert_ok(store_link_make(c->store, AS(c->ann), id, &link, c->now));
	assert_int_equal(
		join_by(c, c->cat, "BAAAAAAAAAAAAAAAAAAAAA", c->now, &done),
		STORE_NOT_FOUND);
	assert_int_equal(join_by(c, c->cat, CODE, link.expires_at, &done),
			 STORE_EXPIRED);
	assert_ok(join_by(c, c->cat, CODE, c->now, &done));
	assert_int_equal(done.joined_count, 1);
	assert_string_equal(done.joined[0], c->cat);
	store_group_done_free(&done);

	/* Once more: they are in it. */
	assert_ok(join_by(c, c->cat, CODE, c->now, &done));
	assert_int_equal(done.message.seq, 0);
	assert_string_equal(done.message.conversation, id);
	store_group_done_free(&done);

	assert_done(c, c->cat, id, GROUP_LEFT, NULL, "left");
	assert_ok(store_link_end(c->store, AS(c->ann), id));
	assert_int_equal(join_by(c, c->cat, CODE, c->now, &done),
			 STORE_REVOKED);
}

static void asking_again_gives_the_same_link(void **state)
{
	struct contract *c = *state;
	struct store_link one = {CODE, c->now + 1000}, other = {"", 0};
	char id[ID_SIZE];

	make(c, id);
	assert_ok(store_link_make(c->store, AS(c->ann), id, &one, c->now));
	other = (struct store_link){"CAAAAAAAAAAAAAAAAAAAAA", one.expires_at};
	assert_ok(store_link_make(c->store, AS(c->ann), id, &other, c->now));
	assert_string_equal(other.code, CODE);
	other = (struct store_link){"CAAAAAAAAAAAAAAAAAAAAA", c->now + 5};
	assert_ok(store_link_make(c->store, AS(c->ann), id, &other, c->now));
	assert_string_equal(other.code, "CAAAAAAAAAAAAAAAAAAAAA");
}

static void newcomers_of_a_message_are_found_again(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE], (*ids)[ID_SIZE];
	size_t count;

	make(c, id);
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
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

	make(c, id);
	assert_done(c, c->ann, id, GROUP_ADDED, c->cat, "Cat");
	assert_done(c, c->ann, id, GROUP_OWNER, c->cat, "owner");
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
	assert_done(c, c->cat, id, GROUP_REMOVED, c->ann, "removed");
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

static void a_group_is_full_at_a_thousand(void **state)
{
	struct contract *c = *state;
	struct store_group_act act = act_of(c, GROUP_MADE);
	struct store_group_done done;
	static char ids[999][ID_SIZE];
	static const char *users[999];

	for (int i = 0; i < 999; i++) {
		char name[16];

		snprintf(name, sizeof(name), "user%d", i);
		contract_add_user(c, name, ids[i]);
		users[i] = ids[i];
	}
	act.users = users;
	act.user_count = 999;
	assert_ok(store_group_make(c->store, AS(c->ann), &act, &done));
	assert_int_equal(done.joined_count, 1000);
	assert_in_range(strlen(done.message.content), 100, 4000);

	char id[ID_SIZE];

	memcpy(id, done.message.conversation, ID_SIZE);
	store_group_done_free(&done);
	assert_refused(c, c->ann, id, GROUP_ADDED, c->bob, STORE_FULL);
	say(c, ids[0], id);

	/* nobody but they themselves hears how far somebody has read */
	const struct store_reach reach = {.read_seq = 2};
	struct store_read_marks marks;

	assert_ok(store_mark_read(c->store, AS(c->ann), id, &reach, ++c->now,
				  &marks));
	assert_true(marks.read_moved);
	assert_true(marks.own_only);
}

static void in_a_small_group_read_marks_are_for_all(void **state)
{
	struct contract *c = *state;
	const struct store_reach reach = {.read_seq = 2};
	struct store_read_marks marks;
	char id[ID_SIZE];

	make(c, id);
	say(c, c->bob, id);
	assert_ok(store_mark_read(c->store, AS(c->ann), id, &reach, ++c->now,
				  &marks));
	assert_true(marks.read_moved);
	assert_false(marks.own_only);
}

static void a_picture_is_a_file_that_its_giver_may_read(void **state)
{
	struct contract *c = *state;
	struct store_group_act act = act_of(c, GROUP_PICTURE);
	struct store_file file = {
		.hash = "00",
		.name = (char *)"a.png",
		.mime = (char *)"image/png",
		.size = 1,
		.created_at = ++c->now,
	};
	struct store_profile profile = {.now_ms = ++c->now};
	struct store_group_done done;
	struct store_user user;
	const char *field;
	char id[ID_SIZE];

	memcpy(file.owner, c->cat, ID_SIZE);
	assert_ok(store_file_add(c->store, &file, 100));
	make(c, id);
	act.avatar = profile.avatar = file.id;
	assert_int_equal(store_group_act(c->store, AS(c->ann), id, &act, &done),
			 STORE_NOT_FOUND);
	assert_int_equal(
		store_user_profile(c->store, c->ann, &profile, &user, &field),
		STORE_NOT_FOUND);
	assert_string_equal(field, "avatar");
	assert_ok(
		store_user_profile(c->store, c->cat, &profile, &user, &field));
	store_user_done(&user);
	/* everybody sees it by now */
	assert_ok(store_group_act(c->store, AS(c->ann), id, &act, &done));
	store_group_done_free(&done);
}

static void a_refused_group_leaves_nothing(void **state)
{
	struct contract *c = *state;
	struct store_group_act act = act_of(c, GROUP_MADE);
	const char *users[] = {c->bob, "0123456789abcdef01234567"};
	struct contract_rows *rows = contract_rows_new();
	struct store_group_done done;

	act.users = users;
	act.user_count = 2;
	assert_int_equal(store_group_make(c->store, AS(c->ann), &act, &done),
			 STORE_NOT_FOUND);
	assert_string_equal(done.refused, users[1]);
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 0);
	contract_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_group_begins_with_its_maker_as_owner),
		CONTRACT_TEST(who_is_added_sees_from_there_on),
		CONTRACT_TEST(only_members_act_and_only_owners_rule),
		CONTRACT_TEST(a_direct_conversation_is_no_group),
		CONTRACT_TEST(a_title_changes_once),
		CONTRACT_TEST(who_leaves_or_is_removed_sees_nothing_any_more),
		CONTRACT_TEST(the_longest_standing_member_inherits),
		CONTRACT_TEST(an_owner_hands_over),
		CONTRACT_TEST(
			who_lets_only_contacts_add_them_is_not_added_by_others),
		CONTRACT_TEST(a_link_lets_in_until_it_ends_or_is_revoked),
		CONTRACT_TEST(asking_again_gives_the_same_link),
		CONTRACT_TEST(newcomers_of_a_message_are_found_again),
		CONTRACT_TEST(members_are_listed_page_by_page_owners_first),
		CONTRACT_TEST(a_group_is_full_at_a_thousand),
		CONTRACT_TEST(in_a_small_group_read_marks_are_for_all),
		CONTRACT_TEST(a_picture_is_a_file_that_its_giver_may_read),
		CONTRACT_TEST(a_refused_group_leaves_nothing),
	};

	return contract_run("groups", tests, COUNT_OF(tests));
}
