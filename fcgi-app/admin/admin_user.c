/* Accounts, from the command line. What ends sessions closes their sockets at
 * once: pushd is told as by a worker. */
#include "admin.h"

#include <stdlib.h>
#include <string.h>

#include "announce.h"
#include "buf.h"
#include "clock.h"
#include "common_passwords.h"
#include "daemons.h"
#include "login_guard.h"
#include "mem.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "password.h"
#include "password_input.h"
#include "refusals.h"
#include "store.h"
#include "text.h"
#include "user_rules.h"

#define NEWS_MAX 4096

/* ---- who is meant ---- */

/* 0: out is the caller's; else it was said. */
int admin_find_user(struct admin *admin, const char *name,
		    struct store_user *out)
{
	enum store_status status = STORE_NOT_FOUND;

	if (text_valid(name, strlen(name)))
		status = store_user_by_login(admin->store, name, out);
	return status == STORE_OK ? 0 : admin_fail_store(admin, name, status);
}

/* ---- telling pushd ---- */

typedef void add_news(struct buf *out, const struct store_user *user);

int admin_tell(struct admin *admin, const char *name, const char *done,
	       const struct buf *news)
{
	char *wrong = daemons_tell(admin->options, news);

	if (wrong == NULL)
		return 0;
	admin_fail(admin, 1, "%s: %s, but %s: sockets may still be open", name,
		   done, wrong);
	free(wrong);
	return 1;
}

static int tell_of(struct admin *admin, const char *name, const char *done,
		   const struct store_user *user, add_news *add)
{
	struct buf news;

	buf_init(&news, NEWS_MAX);
	add(&news, user);
	int code = admin_tell(admin, name, done, &news);

	buf_done(&news);
	return code;
}

static void add_password_revoke(struct buf *out, const struct store_user *user)
{
	announce_revoke(out, user->id, NULL, "password", NULL);
}

static void add_disabled_revoke(struct buf *out, const struct store_user *user)
{
	announce_revoke(out, user->id, NULL, "disabled", NULL);
}

static void add_operator_room(struct buf *out, const struct store_user *user)
{
	if (user->role == ROLE_OPERATOR)
		announce_join(out, user->id, "r:operator");
	else
		announce_leave(out, user->id, "r:operator", NULL);
}

/* ---- passwords ---- */

/* 0, or it was said. */
static int read_password(struct admin *admin, const char *name,
			 char hash[CRYPT_PASSWORD_HASH_SIZE])
{
	char password[PASSWORD_INPUT_SIZE];
	const char *wrong = password_input(password);

	if (wrong == NULL && !text_valid(password, strlen(password)))
		wrong = "the password is not UTF-8";
	if (wrong == NULL)
		wrong = user_rule_new_password(password,
					       admin->options->password_min);
	if (wrong == NULL && common_passwords_has(password))
		wrong = refusal_row(REFUSAL_COMMON_PASSWORD)->words;
	if (wrong == NULL)
		password_hash(password, hash);
	crypt_wipe(password, sizeof(password));
	return wrong == NULL ? 0 : admin_fail(admin, 1, "%s: %s", name, wrong);
}

/* It also lets in whoever was locked out. That comes first: where the store
 * fails between the two, no session has ended that pushd would have to be told
 * of. */
static enum store_status write_password(struct admin *admin,
					const struct store_user *user,
					const char *hash)
{
	const struct store_password change = {.hash = hash};
	enum store_status status = login_guard_unlock(admin->store, user);

	return status == STORE_OK
		       ? store_user_password(admin->store, user->id, &change)
		       : status;
}

int admin_user_password(struct admin *admin, char **words)
{
	const char *name = words[0];
	char hash[CRYPT_PASSWORD_HASH_SIZE];
	struct store_user user = {0};
	int code = admin_find_user(admin, name, &user);

	if (code == 0)
		code = read_password(admin, name, hash);
	if (code == 0) {
		enum store_status status = write_password(admin, &user, hash);

		if (status != STORE_OK)
			code = admin_fail_store(admin, name, status);
	}
	if (code == 0)
		code = tell_of(admin, name, "has another password", &user,
			       add_password_revoke);
	if (code == 0)
		admin_done(
			admin,
			"%s: has another password and is signed out everywhere",
			name);
	store_user_done(&user);
	return code;
}

/* ---- a new user ---- */

