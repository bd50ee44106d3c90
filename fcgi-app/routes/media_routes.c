/*
 * media_routes - which files a conversation shows, newest first.
 */
#include "app.h"
#include "input.h"
#include "json_text.h"
#include "operator_do.h"
#include "palabre_limits.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "view.h"

struct media {
	const struct store_conversation *conversation;
	struct json_text *text;
	size_t begun;
	int64_t left; /* that may still come */
	bool more;
};

static bool media_add(const struct store_message *message, void *context)
{
	struct media *media = context;

	if (media->left == 0 ||
	    media->text->buf.len - media->begun >= LIMIT_ANSWER) {
		media->more = true;
		return false;
	}
	media->left--;
	view_message_write(media->text, NULL, message, media->conversation);
	return true;
}

static void media_answer(struct app *app, const struct store_viewer *viewer,
			 const struct store_conversation *conversation,
			 int64_t before, int64_t limit,
			 struct response *response)
{
	struct json_text *text = response_body(response, 200);
	/* One more says whether there are more. */
	const struct store_showing showing = {
		.before = before,
		.limit = limit + 1,
	};
	struct media media = {
		.conversation = conversation,
		.text = text,
		.begun = text->buf.len,
		.left = limit,
	};

	json_text_open(text, NULL, '{');
	json_text_word(text, "conversationId", conversation->id);
	json_text_open(text, "items", '[');

	enum store_status status =
		store_messages_with_files(app->store, viewer, conversation->id,
					  &showing, media_add, &media);

	json_text_close(text, ']');
	json_text_bool(text, "more", media.more);
	json_text_close(text, '}');
	if (status != STORE_OK)
		response_store_error(response, status);
}

void route_conversation_files(struct app *app, const struct request *request,
			      struct response *response)
{
	static const struct input_number before_spec = {
		"before", 0, LIMIT_NUMBER, LIMIT_NUMBER};
	static const struct input_number limit_spec = {"limit", 1, LIMIT_PAGE,
						       LIMIT_PAGE_DEFAULT};
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const char *id = input_path_id(request, response, "id");
	struct store_conversation conversation;
	int64_t before, limit;

	if (id == NULL ||
	    !input_query_number(request, response, &before_spec, &before) ||
	    !input_query_number(request, response, &limit_spec, &limit) ||
	    !operator_look_up(app, &viewer, id, &conversation, response))
		return;
	media_answer(app, &viewer, &conversation, before, limit, response);
	store_conversation_done(&conversation);
}
