#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "json.h"
#include "mem.h"
#include "network.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "session_answer.h"
#include "text.h"
#include "user_rules.h"
#include "write_limit.h"

#define LEAST_NAME 1
#define VARIANTS_MAX 50 /* of a name, until there is none */
#define SESSIONS_MAX 4	/* of a guest, who has one */

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
	[AVATAR] = {"avatar", user_rule_first_avatar},
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

static bool guest_store(struct app *app, struct store_user *user,
			struct store_session *session,
			struct guest_refusal *why)
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

/* The first name of all that they could have: as they say it, and then with a
 * number behind, short enough to be one. */
static char *guest_variant(const char *name, unsigned number)
{
	char suffix[16];
	size_t len = strlen(name);
	char *variant;

	if (number < 2)
		return xstrdup(name);
	snprintf(suffix, sizeof(suffix), "_%u", number);
	variant = xstrndup(name, len);
	while (text_length(variant) + strlen(suffix) > LIMIT_USERNAME) {
		do
			len--;
		while (((unsigned char)variant[len] & 0xc0) == 0x80);
		variant[len] = '\0';
	}

	char *whole = xasprintf("%s%s", variant, suffix);

	free(variant);
	return whole;
}

static bool come_as(struct app *app, const char *form[FIELD_COUNT],
		    const struct session_origin *from, const char *session_id,
		    struct store_user *user, struct store_session *session,
		    struct guest_refusal *why)
{
	guest_user_of(form, from->now_ms, user);
	session_describe(app, from, ROLE_GUEST, session);
	if (session_id != NULL)
		memcpy(session->id, session_id, ID_SIZE);
	return guest_store(app, user, session, why);
}

/* An old client cannot be asked for another name. */
static bool come_as_any(struct app *app, const char *form[FIELD_COUNT],
			const struct session_origin *from,
			const char *session_id, struct store_user *user,
			struct store_session *session,
			struct guest_refusal *why)
{
	const char *wish = form[NAME];
	bool came = false, taken = true;

	for (unsigned number = 1; taken && number <= VARIANTS_MAX; number++) {
		char *name = guest_variant(wish, number);

		form[NAME] = name;
		came = come_as(app, form, from, session_id, user, session, why);
		taken = !came && why->status == STORE_OK &&
			why->refusal == REFUSAL_TAKEN;
		free(name);
	}
	form[NAME] = wish;
	return came;
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
	return from->line ? come_as_any(app, form, from, session_id, user,
					session, why)
			  : come_as(app, form, from, session_id, user, session,
				    why);
}

/* ---- a line client comes again ---- */

struct line_search {
	const char *address;
	struct store_session *found;
};

static void look_at_session(const struct store_session *session, void *context)
{
	struct line_search *search = context;
	struct store_session *found = search->found;

	if (found->id[0] != '\0' || strcmp(session->agent, SESSION_LINE) != 0 ||
	    strcmp(session->address, search->address) != 0)
		return;
	*found = *session;
	found->agent = xstrdup(session->agent);
	found->address = xstrdup(session->address);
}

static bool roll_on(struct app *app, const struct session_origin *from,
		    struct store_session *session)
{
	session->expires_at = session_until(app, ROLE_GUEST, from->now_ms);
	return store_session_touch(app->store, session->id, from->now_ms,
				   session->expires_at) == STORE_OK;
}

bool guest_come_again(struct app *app, const struct json_object *body,
		      const struct session_origin *from,
		      struct store_user *user, struct store_session *session)
{
	struct line_search search = {from->address, session};
	const char *name = "";

	*session = (struct store_session){.id = ""};
	*user = (struct store_user){.id = ""};
	json_get_string(body, "username", &name);
	if (!from->line || !app->options->guests || rule_name(name) != NULL ||
	    store_user_by_login(app->store, name, user) != STORE_OK ||
	    user->role != ROLE_GUEST ||
	    store_sessions(app->store, user->id, from->now_ms, SESSIONS_MAX,
			   look_at_session, &search) != STORE_OK ||
	    session->id[0] == '\0' || !roll_on(app, from, session)) {
		store_user_done(user);
		store_session_done(session);
		return false;
	}
	return true;
}
