/* People without an account: they come, are nobody else, and are forgotten. */
#include "contract.h"

#include <string.h>

#include "mem.h"

#define HOUR INT64_C(3600000)
#define SESSION "0190000000000000000000c3"

struct guest {
	char user[ID_SIZE], session[ID_SIZE];
};

static enum store_status come(struct contract *c, const char *name,
			      const char *session_id, int64_t hours,
			      struct guest *out)
{
	struct store_user user = {
		.username = xstrdup(name),
		.display_name = xstrdup(""),
		.created_at = c->now,
	};
	struct store_session session = {
		.created_at = c->now,
		.expires_at = c->now + hours * HOUR,
		.agent = xstrdup("nc"),
		.address = xstrdup("192.0.2.1"),
	};
	const char *field;

	if (session_id != NULL)
		memcpy(session.id, session_id, ID_SIZE);
	enum store_status status =
		store_guest_come(c->store, &user, &session, &field);

	if (status == STORE_TAKEN)
		assert_string_equal(field, "username");
	if (status == STORE_OK) {
		assert_int_equal(user.role, ROLE_GUEST);
		assert_string_equal(session.user_id, user.id);
		memcpy(out->user, user.id, ID_SIZE);
		memcpy(out->session, session.id, ID_SIZE);
	}
	store_user_done(&user);
	store_session_done(&session);
	return status;
}

static size_t sweep(struct contract *c, size_t limit)
{
	size_t count;

	assert_ok(store_guest_sweep(c->store, c->now, limit, &count));
	return count;
}

static enum store_status look(struct contract *c, const char *id)
{
	struct store_user user;
	enum store_status status = store_user_get(c->store, id, &user);

	store_user_done(&user);
	return status;
}

static enum store_status sign_up(struct contract *c, const char *name)
{
	struct store_user user = {
		.username = xstrdup(name),
		.display_name = xstrdup(""),
		.created_at = c->now,
	};
	const char *field;
	enum store_status status = store_user_add(c->store, &user, &field);

	store_user_done(&user);
	return status;
}

static void assert_address(const struct store_session *session, void *context)
{
	(void)context;
	assert_string_equal(session->address, "192.0.2.1");
}

static void a_guest_has_a_session_and_a_name_of_their_own(void **state)
{
	struct contract *c = *state;
	struct store_session session;
	struct store_user user;
	struct guest one, two;

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	assert_ok(store_session_get(c->store, one.session, c->now, &session,
				    &user));
	assert_string_equal(user.username, "Zoe");
	assert_int_equal(user.role, ROLE_GUEST);
	assert_null(user.password_hash);
	assert_ok(store_sessions(c->store, user.id, c->now, 9, assert_address,
				 NULL));
	store_user_done(&user);
	store_session_done(&session);
	assert_int_equal(come(c, "zOE", NULL, 24, &two), STORE_TAKEN);
	assert_int_equal(come(c, "Ann", NULL, 24, &two), STORE_TAKEN);
	assert_int_equal(sign_up(c, "zoe"), STORE_TAKEN);
}

static void asked_again_for_the_same_session_it_is_the_same_guest(void **state)
{
	struct contract *c = *state;
	struct guest one, again, other;

	assert_ok(come(c, "Zoe", SESSION, 24, &one));
	assert_string_equal(one.session, SESSION);
	assert_ok(come(c, "Zoe", SESSION, 24, &again));
	assert_string_equal(again.user, one.user);
	assert_int_equal(come(c, "Zoe", NULL, 24, &other), STORE_TAKEN);
}

static void a_name_is_free_once_no_session_lives(void **state)
{
	struct contract *c = *state;
	struct guest one, two;

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	assert_ok(come(c, "Max", NULL, 24, &two));
	assert_ok(store_session_end(c->store, one.user, NULL));
	assert_ok(sign_up(c, "zoe"));
	assert_int_equal(look(c, one.user), STORE_NOT_FOUND);
	c->now += 24 * HOUR - 1;
	assert_int_equal(come(c, "max", NULL, 24, &one), STORE_TAKEN);
	c->now += 1;
	assert_ok(come(c, "max", NULL, 24, &one));
	assert_int_equal(look(c, two.user), STORE_NOT_FOUND);
	assert_ok(look(c, one.user));
}

static void a_name_is_also_free_to_take_in_a_profile(void **state)
{
	struct contract *c = *state;
	struct store_profile profile = {.username = "Zoe", .now_ms = c->now};
	struct store_user user;
	struct guest one;
	const char *field;

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	assert_int_equal(
		store_user_profile(c->store, c->ann, &profile, &user, &field),
		STORE_TAKEN);
	assert_ok(store_session_end(c->store, one.user, NULL));
	assert_ok(
		store_user_profile(c->store, c->ann, &profile, &user, &field));
	assert_string_equal(user.username, "Zoe");
	store_user_done(&user);
}

static void a_guest_who_takes_another_name_stays(void **state)
{
	struct contract *c = *state;
	struct store_profile profile = {.username = "zoe", .now_ms = c->now};
	struct store_user user;
	struct guest one;
	const char *field;

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	c->now += 30 * HOUR; /* nothing of theirs lives, but they ask */
	assert_ok(store_user_profile(c->store, one.user, &profile, &user,
				     &field));
	assert_string_equal(user.id, one.user);
	store_user_done(&user);
}

