/*
 * group_routes - groups: made, changed, joined and left. Whatever is done is
 * answered with the conversation as it is then.
 */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "crypt.h"
#include "group_announce.h"
#include "group_input.h"
#include "input.h"
#include "json_text.h"
#include "notify_client.h"
#include "operator_do.h"
#include "palabre_options.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "user_rules.h"
#include "view.h"

static struct store_group_act group_act_of(const struct app *app,
					   const struct request *request,
					   enum store_group_event event)
{
	return (struct store_group_act){
		.event = event,
		.actor_name = store_user_name(&request->user),
		.members_max = app->options->group_max,
		.now_ms = request->now_ms,
	};
}

/* ---- announcing and answering ---- */

static void group_answer(struct app *app, const struct request *request,
			 int status,
			 const struct store_conversation *conversation,
			 struct response *response)
{
	struct view_people people;

	presence_people_init(app, &request->user, &people,
			     response_body(response, status));
	view_conversation_write(&people, NULL, conversation);
	presence_ask(app, &people);
	view_people_done(&people);
}

/* Whom somebody else has put out since does not see it any more. */
static void group_unseen(enum store_status status, struct response *response)
{
	if (status == STORE_NOT_FOUND)
		response_store_error(response, status);
	else /* it is done */
		response_refuse_for(response, REFUSAL_OUTCOME_UNKNOWN, 2);
}

static void group_done(struct app *app, const struct request *request,
		       int status, const struct store_group_done *done,
		       struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_conversation conversation;
	enum store_status seen =
		store_group_seen(app->store, &viewer, done, &conversation);
	const struct group_news news = {
		.id = done->message.conversation,
		.position = done->message.id,
		.message = &done->message,
		.conversation = seen == STORE_OK ? &conversation : NULL,
		.joined = (const char(*)[ID_SIZE])done->joined,
		.joined_count = done->joined_count,
		.left = done->left,
	};

	if (done->message.seq > 0)
		group_announce(notify_out(app->notify), &news, request->id);
	if (strcmp(done->left, viewer.id) == 0)
		response_say(response, "You have left the group.");
	else if (seen == STORE_OK)
		group_answer(app, request, status, &conversation, response);
	else
		group_unseen(seen, response);
	if (seen == STORE_OK)
		store_conversation_done(&conversation);
}

/* Names the picture, or the user whom it failed for. */
static void group_refuse(enum store_status status,
			 const struct store_group_done *done,
			 struct response *response)
{
	response_store_error(response, status);
	if (status == STORE_NO_PICTURE)
		response_refuse_as(response, REFUSAL_NO_PICTURE, "avatar",
				   NULL);
	else if (status != STORE_UNAVAILABLE && done->refused[0] != '\0')
		response_refuse_as(response, response_store_refusal(status),
				   done->refused, NULL);
}

static void group_act(struct app *app, const struct request *request,
		      struct response *response, const char *id,
		      const struct store_group_act *act)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_group_done done;
	enum store_status status =
		store_group_act(app->store, &viewer, id, act, &done);

	if (status != STORE_OK) {
		group_refuse(status, &done, response);
		return;
	}
	group_done(app, request, 200, &done, response);
	store_group_done_free(&done);
}

/* ---- POST /api/conversations, GET and PATCH /api/conversations/:id ---- */

static bool check_picture(struct response *response, const char *avatar)
{
	const char *wrong = avatar != NULL ? user_rule_avatar(avatar) : NULL;

	return wrong == NULL || input_refuse(response, "avatar", wrong);
}

