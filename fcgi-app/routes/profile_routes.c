/* What a user shows of themselves. Anything else a client sends along, a role
 * for example, is not looked at. */
#include "routes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "announce.h"
#include "app.h"
#include "input.h"
#include "json.h"
#include "mem.h"
#include "notify_client.h"
#include "own_password.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "store.h"
#include "text.h"
#include "user_rules.h"
#include "user_view.h"

#define RENAME_WAIT_S "3600"

static bool read_choice(const struct request *request,
			struct response *response, const char *name,
			const bool **out)
{
	static const bool values[] = {false, true};
	bool said;

	switch (json_get_bool(request->body, name, &said)) {
	case JSON_FOUND:
		*out = &values[said];
		return true;
	case JSON_ABSENT:
		return true;
	case JSON_WRONG:
		break;
	}
	return input_refuse(response, name, "This is true or false.");
}

static bool read_profile(const struct request *request,
			 struct response *response,
			 struct store_profile *profile)
{
	const char *password; /* may_change_email() looks at it */

	return input_text(request, response, "username", &profile->username) &&
	       input_text(request, response, "displayName",
			  &profile->display_name) &&
	       input_text(request, response, "avatar", &profile->avatar) &&
	       input_text(request, response, "statusText",
			  &profile->status_text) &&
	       input_text(request, response, "email", &profile->email) &&
	       input_text(request, response, "password", &password) &&
	       read_choice(request, response, "contactsAdd",
			   &profile->contacts_add) &&
	       read_choice(request, response, "hidesLastSeen",
			   &profile->hides_last_seen) &&
	       read_choice(request, response, "hidesReceipts",
			   &profile->hides_receipts);
}

static const char *wrong_username(const struct request *request,
				  const char *name)
{
	bool guest = request->user.role == ROLE_GUEST;

	return user_rule_username(name, guest ? 1 : LIMIT_USERNAME_MIN);
}

static const char *wrong_email(const char *email)
{
	return email[0] != '\0' ? user_rule_email(email) : NULL;
}

static bool check_profile(const struct request *request,
			  const struct store_profile *profile,
			  struct response *response)
{
#define WRONG(value, rule) ((value) != NULL ? (rule) : NULL)
	const struct {
		const char *field, *wrong;
	} checks[] = {
		{"username", WRONG(profile->username,
				   wrong_username(request, profile->username))},
		{"displayName",
		 WRONG(profile->display_name,
		       user_rule_display_name(profile->display_name))},
		{"avatar",
		 WRONG(profile->avatar, user_rule_avatar(profile->avatar))},
		{"statusText",
		 WRONG(profile->status_text,
		       user_rule_status_text(profile->status_text))},
		{"email", WRONG(profile->email, wrong_email(profile->email))},
	};
#undef WRONG

	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		if (checks[i].wrong != NULL)
			return input_refuse(response, checks[i].field,
					    checks[i].wrong);
	}
	return true;
}

static char *profile_trim(const char *text)
{
	return text != NULL ? text_trim(text) : NULL;
}

static void profile_write(struct app *app, const struct request *request,
			  const struct store_profile *profile,
			  struct response *response)
{
	struct store_user user;
	const char *field;
	enum store_status status = store_user_profile(
		app->store, request->user.id, profile, &user, &field);

	if (status == STORE_TOO_OFTEN) {
		response_refuse_as(response, REFUSAL_RATE_LIMITED, field,
				   "A name changes three times a day at most.");
		response_header(response, "Retry-After", RENAME_WAIT_S);
		return;
	}
	if (status == STORE_NOT_FOUND && field != NULL) {
		input_refuse(response, field, "There is no such file.");
		return;
	}
	if (status == STORE_TAKEN || status == STORE_NO_PICTURE) {
		response_refuse_as(response, response_store_refusal(status),
				   field, NULL);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	announce_settings(notify_out(app->notify), &user, request->id);
	notify_confirm(app->notify, NOTIFY_PATIENCE_MS);
	response_json(response, 200,
		      user_view_own(&user, presence_is_online(app, user.id)));
	store_user_done(&user);
}

/* The address by which an account may be given back: it changes with the
 * password alone. */
static bool may_change_email(struct app *app, const struct request *request,
			     const struct store_profile *profile,
			     struct response *response)
{
	const char *now =
		request->user.email != NULL ? request->user.email : "";
	const char *password;

	if (profile->email == NULL || strcasecmp(profile->email, now) == 0)
		return true;
	return input_text_required(request, response, "password", &password) &&
	       own_password(app, request, password, response);
}

static bool shows_new(const char *said, const char *now)
{
	return said != NULL && said[0] != '\0' &&
	       (now == NULL || strcmp(said, now) != 0);
}

/* Who is muted may take away what others see of them, and send it as it is:
 * clients send all of a form. */
static bool may_show(const struct request *request,
		     const struct store_profile *profile,
		     struct response *response)
{
	const struct store_user *user = &request->user;

	if (!store_user_is_muted(user, request->now_ms) ||
	    !(shows_new(profile->username, user->username) ||
	      shows_new(profile->display_name, user->display_name) ||
	      shows_new(profile->avatar, user->avatar) ||
	      shows_new(profile->status_text, user->status_text)))
		return true;
	response_refuse(response, REFUSAL_MUTED);
	return false;
}

void route_profile_change(struct app *app, const struct request *request,
			  struct response *response)
{
	struct store_profile profile = {.now_ms = request->now_ms};

	if (!read_profile(request, response, &profile) ||
	    !check_profile(request, &profile, response) ||
	    !may_change_email(app, request, &profile, response))
		return;
	char *display_name = profile_trim(profile.display_name);
	char *status_text = profile_trim(profile.status_text);

	profile.display_name = display_name;
	profile.status_text = status_text;
	if (may_show(request, &profile, response))
		profile_write(app, request, &profile, response);
	free(status_text);
	free(display_name);
}
