/* What users change of themselves, their name before all. */
#include "group.h"

#include <string.h>

#include "mem.h"

#define DAY_MS INT64_C(86400000)

static enum store_status change(struct contract *c, const char *id,
				const struct store_profile *profile,
				struct store_user *out, const char **field)
{
	enum store_status status =
		store_user_profile(c->store, id, profile, out, field);

	assert_int_equal(*field != NULL, status == STORE_TAKEN);
	if (status != STORE_OK)
		assert_null(out->username);
	return status;
}

static void change_ok(struct contract *c, const char *id,
		      const struct store_profile *profile)
{
	struct store_user user;
	const char *field;

	assert_ok(change(c, id, profile, &user, &field));
	store_user_done(&user);
}

static void a_profile_changes_what_is_given_and_keeps_the_rest(void **state)
{
	struct contract *c = *state;
	struct store_user user;
	const char *field;

	assert_ok(change(c, c->ann,
			 &(struct store_profile){.display_name = "Ann Ève",
						 .email = "Ann@Groß.Example",
						 .status_text = "away"},
			 &user, &field));
	assert_string_equal(user.username, "Ann");
	assert_string_equal(user.display_name, "Ann Ève");
	assert_string_equal(user.email, "ann@groß.example");
	assert_string_equal(user.status_text, "away");
	store_user_done(&user);

	assert_ok(change(
		c, c->ann,
		&(struct store_profile){.username = "Änn", .avatar = "🦊"},
		&user, &field));
	assert_string_equal(user.username, "Änn");
	assert_string_equal(user.avatar, "🦊");
	assert_string_equal(user.display_name, "Ann Ève");
	assert_string_equal(user.email, "ann@groß.example");
	assert_string_equal(user.status_text, "away");
	store_user_done(&user);

	assert_ok(store_user_by_login(c->store, "äNN", &user));
	assert_string_equal(user.id, c->ann);
	store_user_done(&user);
	assert_int_equal(store_user_by_login(c->store, "Ann", &user),
			 STORE_NOT_FOUND);
}

static void a_new_display_name_is_found_by_search(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_user_query query = {.text = "lovelace", .limit = 10};

	change_ok(c, c->ann,
		  &(struct store_profile){.display_name = "Ada LOVELACE"});
	assert_ok(store_user_list(c->store, &query, contract_each_user, rows,
				  NULL));
	assert_int_equal(rows->users, 1);
	assert_string_equal(rows->username[0], "Ann");
	contract_rows_free(rows);
}

static void a_name_or_email_of_another_is_taken_and_nothing_changes(void **s)
{
	struct contract *c = *s;
	struct store_user user;
	const char *field;

	change_ok(c, c->bob, &(struct store_profile){.email = "b@x.example"});
	assert_int_equal(change(c, c->ann,
				&(struct store_profile){.username = "bOB",
							.avatar = "x"},
				&user, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "username");
	assert_int_equal(change(c, c->ann,
				&(struct store_profile){.email = "B@X.example",
							.avatar = "x"},
				&user, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "email");
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_string_equal(user.username, "Ann");
	assert_string_equal(user.avatar, "");
	store_user_done(&user);
}

static void ones_own_name_in_another_spelling_is_free(void **state)
{
	struct contract *c = *state;
	struct store_user user;
	const char *field;

	change_ok(c, c->ann, &(struct store_profile){.email = "a@x.example"});
	assert_ok(change(c, c->ann,
			 &(struct store_profile){.username = "ANN",
						 .email = "A@x.example"},
			 &user, &field));
	assert_string_equal(user.username, "ANN");
	store_user_done(&user);
}

static void an_email_can_be_taken_away(void **state)
{
	struct contract *c = *state;
	struct store_user user;

	change_ok(c, c->ann, &(struct store_profile){.email = "a@x.example"});
	change_ok(c, c->ann, &(struct store_profile){.email = ""});
	change_ok(c, c->bob, &(struct store_profile){.email = ""});
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_null(user.email);
	store_user_done(&user);
	change_ok(c, c->bob, &(struct store_profile){.email = "a@x.example"});
}

static void an_older_message_keeps_its_writers_name(void **state)
{
	struct contract *c = *state;
	struct contract_place place =
		contract_place(c, c->ann, c->bob, "before");
	struct store_message message;

	change_ok(c, c->ann, &(struct store_profile){.username = "Renamed"});
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &message));
	assert_string_not_equal(message.sender_name, "Renamed");
	store_message_done(&message);
}

