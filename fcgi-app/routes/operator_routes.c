/* What operators see of support, and how they answer: /api/operator/clients. */
#include "routes.h"

#include <string.h>

#include "app.h"
#include "history.h"
#include "input.h"
#include "json_text.h"
#include "mem.h"
#include "message_input.h"
#include "operator_do.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "send.h"
#include "view.h"

/* Their list of support conversations is the server's. */
static const struct store_viewer server = {ID_SERVER, ROLE_OPERATOR};

/* ---- GET /api/operator/clients ---- */

struct clients {
	char conversation[LIMIT_PAGE][ID_SIZE], user[LIMIT_PAGE][ID_SIZE];
	size_t count, max;
	bool more;
};

static bool note_client(const struct store_conversation *row, void *context)
{
	struct clients *clients = context;
	size_t at = clients->count;

	if (at == clients->max) {
		clients->more = true;
		return false;
	}
	memcpy(clients->conversation[at], row->id, ID_SIZE);
	operator_client(row, clients->user[at]);
	clients->count++;
	return true;
}

static void write_client(struct view_people *people,
			 const struct store_conversation *conversation,
			 const struct store_user *user)
{
	struct json_text *text = people->text;

	json_text_open(text, NULL, '{');
	if (user != NULL)
		view_user_write(people, "client", user);
	else
		json_text_string(text, "client", NULL);
	view_conversation_write(people, "conversation", conversation);
	json_text_close(text, '}');
}

/* A guest may be gone. */
static enum store_status add_client(struct app *app, struct view_people *people,
				    const struct store_viewer *viewer,
				    const char *id, const char *user_id)
{
	struct store_conversation conversation;
	struct store_user user;
	enum store_status status =
		store_conversation_get(app->store, viewer, id, &conversation);

	if (status != STORE_OK)
		return status;
	status = store_user_get(app->store, user_id, &user);
	if (status == STORE_OK || status == STORE_NOT_FOUND)
		write_client(people, &conversation,
			     status == STORE_OK ? &user : NULL);
	store_user_done(&user);
	store_conversation_done(&conversation);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

static enum store_status write_clients(struct app *app,
				       struct view_people *people,
				       const struct store_viewer *viewer,
				       const struct clients *clients)
{
	enum store_status status = STORE_OK;
	struct json_text *text = people->text;

	json_text_open(text, NULL, '{');
	json_text_open(text, "items", '[');
	for (size_t i = 0; i < clients->count && status == STORE_OK; i++)
		status = add_client(app, people, viewer,
				    clients->conversation[i], clients->user[i]);
	json_text_close(text, ']');
	json_text_bool(text, "more", clients->more);
	json_text_close(text, '}');
	return status;
}

static void answer_clients(struct app *app, const struct request *request,
			   const struct clients *clients,
			   struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct view_people people;

	view_people_init(&people, response_body(response, 200));

	enum store_status status =
		write_clients(app, &people, &viewer, clients);

	if (status == STORE_OK)
		presence_ask(app, &people);
	else
		response_store_error(response, status);
	view_people_done(&people);
}

void route_operator_clients(struct app *app, const struct request *request,
			    struct response *response)
{
	static const struct store_deed look = {.act = ACT_CLIENTS};
	struct clients *clients;
	struct store_list list;

	if (!input_query_list(request, response, LIMIT_PAGE_DEFAULT, LIMIT_PAGE,
			      &list))
		return;
	/* Before anything is seen. */
	if (!operator_do(app, request, response, &look))
		return;
	clients = xcalloc(1, sizeof(*clients));
	clients->max = list.limit - 1;

	enum store_status status = store_conversations(
		app->store, &server, &list, note_client, clients);

	if (status == STORE_OK)
		answer_clients(app, request, clients, response);
	else
		response_store_error(response, status);
	free(clients);
}

/* ---- /api/operator/clients/:id/messages ---- */

void route_operator_messages(struct app *app, const struct request *request,
			     struct response *response)
{
	const char *id = input_path_id(request, response, "id");
	const struct store_deed look = {.act = ACT_MESSAGES, .user = id};

	if (id != NULL && operator_do(app, request, response, &look))
		history_answer(app, request, &server, id, response);
}

void route_operator_answer(struct app *app, const struct request *request,
			   struct response *response)
{
	const char *id = input_path_id(request, response, "id");
	struct send_input input;
	struct input_error error;

	if (id == NULL)
		return;
	if (message_input_answer(request->body, id, &input, &error))
		send_answer(app, request, &input, response);
	else
		response_refuse_as(response, error.refusal, error.field,
				   error.message);
}