void route_group_make(struct app *app, const struct request *request,
		      struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_group_act act = group_act_of(app, request, GROUP_MADE);
	struct group_input input;
	struct input_error error;
	struct store_group_done done;

	if (!group_input_make(request->body, &input, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}
	if (!check_picture(response, input.avatar))
		return;
	act.title = input.title;
	act.avatar = input.avatar != NULL ? input.avatar : "";
	act.users = input.users;
	act.user_count = input.user_count;

	enum store_status status =
		store_group_make(app->store, &viewer, &act, &done);

	if (status != STORE_OK) {
		group_refuse(status, &done, response);
		return;
	}
	group_done(app, request, 201, &done, response);
	store_group_done_free(&done);
}

void route_conversation_get(struct app *app, const struct request *request,
			    struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const char *id = input_path_id(request, response, "id");
	struct store_conversation conversation;

	if (id == NULL ||
	    !operator_look_up(app, &viewer, id, &conversation, response))
		return;
	group_answer(app, request, 200, &conversation, response);
	store_conversation_done(&conversation);
}

/* One after the other; what was refused ends it, and says so. */
void route_group_change(struct app *app, const struct request *request,
			struct response *response)
{
	const char *id = input_path_id(request, response, "id");
	struct group_input input;
	struct input_error error;

	if (id == NULL)
		return;
	if (!group_input_change(request->body, &input, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}
	if (!check_picture(response, input.avatar))
		return;

	const struct {
		enum store_group_event event;
		const char *said;
	} changes[] = {
		{GROUP_TITLE, input.title},
		{GROUP_PICTURE, input.avatar},
		{GROUP_OWNER, input.owner},
	};

	for (size_t i = 0; i < 3; i++) {
		struct store_group_act act =
			group_act_of(app, request, changes[i].event);

		if (changes[i].said == NULL)
			continue;
		act.title = input.title;
		act.avatar = input.avatar;
		act.users = &input.owner;
		act.user_count = 1;
		group_act(app, request, response, id, &act);
		if (response_status(response) >= 400)
			return;
	}
}

/* ---- /api/conversations/:id/members ---- */

void route_group_add(struct app *app, const struct request *request,
		     struct response *response)
{
	struct store_group_act act = group_act_of(app, request, GROUP_ADDED);
	const char *id = input_path_id(request, response, "id");
	struct group_input input;
	struct input_error error;

	if (id == NULL)
		return;
	if (!group_input_members(request->body, &input, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}
	act.users = input.users;
	act.user_count = input.user_count;
	group_act(app, request, response, id, &act);
}

/* DELETE .../members/:userId; without, or with one's own: to leave. */
void route_group_remove(struct app *app, const struct request *request,
			struct response *response)
{
	const char *id = input_path_id(request, response, "id");
	const char *user = request_param(request, "userId");

	if (id == NULL)
		return;
	if (user == NULL)
		user = request_query(request, "userId");
	if (user == NULL || strcmp(user, "me") == 0)
		user = request->user.id;
	if (!id_valid(user)) {
		response_refuse(response, REFUSAL_NOT_FOUND);
		return;
	}

	bool leaves = strcmp(user, request->user.id) == 0;
	struct store_group_act act =
		group_act_of(app, request, leaves ? GROUP_LEFT : GROUP_REMOVED);

	act.users = &user;
	act.user_count = leaves ? 0 : 1;
	group_act(app, request, response, id, &act);
}

/* ---- links ---- */

static void new_code(char out[STORE_LINK_SIZE])
{
	uint8_t bytes[16];
	char *base64;

	crypt_random(bytes, sizeof(bytes));
	base64 = crypt_base64(bytes, sizeof(bytes));
	memcpy(out, base64, STORE_LINK_SIZE - 1);
	out[STORE_LINK_SIZE - 1] = '\0';
	for (char *at = out; *at != '\0'; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	free(base64);
}

void route_group_link_make(struct app *app, const struct request *request,
			   struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const char *id = input_path_id(request, response, "id");
	struct input_error error;
	struct store_link link;

	if (id == NULL)
		return;
	if (!group_input_link(request->body, request->now_ms, &link, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}
	new_code(link.code);

	enum store_status status = store_link_make(app->store, &viewer, id,
						   &link, request->now_ms);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	struct json_text *text = response_body(response, 201);

	json_text_open(text, NULL, '{');
	json_text_word(text, "code", link.code);
	json_text_time(text, "expiresAt", link.expires_at);
	json_text_close(text, '}');
}

void route_group_link_end(struct app *app, const struct request *request,
			  struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const char *id = input_path_id(request, response, "id");

	if (id == NULL)
		return;

	enum store_status status = store_link_end(app->store, &viewer, id);

	if (status != STORE_OK)
		response_store_error(response, status);
	else
		response_say(response, "The link was taken back.");
}

void route_group_join(struct app *app, const struct request *request,
		      struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_group_act act = group_act_of(app, request, GROUP_JOINED);
	struct input_error error;
	struct store_group_done done;
	const char *code;

	if (!group_input_join(request->body, &code, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}

	enum store_status status =
		store_group_join(app->store, &viewer, code, &act, &done);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	group_done(app, request, 200, &done, response);
	store_group_done_free(&done);
}
