/*
 * report_routes - messages that people show to the operators, and the list of
 * them that operators have.
 */
#include <string.h>

#include "app.h"
#include "input.h"
#include "json_text.h"
#include "message_write.h"
#include "notify_client.h"
#include "operator_do.h"
#include "palabre_limits.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "text.h"
#include "view.h"
#include "write_limit.h"

#define REPORT_AGAIN_S "3600"

/* ---- POST /api/messages/:id/report ---- */

/* "" for none. */
static bool report_reason(const struct request *request,
			  struct response *response, const char **out)
{
	if (!input_text(request, response, "reason", out))
		return false;
	if (*out == NULL)
		*out = "";
	/* A code point has at most four bytes. */
	return (strlen(*out) <= (size_t)4 * LIMIT_REASON &&
		text_length(*out) <= LIMIT_REASON) ||
	       input_refuse(response, "reason",
			    "A reason has at most 500 characters.");
}

static void report_answer(struct app *app, const struct request *request,
			  const struct store_sent *said,
			  struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);

	message_write_view(
		app, &viewer, &said->message,
		response_body(response, said->duplicate ? 200 : 201), NULL,
		said->duplicate ? view_duplicate_write : view_message_write);
}

static void report_refuse(struct response *response, enum store_status status)
{
	if (status != STORE_TOO_OFTEN) {
		response_store_error(response, status);
		return;
	}
	response_refuse_as(response, REFUSAL_RATE_LIMITED, NULL,
			   "You have reported very many messages today.");
	response_header(response, "Retry-After", REPORT_AGAIN_S);
}

void route_message_report(struct app *app, const struct request *request,
			  struct response *response)
{
	const struct message_author author = message_author_of(request);
	const char *id = input_path_id(request, response, "id");
	const char *reason;
	struct store_reported reported;

	if (id == NULL || !report_reason(request, response, &reason))
		return;
	enum store_status status =
		message_write_report(app, &author, id, reason, &reported);

	if (status != STORE_OK) {
		report_refuse(response, status);
		return;
	}
	if (reported.said.duplicate)
		write_limit_give_back(app, request->user.id);
	message_write_announce_report(app, &author, &reported,
				      notify_out(app->notify));
	report_answer(app, request, &reported.said, response);
	store_reported_done(&reported);
}

/* ---- GET /api/operator/reports ---- */

struct report_items {
	struct json_text *text;
	int64_t left;
	bool more;
};

static bool report_add_item(const struct store_message *message, void *context)
{
	struct report_items *items = context;

	if (items->left-- == 0) {
		items->more = true;
		return false;
	}
	view_message_write(items->text, NULL, message, NULL);
	return true;
}

static void report_list_answer(struct app *app, const struct store_list *list,
			       struct response *response)
{
	struct report_items items = {
		.text = response_body(response, 200),
		.left = (int64_t)list->limit - 1,
	};

	json_text_open(items.text, NULL, '{');
	json_text_open(items.text, "items", '[');
	enum store_status status =
		store_reports(app->store, list, report_add_item, &items);

	json_text_close(items.text, ']');
	json_text_bool(items.text, "more", items.more);
	json_text_close(items.text, '}');
	if (status != STORE_OK)
		response_store_error(response, status);
}

void route_operator_reports(struct app *app, const struct request *request,
			    struct response *response)
{
	static const struct store_deed look = {.act = ACT_REPORTS};
	struct store_list list;

	if (input_query_list(request, response, LIMIT_PAGE_DEFAULT, LIMIT_PAGE,
			     &list) &&
	    operator_do(app, request, response, &look))
		report_list_answer(app, &list, response);
}