static void who_has_no_session_any_more_is_swept_and_nobody_else(void **state)
{
	struct contract *c = *state;
	struct guest gone, out, here;

	assert_ok(come(c, "gone", NULL, 1, &gone));
	assert_ok(come(c, "out", NULL, 24, &out));
	assert_ok(come(c, "here", NULL, 24, &here));
	assert_ok(store_session_end(c->store, out.user, out.session));
	assert_int_equal(sweep(c, 0), 0);
	c->now += HOUR;
	assert_int_equal(sweep(c, 1), 1);
	assert_int_equal(sweep(c, 100), 1);
	assert_int_equal(sweep(c, 100), 0);
	assert_int_equal(look(c, gone.user), STORE_NOT_FOUND);
	assert_int_equal(look(c, out.user), STORE_NOT_FOUND);
	assert_ok(look(c, here.user));
	assert_ok(look(c, c->ann)); /* users have no session here either */
}

static void what_a_guest_wrote_stays(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct guest one;

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	struct contract_place place = contract_place(c, one.user, c->ann, "hi");

	assert_ok(store_session_end(c->store, one.user, NULL));
	assert_int_equal(sweep(c, 100), 1);
	assert_ok(store_messages(c->store, AS(c->ann), place.conversation,
				 RANGE(1, 9), contract_each_message, rows));
	assert_int_equal(rows->messages, 1);
	assert_string_equal(rows->message[0].content, "hi");
	contract_rows_free(rows);
}

/* Where they may not write to each other. */
static void between_guests_and_others_nothing_is_sent(void **state)
{
	struct contract *c = *state;
	struct guest one;
	struct store_sent sent;
	char direct[ID_SIZE];

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	struct store_send send = {
		.sender_name = "x",
		.to = one.user,
		.content = "x",
		.guest_direct = true,
		.now_ms = c->now,
	};
	const struct store_viewer zoe = {one.user, ROLE_GUEST};

	assert_ok(store_send(c->store, AS(c->bob), &send, &sent));
	memcpy(direct, sent.message.conversation, ID_SIZE);
	store_sent_done(&sent);
	send.guest_direct = false;
	send.to = c->ann;
	assert_int_equal(store_send(c->store, &zoe, &send, &sent),
			 STORE_FORBIDDEN);
	send.to = one.user;
	assert_int_equal(store_send(c->store, AS(c->ann), &send, &sent),
			 STORE_NOT_FOUND);
	send.to = NULL;
	send.conversation = direct;
	assert_int_equal(store_send(c->store, &zoe, &send, &sent),
			 STORE_FORBIDDEN);
	assert_int_equal(store_send(c->store, AS(c->bob), &send, &sent),
			 STORE_NOT_FOUND);
	send.guest_direct = true;
	assert_ok(store_send(c->store, &zoe, &send, &sent));
	store_sent_done(&sent);
}

static enum store_status set_block(struct contract *c, const char *blocker,
				   const char *blocked, bool blocks)
{
	const struct store_block block = {blocked, blocks, ++c->now};
	bool changed;

	return store_block(c->store, AS(blocker), &block, &changed);
}

static void assert_hides_nobody(struct contract *c, const char *viewer)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(
		store_hidden(c->store, AS(viewer), 9, contract_each_id, rows));
	assert_int_equal(rows->ids, 0);
	contract_rows_free(rows);
}

static void who_blocks_a_guest_and_whom_they_block_goes_with_them(void **state)
{
	struct contract *c = *state;
	struct guest one;

	assert_ok(come(c, "Zoe", NULL, 24, &one));
	assert_ok(set_block(c, c->ann, one.user, true));
	assert_ok(set_block(c, one.user, c->bob, true));
	assert_ok(store_session_end(c->store, one.user, NULL));
	assert_int_equal(sweep(c, 100), 1);
	assert_hides_nobody(c, c->ann);
	assert_hides_nobody(c, c->bob);
	assert_int_equal(set_block(c, c->ann, one.user, false),
			 STORE_NOT_FOUND);
	assert_int_equal(set_block(c, c->ann, one.user, true), STORE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_guest_has_a_session_and_a_name_of_their_own),
		CONTRACT_TEST(
			asked_again_for_the_same_session_it_is_the_same_guest),
		CONTRACT_TEST(a_name_is_free_once_no_session_lives),
		CONTRACT_TEST(a_name_is_also_free_to_take_in_a_profile),
		CONTRACT_TEST(a_guest_who_takes_another_name_stays),
		CONTRACT_TEST(
			who_has_no_session_any_more_is_swept_and_nobody_else),
		CONTRACT_TEST(what_a_guest_wrote_stays),
		CONTRACT_TEST(between_guests_and_others_nothing_is_sent),
		CONTRACT_TEST(
			who_blocks_a_guest_and_whom_they_block_goes_with_them),
	};

	return contract_run("guests", tests, COUNT_OF(tests));
}