static void nobody_cannot_be_changed(void **state)
{
	struct contract *c = *state;
	static const char nobody[] = "0123456789abcdef01234567";
	struct store_user user;
	const char *field;

	assert_int_equal(change(c, nobody,
				&(struct store_profile){.username = "new"},
				&user, &field),
			 STORE_NOT_FOUND);
	assert_int_equal(
		store_user_password(
			c->store, nobody,
			&(struct store_password){.hash = "$x", .keep = NULL}),
		STORE_NOT_FOUND);
	assert_int_equal(store_user_role(c->store, nobody, ROLE_USER),
			 STORE_NOT_FOUND);
	assert_int_equal(store_user_disable(c->store, nobody, true),
			 STORE_NOT_FOUND);
}

/* ---- names that were somebody's ---- */

static enum store_status rename_to(struct contract *c, const char *id,
				   const char *name, int64_t now_ms)
{
	const struct store_profile profile = {.username = name,
					      .now_ms = now_ms};
	struct store_user user;
	const char *field;
	enum store_status status =
		store_user_profile(c->store, id, &profile, &user, &field);

	if (status == STORE_OK)
		store_user_done(&user);
	else
		assert_string_equal(field, "username");
	return status;
}

static void a_name_changes_three_times_a_day(void **state)
{
	struct contract *c = *state;
	int64_t now = CONTRACT_NOW;

	assert_ok(rename_to(c, c->ann, "Anne", now));
	assert_ok(rename_to(c, c->ann, "Anna", now + 1));
	/* Another spelling is no other name. */
	assert_ok(rename_to(c, c->ann, "ANNA", now + 2));
	assert_ok(rename_to(c, c->ann, "Anne", now + 3));
	assert_int_equal(rename_to(c, c->ann, "Annika", now + 4),
			 STORE_TOO_OFTEN);
	assert_ok(rename_to(c, c->ann, "anne", now + 5));
	assert_ok(rename_to(c, c->ann, "Annika", now + DAY_MS));
}

static void an_old_name_is_kept_for_its_user_a_month(void **state)
{
	struct contract *c = *state;
	int64_t now = CONTRACT_NOW;
	struct store_user user = {.username = (char *)"ANN",
				  .display_name = (char *)"",
				  .avatar = (char *)"",
				  .status_text = (char *)"",
				  .created_at = now + 29 * DAY_MS};
	const char *field;

	assert_ok(rename_to(c, c->ann, "Anne", now));
	assert_int_equal(rename_to(c, c->bob, "ann", now + 1), STORE_TAKEN);
	assert_int_equal(store_user_add(c->store, &user, &field), STORE_TAKEN);
	assert_string_equal(field, "username");
	/* Back to it any time. */
	assert_ok(rename_to(c, c->ann, "Ann", now + 2));
	assert_ok(rename_to(c, c->ann, "Anne", now + 3));
	assert_ok(rename_to(c, c->bob, "ann", now + 3 + 30 * DAY_MS));
}

static void
who_hides_when_they_were_seen_does_so_wherever_they_are_shown(void **state)
{
	struct contract *c = *state;
	const bool yes = true, no = false;
	struct store_profile profile = {.hides_last_seen = &yes};
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_conversation seen;
	struct store_user user;
	const char *field;

	assert_ok(
		store_user_profile(c->store, c->bob, &profile, &user, &field));
	assert_true(user.hides_last_seen);
	store_user_done(&user);
	profile = (struct store_profile){.status_text = "here"};
	assert_ok(
		store_user_profile(c->store, c->bob, &profile, &user, &field));
	assert_true(user.hides_last_seen);
	store_user_done(&user);
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &seen));
	assert_true(seen.other->hides_last_seen);
	store_conversation_done(&seen);
	profile = (struct store_profile){.hides_last_seen = &no};
	assert_ok(
		store_user_profile(c->store, c->bob, &profile, &user, &field));
	assert_false(user.hides_last_seen);
	store_user_done(&user);
}

static void hide_receipts(struct contract *c, const char *id)
{
	const bool yes = true;
	const struct store_profile profile = {.hides_receipts = &yes};
	struct store_user user;
	const char *field;

	assert_ok(store_user_profile(c->store, id, &profile, &user, &field));
	assert_true(user.hides_receipts);
	store_user_done(&user);
}

