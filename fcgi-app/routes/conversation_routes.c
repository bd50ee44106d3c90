/*
 * conversation_routes - the list of conversations, and their history by seq
 * and by page.
 */
#include <string.h>

#include "app.h"
#include "input.h"
#include "json.h"
#include "json_text.h"
#include "message_input.h"
#include "message_write.h"
#include "notify_client.h"
#include "page.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "view.h"

#define PAGE_MAX 1000000000

/* The old system cut a limit above its maximum to it, so does this. */
static const struct input_number limit_spec = {"limit", 1, LIMIT_PAGE,
					       LIMIT_PAGE_DEFAULT};

/* ---- the list ---- */

static bool list_add(const struct store_conversation *row, void *context)
{
	view_conversation_write(context, row);
	return true;
}

void route_conversation_list(struct app *app, const struct request *request,
			     struct response *response)
{
	struct json_text *text = response_body(response, 200);
	struct view_people people;
	const struct store_viewer viewer = store_viewer_of(&request->user);

	view_people_init(&people, text);
	json_text_open(text, NULL, '[');

	enum store_status status = store_conversations(
		app->store, &viewer, LIMIT_CONVERSATIONS, list_add, &people);

	json_text_close(text, ']');
	if (status == STORE_OK)
		presence_ask(app, &people);
	else
		response_store_error(response, status);
	view_people_done(&people);
}

/* ---- history ---- */

/* One's own conversation, or the one with a user that has no message yet. */
struct history {
	struct store_viewer viewer;
	struct store_conversation conversation; /* only the id, when empty */
	bool empty;
};

/* OK: *out is the caller's. */
static enum store_status find_by_id(struct app *app,
				    const struct store_viewer *viewer,
				    const char *id, struct history *out)
{
	*out = (struct history){.viewer = *viewer};
	return store_conversation_get(app->store, viewer, id,
				      &out->conversation);
}

static enum store_status find_by_user(struct app *app,
				      const struct store_viewer *viewer,
				      const char *other, struct history *out)
{
	char id[ID_SIZE];
	struct store_user user;

	id_direct(viewer->id, other, id);

	enum store_status status = find_by_id(app, viewer, id, out);

	if (status != STORE_NOT_FOUND)
		return status;
	status = store_user_get(app->store, other, &user);
	if (status != STORE_OK)
		return status;
	store_user_done(&user);
	*out = (struct history){.viewer = *viewer, .empty = true};
	memcpy(out->conversation.id, id, ID_SIZE);
	out->conversation.first_seq = 1;
	return STORE_OK;
}

static enum store_status read_items(struct app *app,
				    const struct history *history,
				    const struct page_range *range,
				    store_each_message *each, void *context)
{
	if (range->first > range->last)
		return STORE_OK;
	const struct store_range all = {range->first, range->last};

	return store_messages(app->store, &history->viewer,
			      history->conversation.id, &all, each, context);
}

/* ---- history by seq ---- */

/* Which conversation with= or conversationId= names; false: refused. */
static bool query_target(const struct request *request,
			 struct response *response, const char **with,
			 const char **conversation)
{
	*with = request_query(request, "with");
	*conversation = request_query(request, "conversationId");
	if ((*with == NULL) == (*conversation == NULL))
		input_refuse(response, "conversationId",
			     "Name either with= or conversationId=.");
	else if (*with != NULL && !id_valid(*with))
		input_refuse(response, "with",
			     "An id has 24 hexadecimal digits.");
	else if (*conversation != NULL && !id_valid(*conversation))
		input_refuse(response, "conversationId",
			     "An id has 24 hexadecimal digits.");
	else
		return true;
	return false;
}

struct seq_page {
	const struct history *history;
	struct json_text *text;
};

static bool write_item(const struct store_message *message, void *context)
{
	struct seq_page *page = context;

	view_message_write(page->text, NULL, message,
			   &page->history->conversation);
	return true;
}

static void answer_page(struct app *app, const struct history *history,
			const struct page_range *range,
			struct response *response)
{
	struct json_text *text = response_body(response, 200);
	struct seq_page page = {history, text};

	json_text_open(text, NULL, '{');
	json_text_word(text, "conversationId", history->conversation.id);
	json_text_open(text, "items", '[');

	enum store_status status =
		read_items(app, history, range, write_item, &page);

