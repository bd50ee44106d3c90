#include "routes.h"

#include <string.h>

#include "address_block.h"
#include "announce.h"
#include "app.h"
#include "common_passwords.h"
#include "input.h"
#include "login_guard.h"
#include "mem.h"
#include "notify_client.h"
#include "own_password.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "password.h"
#include "request.h"
#include "response.h"
#include "session_answer.h"
#include "store.h"
#include "text.h"
#include "user_rules.h"

/* ---- register ---- */

struct registration {
	const char *username, *password, *email, *avatar, *display_name;
};

static bool read_registration(const struct request *request,
			      struct response *response,
			      struct registration *form)
{
	return input_text_required(request, response, "username",
				   &form->username) &&
	       input_text_required(request, response, "password",
				   &form->password) &&
	       input_text(request, response, "email", &form->email) &&
	       input_text(request, response, "avatar", &form->avatar) &&
	       input_text(request, response, "displayName",
			  &form->display_name);
}

/* A password that is new; false: refused. */
static bool check_new_password(const struct app *app, const char *password,
			       const char *field, struct response *response)
{
	const char *wrong =
		user_rule_new_password(password, app->options->password_min);

	if (wrong != NULL)
		return input_refuse(response, field, wrong);
	if (!common_passwords_has(password))
		return true;
	response_refuse_as(response, REFUSAL_COMMON_PASSWORD, field, NULL);
	return false;
}

static bool check_registration(const struct app *app,
			       const struct registration *form,
			       struct response *response)
{
	const struct {
		const char *field, *wrong;
	} checks[] = {
		{"username",
		 user_rule_username(form->username, LIMIT_USERNAME_MIN)},
		{"email", form->email != NULL && form->email[0] != '\0'
				  ? user_rule_email(form->email)
				  : NULL},
		{"avatar", form->avatar != NULL
				   ? user_rule_first_avatar(form->avatar)
				   : NULL},
		{"displayName",
		 form->display_name != NULL
			 ? user_rule_display_name(form->display_name)
			 : NULL},
	};

	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		if (checks[i].wrong != NULL)
			return input_refuse(response, checks[i].field,
					    checks[i].wrong);
	}
	return check_new_password(app, form->password, "password", response);
}

static void auth_user_of(const struct registration *form, int64_t now_ms,
			 struct store_user *user)
{
	char hash[CRYPT_PASSWORD_HASH_SIZE];
	bool has_email = form->email != NULL && form->email[0] != '\0';

	password_hash(form->password, hash);
	*user = (struct store_user){
		.username = xstrdup(form->username),
		.email = has_email ? xstrdup(form->email) : NULL,
		.display_name =
			text_trim(form->display_name ? form->display_name : ""),
		.avatar = xstrdup(form->avatar ? form->avatar : ""),
		.status_text = xstrdup(""),
		.password_hash = xstrdup(hash),
		.role = ROLE_USER,
		.created_at = now_ms,
	};
}

void route_auth_register(struct app *app, const struct request *request,
			 struct response *response)
{
	struct registration form = {0};
	struct store_user user;
	struct store_session session;
	const char *field = "username";

	if (app->options->registration == REGISTRATION_CLOSED) {
		response_refuse(response, REFUSAL_REGISTRATION_CLOSED);
		return;
	}
	if (address_block_has(app, request->address, false, request->now_ms)) {
		response_refuse(response, REFUSAL_BLOCKED);
		return;
	}
	if (!read_registration(request, response, &form) ||
	    !check_registration(app, &form, response))
		return;
	auth_user_of(&form, request->now_ms, &user);
	const struct session_origin from = session_origin_of(request);

	session_describe(app, &from, ROLE_USER, &session);

	enum store_status status =
		store_register(app->store, &user, &session, &field);

	if (status == STORE_OK) {
		login_guard_welcome(app, request, &user);
		session_answer(app, request, 201, &user, &session, response);
	} else if (status == STORE_TAKEN) {
		response_refuse_as(response, REFUSAL_TAKEN, field, NULL);
	} else {
		response_store_error(response, status);
	}
	store_session_done(&session);
	store_user_done(&user);
}

/* ---- login ---- */