static void who_hides_what_they_read_sees_it_of_nobody(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const struct store_reach reach = {.received_seq = 1, .read_seq = 1};
	const char *const who[] = {c->ann, c->bob};
	struct store_read_marks marks;
	struct store_conversation before;

	/* Nobody hides anything yet, as far as this connection has seen. */
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &before));
	store_conversation_done(&before);
	hide_receipts(c, c->bob);
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &reach, ++c->now, &marks));
	assert_true(marks.read_own_only);
	assert_false(marks.own_only);
	for (size_t i = 0; i < COUNT_OF(who); i++) {
		struct store_conversation seen;

		assert_ok(store_conversation_get(c->store, AS(who[i]),
						 place.conversation, &seen));
		for (size_t j = 0; j < seen.member_count; j++) {
			const struct store_member *one = &seen.members[j];
			bool bob = strcmp(one->user_id, c->bob) == 0;

			/* Of oneself one knows it. */
			assert_int_equal(one->read_seq, bob == (i == 1));
			assert_int_equal(one->received_seq, 1);
			assert_int_equal(one->hides_receipts, bob);
		}
		store_conversation_done(&seen);
	}
}

/* Bob, who hides theirs, is in it. */
static void a_group(struct contract *c, char id[ID_SIZE])
{
	const char *users[] = {c->bob, c->cat};

	hide_receipts(c, c->bob);
	group_make_of(c, c->ann, users, 2, id);
}

static void in_a_group_only_who_hides_it_is_left_out(void **state)
{
	struct contract *c = *state;
	const struct store_reach reach = {.received_seq = 1, .read_seq = 1};
	const char *const who[] = {c->bob, c->cat};
	struct store_read_marks marks[2];
	struct store_conversation seen;
	char id[ID_SIZE];

	a_group(c, id);
	for (size_t i = 0; i < COUNT_OF(who); i++)
		assert_ok(store_mark_read(c->store, AS(who[i]), id, &reach,
					  ++c->now, &marks[i]));
	assert_true(marks[0].read_own_only);
	assert_false(marks[0].own_only);
	assert_false(marks[1].read_own_only);
	assert_true(marks[1].read_partly);
	assert_ok(store_conversation_get(c->store, AS(c->ann), id, &seen));
	for (size_t i = 0; i < seen.member_count; i++) {
		const struct store_member *one = &seen.members[i];

		assert_int_equal(one->received_seq, 1);
		assert_int_equal(one->read_seq,
				 strcmp(one->user_id, c->bob) != 0);
	}
	store_conversation_done(&seen);
}

/* Whoever reports writes to the server, and has read what was before. */
static void who_hides_what_they_read_does_so_when_they_report(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const struct store_report report = {
		.message = place.id,
		.reason = "why",
		.reporter_name = "Bob",
		.now_ms = ++c->now,
	};
	struct store_reported reported;

	hide_receipts(c, c->bob);
	assert_ok(store_report(c->store, AS(c->bob), &report, &reported));
	assert_true(reported.said.marks.read_own_only);
	store_reported_done(&reported);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			a_profile_changes_what_is_given_and_keeps_the_rest),
		CONTRACT_TEST(a_new_display_name_is_found_by_search),
		CONTRACT_TEST(
			a_name_or_email_of_another_is_taken_and_nothing_changes),
		CONTRACT_TEST(ones_own_name_in_another_spelling_is_free),
		CONTRACT_TEST(an_email_can_be_taken_away),
		CONTRACT_TEST(an_older_message_keeps_its_writers_name),
		CONTRACT_TEST(nobody_cannot_be_changed),
		CONTRACT_TEST(a_name_changes_three_times_a_day),
		CONTRACT_TEST(an_old_name_is_kept_for_its_user_a_month),
		CONTRACT_TEST(
			who_hides_when_they_were_seen_does_so_wherever_they_are_shown),
		CONTRACT_TEST(who_hides_what_they_read_sees_it_of_nobody),
		CONTRACT_TEST(in_a_group_only_who_hides_it_is_left_out),
		CONTRACT_TEST(
			who_hides_what_they_read_does_so_when_they_report),
	};

	return contract_run("profile", tests, COUNT_OF(tests));
}