static const char *wrong_text(const char *name, const char *email)
{
	if (!text_valid(name, strlen(name)) ||
	    (email != NULL && !text_valid(email, strlen(email))))
		return "this is not UTF-8";

	const char *wrong = user_rule_username(name, LIMIT_USERNAME_MIN);

	if (wrong == NULL && email != NULL)
		wrong = user_rule_email(email);
	return wrong;
}

static int fail_to_add(struct admin *admin, const char *name,
		       enum store_status status, const char *field)
{
	return status == STORE_TAKEN
		       ? admin_fail(admin, 1, "%s: this %s is taken", name,
				    field)
		       : admin_fail_store(admin, name, status);
}

int admin_user_add(struct admin *admin, char **words)
{
	const char *name = words[0], *email = words[1];
	const char *wrong = wrong_text(name, email), *field = NULL;
	char hash[CRYPT_PASSWORD_HASH_SIZE];

	if (wrong != NULL)
		return admin_fail(admin, 1, "%s: %s", name, wrong);

	int code = read_password(admin, name, hash);

	if (code != 0)
		return code;
	struct store_user user = {
		.username = xstrdup(name),
		.email = email != NULL ? xstrdup(email) : NULL,
		.password_hash = xstrdup(hash),
		.role = ROLE_USER,
		.created_at = clock_now_ms(),
	};
	enum store_status status = store_user_add(admin->store, &user, &field);

	if (status != STORE_OK)
		code = fail_to_add(admin, name, status, field);
	else
		admin_done(admin, "%s: was added", name);
	store_user_done(&user);
	return code;
}

/* ---- role and end ---- */

int admin_user_role(struct admin *admin, char **words)
{
	static const enum store_role roles[] = {ROLE_USER, ROLE_OPERATOR};
	const char *name = words[0];
	struct store_user user = {0};
	size_t i = 0;

	while (i < COUNT_OF(roles) &&
	       strcmp(words[1], store_role_name(roles[i])) != 0)
		i++;
	if (i == COUNT_OF(roles))
		return admin_fail(admin, 1, "%s: a role is user or operator",
				  words[1]);

	int code = admin_find_user(admin, name, &user);

	if (code == 0 && user.role == ROLE_GUEST)
		code = admin_fail(admin, 1, "%s: a guest has no other role",
				  name);
	if (code == 0) {
		enum store_status status =
			store_user_role(admin->store, user.id, roles[i]);

		if (status != STORE_OK)
			code = admin_fail_store(admin, name, status);
	}
	if (code == 0) {
		char *done = xasprintf("is %s now", store_role_name(roles[i]));

		user.role = roles[i];
		code = tell_of(admin, name, done, &user, add_operator_room);
		if (code == 0)
			admin_done(admin, "%s: %s", name, done);
		free(done);
	}
	store_user_done(&user);
	return code;
}

static int set_disabled(struct admin *admin, const char *name, bool disabled)
{
	struct store_user user = {0};
	int code = admin_find_user(admin, name, &user);

	if (code == 0) {
		enum store_status status =
			store_user_disable(admin->store, user.id, disabled);

		if (status != STORE_OK)
			code = admin_fail_store(admin, name, status);
	}
	if (code == 0 && disabled)
		code = tell_of(admin, name, "is disabled", &user,
			       add_disabled_revoke);
	if (code == 0)
		admin_done(admin, "%s: %s", name,
			   disabled ? "is disabled and signed out everywhere"
				    : "may sign in again");
	store_user_done(&user);
	return code;
}

int admin_user_disable(struct admin *admin, char **words)
{
	return set_disabled(admin, words[0], true);
}

int admin_user_enable(struct admin *admin, char **words)
{
	return set_disabled(admin, words[0], false);
}

/* ---- wrong passwords ---- */

int admin_user_unlock(struct admin *admin, char **words)
{
	const char *name = words[0];
	struct store_user user = {0};
	int code = admin_find_user(admin, name, &user);
	const struct store_deed deed = {.act = ACT_UNLOCK, .user = user.id};

	if (code == 0)
		code = admin_act(admin, name, &deed);
	if (code == 0) {
		enum store_status status =
			login_guard_unlock(admin->store, &user);

		code = status == STORE_OK
			       ? admin_done(admin,
					    "%s: has no wrong passwords any "
					    "more",
					    name)
			       : admin_fail_store(admin, name, status);
	}
	store_user_done(&user);
	return code;
}
