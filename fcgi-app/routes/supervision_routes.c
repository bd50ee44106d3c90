/* What operators do to people and to all, and the audit of it. */
#include "routes.h"

#include <string.h>

#include "announce.h"
#include "app.h"
#include "broadcast.h"
#include "input.h"
#include "json.h"
#include "login_guard.h"
#include "mem.h"
#include "notify_client.h"
#include "operator_do.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "store.h"
#include "user_rules.h"
#include "user_view.h"

/* An act on the user in the path. */
static bool act_on(struct app *app, const struct request *request,
		   struct response *response, enum store_act what,
		   int64_t until)
{
	const struct store_deed deed = {
		.act = what,
		.user = input_path_id(request, response, "id"),
		.until = until,
	};

	return deed.user != NULL && operator_do(app, request, response, &deed);
}

/* ---- people ---- */

void route_operator_kick(struct app *app, const struct request *request,
			 struct response *response)
{
	if (!act_on(app, request, response, ACT_KICK, 0))
		return;
	announce_revoke(notify_out(app->notify), request_param(request, "id"),
			NULL, "kicked", request->id);
	response_say(response, "All their sessions have ended.");
}

void route_operator_mute(struct app *app, const struct request *request,
			 struct response *response)
{
	struct json_object *body;
	int64_t seconds, until;

	if (json_get_int(request->body, "seconds", &seconds) != JSON_FOUND ||
	    seconds < 0 || seconds > OPERATOR_TIME_MAX_S) {
		input_refuse(response, "seconds",
			     "This is a number of seconds, a year at most; 0 "
			     "ends it.");
		return;
	}
	until = seconds > 0 ? request->now_ms + seconds * 1000 : 0;
	if (!act_on(app, request, response, ACT_MUTE, until))
		return;
	body = json_new_object();
	if (until > 0)
		json_put_time(body, "mutedUntil", until);
	else
		json_put(body, "mutedUntil", NULL);
	response_json(response, 200, body);
}

void route_operator_unlock(struct app *app, const struct request *request,
			   struct response *response)
{
	struct store_user user;
	enum store_status status;

	if (!act_on(app, request, response, ACT_UNLOCK, 0))
		return;
	status =
		store_user_get(app->store, request_param(request, "id"), &user);
	if (status == STORE_OK)
		status = login_guard_unlock(app->store, &user);
	store_user_done(&user);
	if (status == STORE_OK)
		response_say(response, "Wrong passwords are forgotten.");
	else
		response_store_error(response, status);
}

/* ---- all ---- */

void route_operator_broadcast(struct app *app, const struct request *request,
			      struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct broadcast broadcast = {.now_ms = request->now_ms};
	const char *why, *field;

	field = broadcast_read(request->body, &broadcast, &why);
	if (field != NULL) {
		input_refuse(response, field, why);
		return;
	}
	enum store_status status = broadcast_write(app, &viewer, &broadcast);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	broadcast_announce(notify_out(app->notify), &broadcast, request->id);
	response_say(response, "All who are here were told.");
}

/* ---- what the server shows of itself ---- */

static bool read_server(const struct request *request,
			struct response *response,
			struct store_profile *profile)
{
	const struct {
		const char *field, **text, *(*rule)(const char *);
	} fields[] = {
		{"displayName", &profile->display_name, user_rule_display_name},
		{"avatar", &profile->avatar, user_rule_avatar},
		{"statusText", &profile->status_text, user_rule_status_text},
	};

	bool any = false;

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const char *wrong = NULL;

		if (!input_text(request, response, fields[i].field,
				fields[i].text))
			return false;
		if (*fields[i].text != NULL)
			wrong = fields[i].rule(*fields[i].text);
		if (wrong != NULL)
			return input_refuse(response, fields[i].field, wrong);
		any = any || *fields[i].text != NULL;
	}
	return any || input_refuse(response, fields[0].field,
				   "Say what is to change.");
}

static void answer_server(struct app *app, const struct store_user *user,
			  struct response *response)
{
	response_json(response, 200,
		      user_view(user, presence_is_online(app, ID_SERVER)));
}

void route_operator_server(struct app *app, const struct request *request,
			   struct response *response)
{
	struct store_user user;
	enum store_status status = store_user_get(app->store, ID_SERVER, &user);

	(void)request;
	if (status == STORE_OK)
		answer_server(app, &user, response);
	else
		response_store_error(response, status);
	store_user_done(&user);
}

void route_operator_server_change(struct app *app,
				  const struct request *request,
				  struct response *response)
{
	struct store_profile profile = {.now_ms = request->now_ms};
	static const struct store_deed deed = {.act = ACT_SERVER,
					       .user = ID_SERVER};
	struct store_user user;
	const char *field;

	if (!read_server(request, response, &profile) ||
	    !operator_do(app, request, response, &deed))
		return;
	enum store_status status = store_user_profile(app->store, ID_SERVER,
						      &profile, &user, &field);

	if (status == STORE_TAKEN) {
		response_refuse_as(response, REFUSAL_TAKEN, field, NULL);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	announce_settings(notify_out(app->notify), &user, request->id);
	announce_server(notify_out(app->notify), &user, request->id);
	notify_confirm(app->notify, NOTIFY_PATIENCE_MS);
	answer_server(app, &user, response);
	store_user_done(&user);
}

/* ---- GET /api/operator/audit ---- */

struct audit {
	struct json_object *items;
	int64_t left;
	bool more;
};

static void put_person(struct json_object *item, const char *key,
		       const char *id, const char *name)
{
	struct json_object *person = NULL;

	if (id[0] != '\0') {
		person = json_new_object();
		json_put_string(person, "_id", id);
		json_put_string(person, "username", name);
	}
	json_put(item, key, person);
}

static bool push_row(const struct store_audit *row, void *context)
{
	struct audit *audit = context;
	struct json_object *item;

	if (audit->left-- == 0) {
		audit->more = true;
		return false;
	}
	item = json_new_object();
	json_put_string(item, "_id", row->id);
	json_put_time(item, "at", row->at);
	json_put_string(item, "act", row->act);
	put_person(item, "by", row->by, row->by_name);
	put_person(item, "user", row->user, row->user_name);
	if (row->until > 0)
		json_put_time(item, "until", row->until);
	else
		json_put(item, "until", NULL);
	json_put_string(item, "detail", row->detail);
	json_push(audit->items, item);
	return true;
}

static void answer_audit(struct app *app, const struct store_list *list,
			 struct response *response)
{
	struct audit audit = {
		.items = json_new_array(),
		.left = (int64_t)list->limit - 1,
	};
	struct json_object *body = json_new_object();
	enum store_status status =
		store_audit(app->store, list, push_row, &audit);

	json_put(body, "items", audit.items);
	json_put_bool(body, "more", audit.more);
	if (status == STORE_OK) {
		response_json(response, 200, body);
		return;
	}
	json_free(body);
	response_store_error(response, status);
}

void route_operator_audit(struct app *app, const struct request *request,
			  struct response *response)
{
	struct store_list list;
	static const struct store_deed look = {.act = ACT_AUDIT};

	if (input_query_list(request, response, LIMIT_PAGE_DEFAULT, LIMIT_PAGE,
			     &list) &&
	    operator_do(app, request, response, &look))
		answer_audit(app, &list, response);
}
