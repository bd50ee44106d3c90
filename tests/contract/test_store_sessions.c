#include "contract.h"

#include <string.h>

#include "mem.h"

static void sign_in(struct contract *c, const char *user, int64_t expires_at,
		    char id[ID_SIZE])
{
	struct store_session session = {
		.created_at = 1000,
		.expires_at = expires_at,
		.agent = xstrdup("Mozilla/5.0"),
		.address = xstrdup("::1"),
	};

	memcpy(session.user_id, user, ID_SIZE);
	assert_ok(store_session_open(c->store, &session, NULL));
	assert_true(id_valid(session.id));
	memcpy(id, session.id, ID_SIZE);
	store_session_done(&session);
}

static enum store_status look(struct contract *c, const char *id, int64_t now)
{
	struct store_session session;
	struct store_user user;
	enum store_status status =
		store_session_get(c->store, id, now, &session, &user);

	if (status == STORE_OK) {
		assert_string_equal(session.id, id);
		assert_string_equal(session.user_id, user.id);
		store_session_done(&session);
		store_user_done(&user);
	} else {
		assert_null(session.agent);
		assert_null(user.username);
	}
	return status;
}

static void assert_from(const struct store_session *session, void *context)
{
	assert_string_equal(session->id, context);
	assert_string_equal(session->agent, "Mozilla/5.0");
	assert_string_equal(session->address, "::1");
}

static void a_session_is_there_until_it_expires(void **state)
{
	struct contract *c = *state;
	struct store_session session;
	struct store_user user;
	char id[ID_SIZE];

	sign_in(c, c->ann, 2000, id);
	assert_ok(store_sessions(c->store, c->ann, 1999, 9, assert_from, id));
	assert_ok(store_session_get(c->store, id, 1999, &session, &user));
	assert_string_equal(session.user_id, c->ann);
	assert_int_equal(session.created_at, 1000);
	assert_int_equal(session.last_used, 1000);
	assert_int_equal(session.expires_at, 2000);
	assert_string_equal(user.username, "Ann");
	store_session_done(&session);
	store_user_done(&user);
	assert_int_equal(look(c, id, 2000), STORE_NOT_FOUND);
	assert_int_equal(look(c, "nonsense", 0), STORE_NOT_FOUND);
}

static void a_session_rolls_on(void **state)
{
	struct contract *c = *state;
	struct store_session session;
	struct store_user user;
	char id[ID_SIZE];

	sign_in(c, c->ann, 2000, id);
	assert_ok(store_session_touch(c->store, id, 1500, 9000));
	assert_ok(store_session_get(c->store, id, 8999, &session, &user));
	assert_int_equal(session.last_used, 1500);
	assert_int_equal(session.expires_at, 9000);
	store_session_done(&session);
	store_user_done(&user);
	/* The clock was ahead. */
	assert_ok(store_session_touch(c->store, id, 1400, 8900));
	assert_ok(store_session_get(c->store, id, 8899, &session, &user));
	assert_int_equal(session.last_used, 1400);
	store_session_done(&session);
	store_user_done(&user);
	assert_int_equal(store_session_touch(c->store, "x", 1, 2),
			 STORE_NOT_FOUND);
}

static void one_session_ends_or_all_of_them_but_never_anothers(void **state)
{
	struct contract *c = *state;
	char one[ID_SIZE], two[ID_SIZE], three[ID_SIZE], bobs[ID_SIZE];

	sign_in(c, c->ann, 2000, one);
	sign_in(c, c->ann, 2000, two);
	sign_in(c, c->ann, 2000, three);
	sign_in(c, c->bob, 2000, bobs);
	assert_int_equal(store_session_end(c->store, c->ann, bobs),
			 STORE_NOT_FOUND);
	assert_ok(store_session_end(c->store, c->ann, one));
	assert_int_equal(store_session_end(c->store, c->ann, one),
			 STORE_NOT_FOUND);
	assert_int_equal(look(c, one, 1500), STORE_NOT_FOUND);
	assert_ok(look(c, two, 1500));
	assert_ok(store_session_end(c->store, c->ann, NULL));
	assert_int_equal(look(c, two, 1500), STORE_NOT_FOUND);
	assert_int_equal(look(c, three, 1500), STORE_NOT_FOUND);
	assert_ok(look(c, bobs, 1500));
	assert_ok(store_session_end(c->store, c->ann, NULL));
}

static struct store_session session_of(const char *user)
{
	struct store_session session = {
		.created_at = 1000,
		.expires_at = 9000,
	};

	memcpy(session.user_id, user, ID_SIZE);
	return session;
}

static void set_password(struct contract *c, const char *hash)
{
	const struct store_password change = {.hash = hash};

	assert_ok(store_user_password(c->store, c->ann, &change));
}

