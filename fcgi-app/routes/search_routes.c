/*
 * search_routes - GET /api/messages/search: messages that say something.
 */
#include "app.h"
#include "input.h"
#include "json_text.h"
#include "palabre_limits.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "store_search.h"
#include "text.h"
#include "view.h"

/* *any: something can be found. False: refused. */
static bool search_terms(const struct request *request,
			 struct response *response, struct store_terms *out,
			 bool *any)
{
	const char *query = request_query(request, "q");

	if (query == NULL || text_length(query) > LIMIT_QUERY)
		return input_refuse(response, "q",
				    "Say what to look for, in 200 characters.");
	*any = store_terms_read(query, out);
	return true;
}

static bool search_read(const struct request *request,
			struct response *response, struct store_search *out)
{
	static const struct input_number limit_spec = {"limit", 1, LIMIT_FINDS,
						       LIMIT_FINDS_DEFAULT};
	int64_t limit;

	if (!input_query_id(request, response, "conversationId",
			    &out->conversation) ||
	    !input_query_id(request, response, "from", &out->from) ||
	    !input_query_id(request, response, "before", &out->before) ||
	    !input_query_number(request, response, &limit_spec, &limit))
		return false;
	out->limit = (size_t)limit;
	return true;
}

/* Whose ticks are not known here: it is where they stand that matters. */
static bool search_add(const struct store_message *message, void *context)
{
	view_message_write(context, NULL, message, NULL);
	return true;
}

void route_message_search(struct app *app, const struct request *request,
			  struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_terms terms;
	struct store_search search = {.terms = &terms};
	enum store_status status = STORE_OK;
	bool any = false;

	if (!search_terms(request, response, &terms, &any) ||
	    !search_read(request, response, &search))
		return;

	struct json_text *text = response_body(response, 200);

	json_text_open(text, NULL, '{');
	json_text_open(text, "items", '[');

	if (any)
		status = store_search(app->store, &viewer, &search, search_add,
				      text);

	bool more = search.next[0] != '\0';

	json_text_close(text, ']');
	json_text_bool(text, "more", more);
	json_text_string(text, "before", more ? search.next : NULL);
	json_text_close(text, '}');
	if (status != STORE_OK)
		response_store_error(response, status);
}