	json_text_close(text, ']');
	json_text_int(text, "lastSeq", history->conversation.last_seq);
	json_text_int(text, "lastChange", history->conversation.last_change);
	json_text_bool(text, "more", range->more);
	json_text_close(text, '}');
	if (status != STORE_OK)
		response_store_error(response, status);
}

void route_conversation_history(struct app *app, const struct request *request,
				struct response *response)
{
	static const struct input_number before = {"before", 0, LIMIT_NUMBER,
						   -1};
	static const struct input_number after = {"after", 0, LIMIT_NUMBER, -1};
	const char *with, *conversation;
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct page_query query;
	struct history history;

	if (!query_target(request, response, &with, &conversation) ||
	    !input_query_number(request, response, &before, &query.before) ||
	    !input_query_number(request, response, &after, &query.after) ||
	    !input_query_number(request, response, &limit_spec, &query.limit))
		return;
	enum store_status status =
		with != NULL ? find_by_user(app, &viewer, with, &history)
			     : find_by_id(app, &viewer, conversation, &history);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	struct page_range range =
		page_by_seq(&query, history.conversation.first_seq,
			    history.conversation.last_seq);

	answer_page(app, &history, &range, response);
	store_conversation_done(&history.conversation);
}

/* ---- history by page, as the old system had it ---- */

/* Reading a page reads the conversation: its ticks show it already. */
static enum store_status mark_read(struct app *app,
				   const struct request *request,
				   struct history *history)
{
	const struct message_author author = {
		.user = &request->user,
		.request_id = request->id,
		.now_ms = request->now_ms,
	};
	const struct mark_input input = {
		.conversation = history->conversation.id,
		.seq = history->conversation.last_seq,
	};
	struct store_read_marks marks;

	if (history->empty || history->conversation.me.read_seq >= input.seq)
		return STORE_OK;
	enum store_status status =
		message_write_mark(app, &author, &input, true, &marks);

	if (status != STORE_OK)
		return status;
	message_write_announce_marks(&author, &marks, notify_out(app->notify));
	for (size_t i = 0; history->conversation.members != NULL &&
			   i < history->conversation.member_count;
	     i++) {
		struct store_member *member = &history->conversation.members[i];

		if (strcmp(member->user_id, marks.user_id) == 0) {
			member->read_seq = marks.read_seq;
			member->received_seq = marks.received_seq;
		}
	}
	return STORE_OK;
}

struct number_page {
	const struct history *history;
	struct json_object *items;
};

static bool push_item(const struct store_message *message, void *context)
{
	struct number_page *page = context;

	json_push(page->items,
		  view_message(message, &page->history->conversation));
	return true;
}

static struct json_object *newest_first(struct json_object *ascending)
{
	struct json_object *out = json_new_array();

	for (size_t i = json_length(ascending); i > 0; i--)
		json_push(out, json_ref(json_at(ascending, i - 1)));
	json_free(ascending);
	return out;
}

static enum store_status read_page(struct app *app,
				   const struct request *request,
				   const char *other, int64_t number,
				   int64_t limit, struct json_object *items)
{
	struct history history;
	struct number_page page = {&history, items};
	const struct store_viewer viewer = store_viewer_of(&request->user);
	enum store_status status = find_by_user(app, &viewer, other, &history);

	if (status != STORE_OK)
		return status;
	struct page_range range =
		page_by_number(number, limit, history.conversation.first_seq,
			       history.conversation.last_seq);

	status = mark_read(app, request, &history);
	if (status == STORE_OK)
		status = read_items(app, &history, &range, push_item, &page);
	store_conversation_done(&history.conversation);
	return status;
}

void route_conversation_page(struct app *app, const struct request *request,
			     struct response *response)
{
	const char *other = request_param(request, "userId");
	static const struct input_number pages = {"page", 1, PAGE_MAX, 1};
	int64_t page, limit;

	if (!input_query_number(request, response, &pages, &page) ||
	    !input_query_number(request, response, &limit_spec, &limit))
		return;
	struct json_object *items = json_new_array();
	enum store_status status =
		id_valid(other)
			? read_page(app, request, other, page, limit, items)
			: STORE_NOT_FOUND;

	if (status != STORE_OK) {
		json_free(items);
		response_store_error(response, status);
		return;
	}
	struct json_object *body = json_new_object();

	json_put_int(body, "page", page);
	json_put_int(body, "limit", limit);
	json_put(body, "items", newest_first(items));
	response_json(response, 200, body);
}
