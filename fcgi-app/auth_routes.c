#include "routes.h"

#include <string.h>

#include "announce.h"
#include "app.h"
#include "crypt.h"
#include "input.h"
#include "json.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "request.h"
#include "response.h"
#include "store/store.h"
#include "text.h"
#include "token.h"
#include "user_rules.h"
#include "user_view.h"

#define DAY_MS INT64_C(86400000)
#define AGENT_MAX 256 /* bytes kept of a User-Agent */

/* Wrong passwords until the account is locked, then for how long: twice as
 * long each time. */
#define FAILURES_FREE 5
#define LOCK_FIRST_MS 1000
#define LOCK_MAX_MS (15 * 60 * 1000)

/* ---- a session for someone who has proven who he is ---- */

static char *short_agent(const char *agent)
{
	size_t len = strlen(agent);

	if (!text_valid(agent, len))
		return xstrdup("");
	if (len > AGENT_MAX) {
		len = AGENT_MAX;
		while (len > 0 && ((unsigned char)agent[len] & 0xc0) == 0x80)
			len--;
	}
	return xstrndup(agent, len);
}

static enum store_status open_session(struct app *app,
				      const struct request *request,
				      const char *user,
				      struct store_session *session)
{
	*session = (struct store_session){
		.created_at = request->now_ms,
		.last_used = request->now_ms,
		.expires_at =
			request->now_ms + app->options->token_days * DAY_MS,
		.agent = short_agent(request->agent),
		.address = xstrdup(request->address),
	};
	memcpy(session->user_id, user, ID_SIZE);
	return store_session_add(app->store, session);
}

static void answer_session(struct app *app, int status,
			   const struct store_user *user,
			   const struct store_session *session,
			   struct response *response)
{
	struct token_claims claims = {
		.issued_at = session->created_at,
		.expires_at = session->expires_at,
	};
	struct json_object *body = json_new_object();

	memcpy(claims.user, user->id, ID_SIZE);
	memcpy(claims.session, session->id, ID_SIZE);

	char *token = token_make(app->keys, &claims);

	json_put_string(body, "token", token);
	json_put_time(body, "expiresAt", session->expires_at);
	json_put(body, "user", user_view_own(user, true));
	response_json(response, status, body);
	crypt_wipe(token, strlen(token));
	free(token);
}

/* ---- register ---- */

struct registration {
	const char *username, *password, *email, *avatar, *display_name;
};

static bool read_registration(const struct request *request,
			      struct response *response,
			      struct registration *in)
{
	return input_text_required(request, response, "username",
				   &in->username) &&
	       input_text_required(request, response, "password",
				   &in->password) &&
	       input_text(request, response, "email", &in->email) &&
	       input_text(request, response, "avatar", &in->avatar) &&
	       input_text(request, response, "displayName", &in->display_name);
}

static bool check_registration(const struct registration *in,
			       struct response *response)
{
	const struct {
		const char *field, *wrong;
	} checks[] = {
		{"username",
		 user_rule_username(in->username, LIMIT_USERNAME_MIN)},
		{"email", in->email != NULL && in->email[0] != '\0'
				  ? user_rule_email(in->email)
				  : NULL},
		{"password", user_rule_password(in->password)},
		{"avatar",
		 in->avatar != NULL ? user_rule_avatar(in->avatar) : NULL},
		{"displayName",
		 in->display_name != NULL
			 ? user_rule_display_name(in->display_name)
			 : NULL},
	};

	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		if (checks[i].wrong != NULL)
			return input_refuse(response, checks[i].field,
					    checks[i].wrong);
	}
	return true;
}

static void user_of(const struct registration *in, int64_t now_ms,
		    struct store_user *user)
{
	char hash[CRYPT_PASSWORD_HASH_SIZE];
	bool has_email = in->email != NULL && in->email[0] != '\0';

	crypt_password_hash(in->password, hash);
	*user = (struct store_user){
		.username = xstrdup(in->username),
		.email = has_email ? text_fold(in->email) : NULL,
		.display_name =
			text_trim(in->display_name ? in->display_name : ""),
		.avatar = xstrdup(in->avatar ? in->avatar : ""),
		.status_text = xstrdup(""),
		.password_hash = xstrdup(hash),
		.role = ROLE_USER,
		.created_at = now_ms,
	};
}

/* User and session in one commit: nobody is left with a name that is taken
 * and no answer. */
static enum store_status add_user(struct app *app,
				  const struct request *request,
				  struct store_user *user,
				  struct store_session *session,
				  const char **field)
{
	enum store_status status = store_batch_begin(app->store);

	if (status == STORE_OK)
		status = store_user_add(app->store, user, field);
	if (status == STORE_OK)
		status = open_session(app, request, user->id, session);
	if (status == STORE_OK)
		return store_batch_commit(app->store);
	store_batch_rollback(app->store);
	return status;
}

