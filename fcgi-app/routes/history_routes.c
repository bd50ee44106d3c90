/*
 * history_routes - the history of a conversation, by seq and by page.
 */
#include <string.h>

#include "app.h"
#include "clock.h"
#include "history.h"
#include "input.h"
#include "json_text.h"
#include "link.h"
#include "mem.h"
#include "message_input.h"
#include "message_write.h"
#include "notify_client.h"
#include "operator_do.h"
#include "page.h"
#include "palabre_limits.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "view.h"

#define PAGE_MAX 1000000000

/* The old system cut a limit above its maximum to it, so does this. */
static const struct input_number limit_spec = {"limit", 1, LIMIT_PAGE,
					       LIMIT_PAGE_DEFAULT};

/* ---- history ---- */

/* One's own conversation, or the one with a user that has no message yet. */
struct history {
	struct store_viewer viewer;
	/* A position (store_conversations.h); only the id, when empty. */
	struct store_conversation conversation;
	bool empty;
};

/* OK: *out is the caller's. */
static enum store_status find_by_id(struct app *app,
				    const struct store_viewer *viewer,
				    const char *id, struct history *out)
{
	*out = (struct history){.viewer = *viewer};
	return store_conversation_position(app->store, viewer, id,
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
	return input_query_id(request, response, "with", with) &&
	       input_query_id(request, response, "conversationId",
			      conversation) &&
	       ((*with == NULL) != (*conversation == NULL) ||
		input_refuse(response, "conversationId",
			     "Name either with= or conversationId=."));
}

/* Items as they are written, by seq: where each begins. Of hidden ones there
 * may be gaps between their seqs. */
struct items {
	const struct history *history;
	struct json_text *text;
	int64_t seq[LIMIT_PAGE];
	size_t at[LIMIT_PAGE], count;
	size_t max;	/* bytes: no more are wanted behind it */
	bool no_hidden; /* for clients that do not know of them */
};

static bool items_add(const struct store_message *message, void *context)
{
	struct items *items = context;
	size_t begun = items->text->buf.len;

	if (items->no_hidden && message->kind == MESSAGE_HIDDEN)
		return true;
	if (items->count == LIMIT_PAGE ||
	    (items->count > 0 && begun - items->at[0] >= items->max))
		return false;
	view_message_write(items->text, NULL, message,
			   &items->history->conversation);
	items->seq[items->count] = message->seq;
	items->at[items->count++] = begun;
	return true;
}

/* How many of the oldest have to go, so that the rest is no more than an answer
 * may be; the newest stays. */
static size_t items_too_many(const struct items *items)
{
	size_t end = items->text->buf.len, gone = 0;

	while (gone + 1 < items->count && end - items->at[gone] > LIMIT_ANSWER)
		gone++;
	return gone;
}

static void items_cut(struct items *items, size_t gone)
{
	struct buf *buf = &items->text->buf;
	size_t from = items->at[gone] + 1; /* its comma goes, too */

	if (gone == 0)
		return;
	memmove(buf->data + items->at[0], buf->data + from, buf->len - from);
	buf_cut(buf, buf->len - (from - items->at[0]));
}

static void answer_page(struct app *app, const struct history *history,
			const struct page_query *query,
			struct response *response)
{
	const struct page_range range =
		page_by_seq(query, history->conversation.first_seq,
			    history->conversation.last_seq);
	struct json_text *text = response_body(response, 200);
	struct items items = {
		.history = history,
		.text = text,
		/* Upwards those behind go, downwards those before. */
		.max = query->after >= 0 ? LIMIT_ANSWER : SIZE_MAX,
	};

	json_text_open(text, NULL, '{');
	json_text_word(text, "conversationId", history->conversation.id);
	json_text_open(text, "items", '[');

	enum store_status status =
		read_items(app, history, &range, items_add, &items);
	size_t gone = query->after >= 0 ? 0 : items_too_many(&items);
	bool all =
		(int64_t)(items.count - gone) == range.last - range.first + 1;

	items_cut(&items, gone);
	json_text_close(text, ']');
	json_text_int(text, "lastSeq", history->conversation.last_seq);
	json_text_int(text, "lastChange", history->conversation.last_change);
	json_text_bool(text, "more",
		       range.more || (range.first <= range.last && !all));
	json_text_close(text, '}');
	if (status != STORE_OK)
		response_store_error(response, status);
}

/* A moment, -1 when it is not asked for. */
static bool query_time(const struct request *request, struct response *response,
		       int64_t *at)
{
	const char *text = request_query(request, "at");

	*at = -1;
	return text == NULL || (clock_iso_parse(text, at) && *at >= 0) ||
	       input_refuse(response, "at",
			    "This is a time like 2026-01-31T12:00:00.000Z.");
}

static bool read_query(const struct request *request, struct response *response,
		       struct page_query *query)
{
	static const struct input_number before = {"before", 0, LIMIT_NUMBER,
						   -1};
	static const struct input_number after = {"after", 0, LIMIT_NUMBER, -1};

	return input_query_number(request, response, &before, &query->before) &&
	       input_query_number(request, response, &after, &query->after) &&
	       input_query_number(request, response, &limit_spec,
				  &query->limit);
}

/* The page begins with what was written then; with what is newest where nothing
 * was since. */
static enum store_status from_time(struct app *app,
				   const struct history *history, int64_t at,
				   struct page_query *query)
{
	const struct store_conversation *conversation = &history->conversation;
	int64_t seq;

	if (at < 0 || history->empty)
		return STORE_OK;
	enum store_status status = store_seek(app->store, &history->viewer,
					      conversation->id, at, &seq);

	query->before = -1;
	query->after = seq > conversation->last_seq ? -1 : seq - 1;
	return status;
}

/* with or, where that is NULL, the conversation. */
static void answer_history(struct app *app, const struct request *request,
			   const struct store_viewer *viewer, const char *with,
			   const char *conversation, struct response *response)
{
	struct page_query query;
	struct history history;
	int64_t at;

	if (!read_query(request, response, &query) ||
	    !query_time(request, response, &at))
		return;
	enum store_status status =
		with != NULL ? find_by_user(app, viewer, with, &history)
			     : find_by_id(app, viewer, conversation, &history);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	/* Of what is the server's: which reactions are the operator's own. */
	history.viewer = store_viewer_of(&request->user);
	status = from_time(app, &history, at, &query);
	if (status == STORE_OK) {
		operator_look(app, viewer, &history.conversation);
		answer_page(app, &history, &query, response);
	} else {
		response_store_error(response, status);
	}
	store_conversation_done(&history.conversation);
}

void history_answer(struct app *app, const struct request *request,
		    const struct store_viewer *viewer, const char *with,
		    struct response *response)
{
	answer_history(app, request, viewer, with, NULL, response);
}

void route_conversation_history(struct app *app, const struct request *request,
				struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const char *with, *conversation;

	if (query_target(request, response, &with, &conversation))
		answer_history(app, request, &viewer, with, conversation,
			       response);
}

/* ---- history by page, as the old system had it ---- */

/* Reading a page reads the conversation: its ticks show it already. */
static enum store_status mark_read(struct app *app,
				   const struct request *request,
				   struct history *history)
{
	const struct message_author author = message_author_of(request);
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

/* Newest first, out of what was written by seq. */
static void write_newest_first(const struct items *items, size_t gone,
			       struct json_text *out)
{
	const char *data = items->text->buf.data;
	size_t end = items->text->buf.len;

	for (size_t i = items->count; i > gone; i--) {
		size_t at = items->at[i - 1];
		size_t comma = i > 1; /* stands before it */

		json_text_bytes(out, NULL, data + at + comma, end - at - comma);
		end = at;
	}
}

/* Where the next page is: by seq where this one ended by bytes. */
static void link_older(const struct app *app, const struct items *items,
		       const struct page_range *range, size_t gone,
		       int64_t number, int64_t limit, const char *other,
		       struct response *response)
{
	if (gone > 0)
		link_next(app, response,
			  xasprintf("/api/messages/conversation?with=%s"
				    "&before=%lld&limit=%lld",
				    other, (long long)items->seq[gone],
				    (long long)limit));
	else if (range->first > items->history->conversation.first_seq)
		link_next(app, response,
			  xasprintf("/api/messages/%s?page=%lld&limit=%lld",
				    other, (long long)number + 1,
				    (long long)limit));
}

/* As many as they see. */
static enum store_status find_page(struct app *app,
				   const struct history *history,
				   int64_t number, int64_t limit,
				   struct page_range *out)
{
	const struct store_page page = {(number - 1) * limit, limit};
	const struct store_conversation *conversation = &history->conversation;
	struct store_range range;
	enum store_status status = STORE_OK;

	*out = page_by_number(number, limit, conversation->first_seq,
			      conversation->last_seq);
	if (!conversation->hides)
		return status;
	status = store_page(app->store, &history->viewer, conversation->id,
			    &page, &range);
	*out = (struct page_range){range.first, range.last, false};
	return status;
}

static void answer_numbered(struct app *app, const struct history *history,
			    const char *other, int64_t number, int64_t limit,
			    struct response *response)
{
	struct page_range range;
	struct json_text *body = response_body(response, 200);
	struct json_text ascending;
	struct items items = {
		.history = history,
		.text = &ascending,
		.max = SIZE_MAX,
		.no_hidden = true,
	};

	json_text_init(&ascending);

	enum store_status status =
		find_page(app, history, number, limit, &range);

	if (status == STORE_OK)
		status = read_items(app, history, &range, items_add, &items);

	size_t gone = items_too_many(&items);

	json_text_open(body, NULL, '{');
	json_text_int(body, "page", number);
	json_text_int(body, "limit", limit);
	json_text_open(body, "items", '[');
	write_newest_first(&items, gone, body);
	json_text_close(body, ']');
	json_text_close(body, '}');
	json_text_done(&ascending);
	if (status != STORE_OK)
		response_store_error(response, status);
	else if (range.first <= range.last)
		link_older(app, &items, &range, gone, number, limit, other,
			   response);
}

void route_conversation_page(struct app *app, const struct request *request,
			     struct response *response)
{
	const char *other = request_param(request, "userId");
	const struct store_viewer viewer = store_viewer_of(&request->user);
	static const struct input_number pages = {"page", 1, PAGE_MAX, 1};
	int64_t page, limit;
	struct history history;

	if (!input_query_number(request, response, &pages, &page) ||
	    !input_query_number(request, response, &limit_spec, &limit))
		return;
	enum store_status status =
		id_valid(other) ? find_by_user(app, &viewer, other, &history)
				: STORE_NOT_FOUND;

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	status = mark_read(app, request, &history);
	if (status == STORE_OK)
		answer_numbered(app, &history, other, page, limit, response);
	else
		response_store_error(response, status);
	store_conversation_done(&history.conversation);
}