static void a_session_opens_only_for_the_password_that_was_verified(void **s)
{
	struct contract *c = *s;
	struct store_session session = session_of(c->ann);

	assert_int_equal(store_session_open(c->store, &session, "$one"),
			 STORE_NOT_FOUND);
	set_password(c, "$one");
	assert_ok(store_session_open(c->store, &session, "$one"));
	assert_ok(look(c, session.id, 1500));
	set_password(c, "$two");
	assert_int_equal(store_session_open(c->store, &session, "$one"),
			 STORE_NOT_FOUND);
	assert_ok(store_session_open(c->store, &session, "$two"));
	assert_ok(store_session_open(c->store, &session, NULL));
	assert_ok(store_user_disable(c->store, c->ann, true));
	assert_int_equal(store_session_open(c->store, &session, "$two"),
			 STORE_NOT_FOUND);
}

static void a_password_changes_only_from_the_one_that_was_verified(void **s)
{
	struct contract *c = *s;
	struct store_session session = session_of(c->ann);
	struct store_password change = {.hash = "$three", .verified = "$one"};

	set_password(c, "$two");
	assert_ok(store_session_open(c->store, &session, "$two"));
	assert_int_equal(store_user_password(c->store, c->ann, &change),
			 STORE_NOT_FOUND);
	assert_ok(look(c, session.id, 1500)); /* it has not ended */
	change.verified = "$two";
	assert_ok(store_user_password(c->store, c->ann, &change));
	assert_int_equal(look(c, session.id, 1500), STORE_NOT_FOUND);
	assert_ok(store_session_open(c->store, &session, "$three"));
}

/* As at the first sign-in with another system's hash. */
static void the_same_password_hashed_anew_ends_no_session(void **s)
{
	struct contract *c = *s;
	struct store_session session = session_of(c->ann);
	struct store_password change = {
		.hash = "$anew", .verified = "$two", .same = true};
	char old[ID_SIZE];

	set_password(c, "$one");
	sign_in(c, c->ann, 9000, old);
	assert_int_equal(store_user_password(c->store, c->ann, &change),
			 STORE_NOT_FOUND);
	assert_ok(store_session_open(c->store, &session, "$one"));
	change.verified = "$one";
	assert_ok(store_user_password(c->store, c->ann, &change));
	assert_ok(look(c, old, 1500));
	assert_ok(look(c, session.id, 1500));
	assert_ok(store_session_open(c->store, &session, "$anew"));
	/* What the next change ends is all of them. */
	set_password(c, "$three");
	assert_int_equal(look(c, old, 1500), STORE_NOT_FOUND);
	assert_int_equal(look(c, session.id, 1500), STORE_NOT_FOUND);
}

static void who_registers_is_there_and_signed_in(void **state)
{
	struct contract *c = *state;
	struct store_user user = {.username = xstrdup("Dan"),
				  .created_at = 1000};
	struct store_session session = {.created_at = 1000, .expires_at = 9000};
	const char *field = NULL;

	assert_ok(store_register(c->store, &user, &session, &field));
	assert_string_equal(session.user_id, user.id);
	assert_ok(look(c, session.id, 1500));
	store_user_done(&user);
}

static void who_cannot_register_has_no_session(void **state)
{
	struct contract *c = *state;
	struct store_user user = {.username = xstrdup("aNN"),
				  .created_at = 1000};
	struct store_session session = {.created_at = 1000, .expires_at = 9000};
	const char *field = NULL;

	assert_int_equal(store_register(c->store, &user, &session, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "username");
	assert_string_equal(session.id, "");
	store_user_done(&user);
}

static void nobody_signs_in_without_being_a_user(void **state)
{
	struct contract *c = *state;
	struct store_session session = {.expires_at = 2000};

	memcpy(session.user_id, "0123456789abcdef01234567", ID_SIZE);
	assert_int_equal(store_session_open(c->store, &session, NULL),
			 STORE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_session_is_there_until_it_expires),
		CONTRACT_TEST(a_session_rolls_on),
		CONTRACT_TEST(
			one_session_ends_or_all_of_them_but_never_anothers),
		CONTRACT_TEST(
			a_session_opens_only_for_the_password_that_was_verified),
		CONTRACT_TEST(
			a_password_changes_only_from_the_one_that_was_verified),
		CONTRACT_TEST(the_same_password_hashed_anew_ends_no_session),
		CONTRACT_TEST(who_registers_is_there_and_signed_in),
		CONTRACT_TEST(who_cannot_register_has_no_session),
		CONTRACT_TEST(nobody_signs_in_without_being_a_user),
	};

	return contract_run("sessions", tests, COUNT_OF(tests));
}
