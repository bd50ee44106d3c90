/*
 * message_routes - /api/messages: send, edit, delete, reactions, and the read
 * marks.
 */
#include <string.h>

#include "app.h"
#include "input.h"
#include "json_text.h"
#include "message_input.h"
#include "message_write.h"
#include "notify_client.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "send.h"
#include "view.h"
#include "write_limit.h"

/* The id in the path; NULL: refused. */
static const char *path_id(const struct request *request,
			   struct response *response)
{
	const char *id = request_param(request, "id");

	if (id_valid(id))
		return id;
	response_refuse_as(response, REFUSAL_NOT_FOUND, NULL,
			   "There is no such message.");
	return NULL;
}

/* ---- send ---- */

static void answer_duplicate(struct app *app, const struct request *request,
			     const struct store_message *message,
			     struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);

	message_write_view(app, &viewer, message, response_body(response, 200),
			   NULL, view_duplicate_write);
}

/* As it stands in its frame already, unless it did not fit there. */
static void answer_message(struct app *app, int status,
			   const struct store_message *message,
			   struct message_rendered rendered,
			   struct response *response)
{
	struct json_text *body = response_body(response, status);

	if (rendered.len > 0)
		json_text_bytes(body, NULL,
				notify_out(app->notify)->data + rendered.at,
				rendered.len);
	else
		view_message_write(body, NULL, message, NULL);
}

void send_answer(struct app *app, const struct request *request,
		 const struct send_input *input, struct response *response)
{
	struct message_author author = message_author_of(request);
	struct store_sent sent;
	enum store_status status =
		message_write_send(app, &author, input, &sent);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	struct message_rendered rendered = message_write_announce_send(
		app, &author, &sent, notify_out(app->notify));

	if (sent.duplicate)
		write_limit_give_back(app, request->user.id);
	if (sent.duplicate)
		answer_duplicate(app, request, &sent.message, response);
	else
		answer_message(app, 201, &sent.message, rendered, response);
	store_sent_done(&sent);
}

void route_message_send(struct app *app, const struct request *request,
			struct response *response)
{
	struct send_input input;
	struct input_error error;

	if (message_input_send(request->body, "recipient_id", &input, &error))
		send_answer(app, request, &input, response);
	else
		response_refuse_as(response, error.refusal, error.field,
				   error.message);
}

/* ---- edit and delete ---- */

/* The message as the viewer sees it now. */
static void answer_again(struct app *app, const struct request *request,
			 const char *id, struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_message message;
	enum store_status status =
		store_message_get(app->store, &viewer, id, &message);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	message_write_view(app, &viewer, &message, response_body(response, 200),
			   NULL, view_message_write);
	store_message_done(&message);
}

/* Answers with the message as it is now. NULL: it is deleted. */
static void change(struct app *app, const struct request *request,
		   struct response *response, const struct edit_input *input)
{
	struct message_author author = message_author_of(request);
	const char *id = path_id(request, response);
	struct store_change done;

	if (id == NULL)
		return;
	enum store_status status =
		message_write_change(app, &author, id, input, &done);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	struct message_rendered rendered = message_write_announce_change(
		app, &author, &done, notify_out(app->notify));

	if (done.message.reactions != NULL) /* which are theirs? */
		answer_again(app, request, id, response);
	else
		answer_message(app, 200, &done.message, rendered, response);
	store_change_done(&done);
}

void route_message_edit(struct app *app, const struct request *request,
			struct response *response)
{
	struct edit_input input;
	struct input_error error;

	if (!message_input_edit(request->body, &input, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}
	change(app, request, response, &input);
}

void route_message_delete(struct app *app, const struct request *request,
			  struct response *response)
{
	change(app, request, response, NULL);
	if (response_status(response) != 200)
		return;
	response_say(response, "The message was deleted.");
}

/* ---- reactions ---- */

void route_message_react(struct app *app, const struct request *request,
			 struct response *response)
{
	struct message_author author = message_author_of(request);
	const char *id = path_id(request, response);
	struct reaction_input input;
	struct input_error error;
	struct store_change done;

	if (id == NULL)
		return;
	if (!message_input_reaction(request->body, &input, &error)) {
		input_refuse(response, error.field, error.message);
		return;
	}
	enum store_status status =
		message_write_reaction(app, &author, id, &input, &done);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	message_write_announce_reaction(&author, &done,
					notify_out(app->notify));
	answer_again(app, request, id, response);
	store_change_done(&done);
}

/* ---- read marks ---- */

static bool move_marks(struct app *app, const struct request *request,
		       struct response *response,
		       const struct mark_input *input, bool read,
		       struct store_read_marks *out)
{
	struct message_author author = message_author_of(request);
	enum store_status status =
		message_write_mark(app, &author, input, read, out);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return false;
	}
	message_write_announce_marks(&author, out, notify_out(app->notify));
	return true;
}

static void move_to(struct app *app, const struct request *request,
		    struct response *response, bool read)
{
	struct mark_input input;
	struct input_error error;
	struct store_read_marks marks;

	if (!message_input_position(request->body, &input, &error))
		input_refuse(response, error.field, error.message);
	else if (move_marks(app, request, response, &input, read, &marks))
		response_json(response, 200, view_marks(&marks));
}

void route_message_received(struct app *app, const struct request *request,
			    struct response *response)
{
	move_to(app, request, response, false);
}

void route_message_read(struct app *app, const struct request *request,
			struct response *response)
{
	move_to(app, request, response, true);
}

/* POST /api/messages/:id/read: this message and all before it. */
void route_message_read_one(struct app *app, const struct request *request,
			    struct response *response)
{
	const char *id = path_id(request, response);
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_message message;
	struct store_read_marks marks;

	if (id == NULL)
		return;
	enum store_status status =
		store_message_get(app->store, &viewer, id, &message);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	const struct mark_input input = {
		.conversation = message.conversation,
		.seq = message.seq,
	};

	if (strcmp(message.sender, request->user.id) == 0)
		response_store_error(response, STORE_FORBIDDEN);
	else if (move_marks(app, request, response, &input, true, &marks))
		message_write_view(app, &viewer, &message,
				   response_body(response, 200), NULL,
				   view_message_write);
	store_message_done(&message);
}
