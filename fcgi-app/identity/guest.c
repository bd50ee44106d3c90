#include "guest.h"

#include <string.h>

#include "app.h"
#include "json.h"
#include "mem.h"
#include "network.h"
#include "palabre_options.h"
#include "session_answer.h"
#include "text.h"
#include "user_rules.h"
#include "write_limit.h"

#define LEAST_NAME 1

static bool guest_refuse(struct guest_refusal *why, enum refusal refusal,
			 const char *field, const char *words)
{
	*why = (struct guest_refusal){
		.refusal = refusal, .field = field, .words = words};
	return false;
}

/* ---- what they say ---- */

enum { NAME, DISPLAY_NAME, AVATAR, STATUS_TEXT, FIELD_COUNT };

static const char *rule_name(const char *name)
{
	return user_rule_username(name, LEAST_NAME);
}

static const struct {
	const char *name;
	const char *(*rule)(const char *text);
} fields[FIELD_COUNT] = {
	[NAME] = {"username", rule_name},
	[DISPLAY_NAME] = {"displayName", user_rule_display_name},
	[AVATAR] = {"avatar", user_rule_avatar},
	[STATUS_TEXT] = {"statusText", user_rule_status_text},
};

static bool read_form(const struct json_object *body,
		      const char *form[FIELD_COUNT], struct guest_refusal *why)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const char *field = fields[i].name, *wrong = NULL;

		form[i] = "";
		switch (json_get_string(body, field, &form[i])) {
		case JSON_FOUND:
			wrong = fields[i].rule(form[i]);
			break;
		case JSON_ABSENT:
			wrong = i == NAME ? "This is required." : NULL;
			break;
		case JSON_WRONG:
			wrong = "This must be a text.";
			break;
		}
		if (wrong != NULL)
			return guest_refuse(why, REFUSAL_INVALID, field, wrong);
	}
	return true;
}

/* As many as may register, by whichever way they come. */
static bool may_come(struct app *app, const struct session_origin *from,
		     struct guest_refusal *why)
{
	char network[NETWORK_SIZE];

	network_of(from->address, network);

	int64_t wait_s = write_limit_take_newcomer(app, network);

	guest_refuse(why, REFUSAL_RATE_LIMITED, NULL, NULL);
	why->retry_s = wait_s;
	return wait_s == 0;
}

/* ---- they are let in ---- */

static void guest_user_of(const char *const form[FIELD_COUNT], int64_t now_ms,
			  struct store_user *user)
{
	*user = (struct store_user){
		.username = xstrdup(form[NAME]),
		.display_name = text_trim(form[DISPLAY_NAME]),
		.avatar = xstrdup(form[AVATAR]),
		.status_text = text_trim(form[STATUS_TEXT]),
		.role = ROLE_GUEST,
		.created_at = now_ms,
	};
}

static bool store(struct app *app, struct store_user *user,
		  struct store_session *session, struct guest_refusal *why)
{
	const char *field;
	enum store_status status =
		store_guest_come(app->store, user, session, &field);

	if (status == STORE_OK)
		return true;
	store_user_done(user);
	store_session_done(session);
	guest_refuse(why, REFUSAL_TAKEN, field, NULL);
	if (status != STORE_TAKEN)
		why->status = status;
	return false;
}

bool guest_come(struct app *app, const struct json_object *body,
		const struct session_origin *from, const char *session_id,
		struct store_user *user, struct store_session *session,
		struct guest_refusal *why)
{
	const char *form[FIELD_COUNT];

	if (!app->options->guests)
		return guest_refuse(why, REFUSAL_GUESTS_CLOSED, NULL, NULL);
	if (!read_form(body, form, why) || !may_come(app, from, why))
		return false;
	guest_user_of(form, from->now_ms, user);
	session_describe(app, from, ROLE_GUEST, session);
	if (session_id != NULL)
		memcpy(session->id, session_id, ID_SIZE);
	return store(app, user, session, why);
}
