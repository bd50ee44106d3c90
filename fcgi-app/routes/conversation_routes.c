/*
 * conversation_routes - the list of conversations, and what a user alone has
 * of one.
 */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "input.h"
#include "json_text.h"
#include "link.h"
#include "mem.h"
#include "message_announce.h"
#include "notify_client.h"
#include "own_input.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "view.h"

struct listing {
	struct view_people people;
	bool old;     /* for clients of the replaced system */
	int64_t left; /* rows that may still come */
	bool more;
	char last[ID_SIZE]; /* the last that is in it */
};

/* As much of a title as a username has room for. */
static char *as_username(const char *title)
{
	size_t len = 0, points = 0;

	for (; title[len] != '\0'; len++) {
		bool begins = ((unsigned char)title[len] & 0xc0) != 0x80;

		if (begins && ++points > LIMIT_USERNAME)
			break;
	}
	return xstrndup(title, len);
}

/* Those read otherUser in every row, and show no list where one has none. So
 * the server, a group, or what is left of somebody who is gone, stands for it.
 */
static void list_write_old(struct listing *list,
			   const struct store_conversation *row)
{
	bool support = row->kind == CONVERSATION_SUPPORT;
	bool named = row->title != NULL && row->title[0] != '\0';
	const char *name = support ? "Support"
			   : named ? row->title
				   : "Somebody";
	struct store_user user = {
		.username = as_username(name),
		.avatar = row->avatar,
		.created_at = row->updated_at,
	};
	struct store_conversation shown = *row;

	memcpy(user.id, support ? ID_SERVER : row->id, ID_SIZE);
	shown.other = &user;
	view_conversation_write(&list->people, NULL, &shown);
	free(user.username);
}

static bool list_add(const struct store_conversation *row, void *context)
{
	struct listing *list = context;

	if (list->left == 0 || list->people.text->buf.len >= LIMIT_ANSWER) {
		list->more = true;
		return false;
	}
	list->left--;
	memcpy(list->last, row->id, ID_SIZE);
	if (list->old && row->other == NULL)
		list_write_old(list, row);
	else
		view_conversation_write(&list->people, NULL, row);
	return true;
}

static void answer_list(struct app *app, const struct request *request,
			struct response *response, const char *path, bool old)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_list part;

	if (!input_query_list(request, response, LIMIT_CONVERSATIONS,
			      LIMIT_CONVERSATIONS, &part))
		return;
	struct json_text *text = response_body(response, 200);
	struct listing list = {
		.old = old,
		.left = (int64_t)part.limit - 1,
	};

	presence_people_init(app, &request->user, &list.people, text);
	json_text_open(text, NULL, '[');

	enum store_status status = store_conversations(app->store, &viewer,
						       &part, list_add, &list);

	json_text_close(text, ']');
	if (status == STORE_OK)
		presence_ask(app, &list.people);
	else
		response_store_error(response, status);
	if (status == STORE_OK && list.more)
		link_next(app, response,
			  xasprintf("%s?before=%s&limit=%zu", path, list.last,
				    part.limit - 1));
	view_people_done(&list.people);
}

void route_conversation_list(struct app *app, const struct request *request,
			     struct response *response)
{
	answer_list(app, request, response, "/api/conversations", false);
}

void route_conversation_list_old(struct app *app, const struct request *request,
				 struct response *response)
{
	answer_list(app, request, response, "/api/messages/conversations",
		    true);
}

static void change_own(struct app *app, const struct request *request,
		       const char *id, const struct store_own_change *change,
		       struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_own own;
	bool changed;
	enum store_status status = store_own_change(app->store, &viewer, id,
						    change, &own, &changed);

	if (status == STORE_FULL) {
		response_refuse(response, REFUSAL_TOO_MANY_PINNED);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	if (changed)
		message_announce_own(notify_out(app->notify), viewer.id, &own,
				     request->id);
	view_own_write(response_body(response, 200), NULL, &own);
	store_own_done(&own);
}

void route_conversation_own(struct app *app, const struct request *request,
			    struct response *response)
{
	const char *id = input_path_id(request, response, "id");
	struct own_input said;
	struct input_error error;

	if (id == NULL)
		return;
	if (own_input_read(request->body, request->now_ms, &said, &error))
		change_own(app, request, id, &said.change, response);
	else
		input_refuse(response, error.field, error.message);
	own_input_done(&said);
}
