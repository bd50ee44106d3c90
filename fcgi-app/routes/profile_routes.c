/* What a user shows of himself. Anything else a client sends along, a role
 * for example, is not looked at. */
#include "routes.h"

#include <stdlib.h>

#include "announce.h"
#include "app.h"
#include "input.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "store.h"
#include "text.h"
#include "user_rules.h"
#include "user_view.h"

static bool read_profile(const struct request *request,
			 struct response *response, struct store_profile *in)
{
	return input_text(request, response, "username", &in->username) &&
	       input_text(request, response, "displayName",
			  &in->display_name) &&
	       input_text(request, response, "avatar", &in->avatar) &&
	       input_text(request, response, "statusText", &in->status_text) &&
	       input_text(request, response, "email", &in->email);
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
			  const struct store_profile *in,
			  struct response *response)
{
#define WRONG(value, rule) ((value) != NULL ? (rule) : NULL)
	const struct {
		const char *field, *wrong;
	} checks[] = {
		{"username",
		 WRONG(in->username, wrong_username(request, in->username))},
		{"displayName",
		 WRONG(in->display_name,
		       user_rule_display_name(in->display_name))},
		{"avatar", WRONG(in->avatar, user_rule_avatar(in->avatar))},
		{"statusText", WRONG(in->status_text,
				     user_rule_status_text(in->status_text))},
		{"email", WRONG(in->email, wrong_email(in->email))},
	};
#undef WRONG

	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		if (checks[i].wrong != NULL)
			return input_refuse(response, checks[i].field,
					    checks[i].wrong);
	}
	return true;
}

static char *trim(const char *text)
{
	return text != NULL ? text_trim(text) : NULL;
}

static void write_profile(struct app *app, const struct request *request,
			  const struct store_profile *profile,
			  struct response *response)
{
	struct store_user user;
	const char *field;
	enum store_status status = store_user_profile(
		app->store, request->user.id, profile, &user, &field);

	if (status == STORE_TAKEN) {
		response_error(response, 409, "taken", field,
			       "Somebody has this already.");
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	announce_settings(notify_out(app->notify), &user, request->id);
	response_json(response, 200,
		      user_view_own(&user, presence_is_online(app, user.id)));
	store_user_done(&user);
}

void profile_change(struct app *app, const struct request *request,
		    struct response *response)
{
	struct store_profile in = {0};

	if (!read_profile(request, response, &in) ||
	    !check_profile(request, &in, response))
		return;
	char *display_name = trim(in.display_name);
	char *status_text = trim(in.status_text);

	in.display_name = display_name;
	in.status_text = status_text;
	write_profile(app, request, &in, response);
	free(status_text);
	free(display_name);
}