static bool read_login(const struct request *request, struct response *response,
		       const char **login)
{
	static const char *const names[] = {"login", "email", "username"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!input_text(request, response, names[i], login))
			return false;
		if (*login != NULL && (*login)[0] != '\0')
			return true;
	}
	return input_refuse(response, "username",
			    "A name or an email address is required.");
}

static void refuse_login(struct response *response)
{
	response_refuse(response, REFUSAL_INVALID_CREDENTIALS);
	response_header(response, "WWW-Authenticate", "Bearer");
}

/* At the first sign-in with a password of another system's. It may be another
 * one by now, or the store may not answer: then the next one does it. */
static void replace_hash(struct app *app, const struct store_user *user,
			 const char *password)
{
	char hash[CRYPT_PASSWORD_HASH_SIZE];
	const struct store_password change = {
		.hash = hash,
		.verified = user->password_hash,
		.same = true,
	};

	password_hash(password, hash);
	store_user_password(app->store, user->id, &change);
}

static void sign_in(struct app *app, const struct request *request,
		    const struct store_user *user, const char *password,
		    struct response *response)
{
	struct store_session session;
	enum store_status status;

	if (user->disabled) {
		response_refuse(response, REFUSAL_DISABLED);
		return;
	}
	const struct session_origin from = session_origin_of(request);

	session_describe(app, &from, user->role, &session);
	memcpy(session.user_id, user->id, ID_SIZE);
	status = store_session_open(app->store, &session, user->password_hash);
	if (status == STORE_OK) {
		if (password_is_foreign(user->password_hash))
			replace_hash(app, user, password);
		login_guard_welcome(app, request, user);
		session_answer(app, request, 200, user, &session, response);
	} else if (status == STORE_NOT_FOUND) {
		refuse_login(response);
	} else {
		response_store_error(response, status);
	}
	store_session_done(&session);
}

static void auth_judge(struct app *app, const struct request *request,
		       const struct store_user *user, const char *login,
		       const char *password, struct response *response)
{
	switch (login_guard_check(app, request, user, login, password,
				  response)) {
	case LOGIN_RIGHT:
		sign_in(app, request, user, password, response);
		break;
	case LOGIN_WRONG:
		refuse_login(response);
		break;
	case LOGIN_ANSWERED:
		break;
	}
}

void route_auth_login(struct app *app, const struct request *request,
		      struct response *response)
{
	const char *login, *password;
	struct store_user user = {0};

	if (!read_login(request, response, &login) ||
	    !input_text_required(request, response, "password", &password))
		return;
	/* Longer than any password or name: not hashed or folded (marks are
	 * put in order in the square of their number) at an attacker's wish. */
	if (user_rule_password(password) != NULL ||
	    strlen(login) > LIMIT_LOGIN) {
		refuse_login(response);
		return;
	}

	enum store_status status =
		store_user_by_login(app->store, login, &user);

	if (status != STORE_OK && status != STORE_NOT_FOUND)
		response_store_error(response, status);
	else
		auth_judge(app, request, &user, login, password, response);
	store_user_done(&user);
}

/* ---- another password ---- */

static void change_password(struct app *app, const struct request *request,
			    const char *password, struct response *response)
{
	char hash[CRYPT_PASSWORD_HASH_SIZE];
	const char *own = request->session.id;

	password_hash(password, hash);

	const struct store_password change = {
		.hash = hash,
		.verified = request->user.password_hash,
		.keep = own,
	};
	enum store_status status =
		store_user_password(app->store, request->user.id, &change);

	if (status == STORE_NOT_FOUND) {
		own_password_refuse(response);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	announce_revoke_others(notify_out(app->notify), request->user.id, own,
			       "password", request->id);
	response_say(response, "The password was changed.");
}

void route_auth_password(struct app *app, const struct request *request,
			 struct response *response)
{
	const char *password, *new_password;

	if (!input_text_required(request, response, "password", &password) ||
	    !input_text_required(request, response, "newPassword",
				 &new_password))
		return;

	if (!check_new_password(app, new_password, "newPassword", response))
		return;
	if (own_password(app, request, password, response))
		change_password(app, request, new_password, response);
}