void auth_register(struct app *app, const struct request *request,
		   struct response *response)
{
	struct registration in = {0};
	struct store_user user;
	struct store_session session = {0};
	const char *field = "username";

	if (!read_registration(request, response, &in) ||
	    !check_registration(&in, response))
		return;
	user_of(&in, request->now_ms, &user);

	enum store_status status =
		add_user(app, request, &user, &session, &field);

	if (status == STORE_OK)
		answer_session(app, 201, &user, &session, response);
	else if (status == STORE_TAKEN)
		response_error(response, 409, "taken", field,
			       "Somebody has this already.");
	else
		response_store_error(response, status);
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
	response_error(response, 401, "invalid_credentials", NULL,
		       "Name or password is wrong.");
	response_header(response, "WWW-Authenticate", "Bearer");
}

static void refuse_locked(struct response *response, int64_t left_ms)
{
	char *seconds = xasprintf("%lld", (long long)(left_ms + 999) / 1000);

	response_error(response, 429, "locked", NULL,
		       "Too many wrong passwords. Please wait.");
	response_header(response, "Retry-After", seconds);
	free(seconds);
}

/* When the lock after that many failures ends; 0: none. */
static int64_t lock_until(int64_t failures, int64_t now_ms)
{
	int64_t lock = LOCK_FIRST_MS;

	if (failures < FAILURES_FREE)
		return 0;
	for (int64_t i = FAILURES_FREE; i < failures && lock < LOCK_MAX_MS; i++)
		lock *= 2;
	return now_ms + (lock < LOCK_MAX_MS ? lock : LOCK_MAX_MS);
}

/* Wrong ones are counted, a right one forgets them. False: the store did not
 * note it, which was answered; a guess that does not count is not judged. */
static bool note_password(struct app *app, const struct request *request,
			  const struct store_user *user, bool right,
			  struct response *response)
{
	int64_t failures = right ? 0 : user->failures + 1;
	enum store_status status;

	if (failures == user->failures)
		return true;
	status = store_user_failures(app->store, user->id, failures,
				     lock_until(failures, request->now_ms));
	if (status != STORE_UNAVAILABLE)
		return true;
	response_store_error(response, status);
	return false;
}

/* Answers when it is not his password. user is empty when there is none. */
static bool check_password(struct app *app, const struct request *request,
			   const struct store_user *user, const char *password,
			   struct response *response)
{
	bool known = user->id[0] != '\0';

	if (known && user->locked_until > request->now_ms) {
		refuse_locked(response, user->locked_until - request->now_ms);
		return false;
	}
	/* As slow without a user: time does not tell who has an account. */
	bool right = crypt_password_verify(user->password_hash, password);

	if (known && !note_password(app, request, user, right, response))
		return false;
	if (!right)
		refuse_login(response);
	return right;
}

static void sign_in(struct app *app, const struct request *request,
		    const struct store_user *user, struct response *response)
{
	struct store_session session = {0};
	enum store_status status;

	if (user->disabled) {
		response_error(response, 403, "disabled", NULL,
			       "This account is disabled.");
		return;
	}
	status = open_session(app, request, user->id, &session);
	if (status == STORE_OK)
		answer_session(app, 200, user, &session, response);
	else
		response_store_error(response, status);
	store_session_done(&session);
}

void auth_login(struct app *app, const struct request *request,
		struct response *response)
{
	const char *login, *password;
	struct store_user user = {0};

	if (!read_login(request, response, &login) ||
	    !input_text_required(request, response, "password", &password))
		return;
	/* Longer than any password: not hashed at an attacker's wish. */
	if (user_rule_password(password) != NULL) {
		refuse_login(response);
		return;
	}

	enum store_status status =
		store_user_by_login(app->store, login, &user);

	if (status != STORE_OK && status != STORE_NOT_FOUND)
		response_store_error(response, status);
	else if (check_password(app, request, &user, password, response))
		sign_in(app, request, &user, response);
	store_user_done(&user);
}

/* ---- logout ---- */

void auth_logout(struct app *app, const struct request *request,
		 struct response *response)
{
	bool everywhere = false;

	if (json_get_bool(request->body, "everywhere", &everywhere) ==
	    JSON_WRONG) {
		input_refuse(response, "everywhere",
			     "This must be true or false.");
		return;
	}

	const char *session = everywhere ? NULL : request->session.id;
	enum store_status status =
		store_session_end(app->store, request->user.id, session);

	if (status != STORE_OK && status != STORE_NOT_FOUND) {
		response_store_error(response, status);
		return;
	}
	announce_revoke(notify_out(app->notify), request->user.id, session,
			"logout");

	struct json_object *body = json_new_object();

	json_put_string(body, "message", "Signed out.");
	response_json(response, 200, body);
}
