/* A group: what it is, and who may do what to it. */
#include "group.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

static void a_group_begins_with_its_maker_as_owner(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	group_make(c, id);

	struct store_conversation seen = group_see(c, c->bob, id);

	assert_int_equal(seen.kind, CONVERSATION_GROUP);
	assert_string_equal(seen.title, "Garden");
	assert_int_equal(seen.member_count, 2);
	assert_int_equal(seen.last_seq, 1);
	assert_int_equal(seen.me.joined_seq, 1);
	assert_int_equal(seen.me.read_seq, 0);
	assert_non_null(strstr(seen.last_message->content,
			       "{\"event\":\"made\",\"title\":\"Garden\""));
	store_conversation_done(&seen);
	assert_true(group_is_owner(c, c->ann, id));
	assert_false(group_is_owner(c, c->bob, id));
	group_assert_unseen(c, c->cat, id);
	group_say(c, c->bob, id);
}

static void only_members_act_and_only_owners_rule(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	group_make(c, id);
	group_assert_refused(c, c->cat, id, GROUP_ADDED, c->cat,
			     STORE_NOT_FOUND);
	group_assert_refused(c, c->cat, id, GROUP_LEFT, NULL, STORE_NOT_FOUND);
	group_assert_refused(c, c->bob, id, GROUP_TITLE, NULL, STORE_FORBIDDEN);
	group_assert_refused(c, c->bob, id, GROUP_PICTURE, NULL,
			     STORE_FORBIDDEN);
	group_assert_refused(c, c->bob, id, GROUP_REMOVED, c->ann,
			     STORE_FORBIDDEN);
	group_assert_refused(c, c->bob, id, GROUP_OWNER, c->bob,
			     STORE_FORBIDDEN);
	group_assert_refused(c, c->ann, id, GROUP_REMOVED, c->cat,
			     STORE_NOT_FOUND);
	group_assert_refused(c, c->ann, id, GROUP_REMOVED, c->ann,
			     STORE_NOT_FOUND);
	group_assert_refused(c, c->ann, id, GROUP_OWNER, c->cat,
			     STORE_NOT_FOUND);
	group_assert_refused(c, c->ann, id, GROUP_ADDED,
			     "0123456789abcdef01234567", STORE_NOT_FOUND);
}

static void a_direct_conversation_is_no_group(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");

	group_assert_refused(c, c->ann, place.conversation, GROUP_ADDED, c->cat,
			     STORE_NOT_FOUND);
	group_assert_refused(c, c->ann, place.conversation, GROUP_LEFT, NULL,
			     STORE_NOT_FOUND);
}

static void a_title_changes_once(void **state)
{
	struct contract *c = *state;
	struct store_group_act act;
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	group_assert_done(c, c->ann, id, GROUP_TITLE, NULL, "");
	act = group_act_of(c, GROUP_TITLE);
	act.title = "Orchard";
	assert_ok(store_group_act(c->store, AS(c->ann), id, &act, &done));
	assert_non_null(strstr(done.message.content, "\"title\":\"Orchard\""));
	store_group_done_free(&done);

	struct store_conversation seen = group_see(c, c->bob, id);

	assert_string_equal(seen.title, "Orchard");
	store_conversation_done(&seen);
}

static void a_group_is_full_at_a_thousand(void **state)
{
	struct contract *c = *state;
	struct store_group_act act = group_act_of(c, GROUP_MADE);
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
	group_assert_refused(c, c->ann, id, GROUP_ADDED, c->bob, STORE_FULL);
	group_say(c, ids[0], id);

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

	group_make(c, id);
	group_say(c, c->bob, id);
	assert_ok(store_mark_read(c->store, AS(c->ann), id, &reach, ++c->now,
				  &marks));
	assert_true(marks.read_moved);
	assert_false(marks.own_only);
}

static void upload(struct contract *c, const char *owner, bool picture,
		   char id[ID_SIZE])
{
	struct store_file file = {
		.hash = "00",
		.name = (char *)"a",
		.mime = picture ? (char *)"image/png" : (char *)"text/plain",
		.size = 1,
		.width = picture,
		.height = picture,
		.created_at = ++c->now,
	};

	memcpy(file.owner, owner, ID_SIZE);
	assert_ok(store_file_add(c->store, &file, 100));
	memcpy(id, file.id, ID_SIZE);
}

/* It is not what her group shows, nor what ann does. */
static void assert_shown_nowhere(struct contract *c, const char *group,
				 const char *file, enum store_status status)
{
	struct store_group_act act = group_act_of(c, GROUP_PICTURE);
	const struct store_profile profile = {.avatar = file};
	struct store_group_done done;
	struct store_user user;
	const char *field;

	act.avatar = file;
	assert_int_equal(
		store_group_act(c->store, AS(c->ann), group, &act, &done),
		status);
	assert_int_equal(
		store_user_profile(c->store, c->ann, &profile, &user, &field),
		status);
	assert_string_equal(field, "avatar");
}

static void a_picture_is_a_file_that_its_giver_may_read(void **state)
{
	struct contract *c = *state;
	struct store_group_act act = group_act_of(c, GROUP_PICTURE);
	struct store_profile profile = {.now_ms = ++c->now};
	struct store_group_done done;
	struct store_user user;
	const char *field;
	char id[ID_SIZE], file[ID_SIZE];

	upload(c, c->cat, true, file);
	group_make(c, id);
	assert_shown_nowhere(c, id, file, STORE_NOT_FOUND);
	act.avatar = profile.avatar = file;
	assert_ok(
		store_user_profile(c->store, c->cat, &profile, &user, &field));
	store_user_done(&user);
	/* everybody sees it by now */
	assert_ok(store_group_act(c->store, AS(c->ann), id, &act, &done));
	store_group_done_free(&done);
}

static void a_file_that_is_no_picture_is_none_of_anybody(void **state)
{
	struct contract *c = *state;
	struct store_group_act made = group_act_of(c, GROUP_MADE);
	struct store_group_done done;
	struct store_file file;
	char id[ID_SIZE], text[ID_SIZE];

	upload(c, c->ann, false, text);
	group_make(c, id);
	assert_shown_nowhere(c, id, text, STORE_NO_PICTURE);
	made.avatar = text;
	assert_int_equal(store_group_make(c->store, AS(c->ann), &made, &done),
			 STORE_NO_PICTURE);
	assert_int_equal(store_file_get(c->store, AS(c->bob), text, &file),
			 STORE_NOT_FOUND);
}

static void a_refused_group_leaves_nothing(void **state)
{
	struct contract *c = *state;
	struct store_group_act act = group_act_of(c, GROUP_MADE);
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
		CONTRACT_TEST(only_members_act_and_only_owners_rule),
		CONTRACT_TEST(a_direct_conversation_is_no_group),
		CONTRACT_TEST(a_title_changes_once),
		CONTRACT_TEST(a_group_is_full_at_a_thousand),
		CONTRACT_TEST(in_a_small_group_read_marks_are_for_all),
		CONTRACT_TEST(a_picture_is_a_file_that_its_giver_may_read),
		CONTRACT_TEST(a_file_that_is_no_picture_is_none_of_anybody),
		CONTRACT_TEST(a_refused_group_leaves_nothing),
	};

	return contract_run("groups", tests, COUNT_OF(tests));
}
