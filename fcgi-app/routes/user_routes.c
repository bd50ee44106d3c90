#include "routes.h"

#include <string.h>

#include "app.h"
#include "input.h"
#include "json_text.h"
#include "link.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "store.h"
#include "text.h"
#include "user_view.h"
#include "view.h"

#define SEARCH_LIMIT 20
#define PAGE_MAX 1000000

static void user_list_add(const struct store_user *user, void *context)
{
	view_user_write(context, NULL, user);
}

/* Adds the users to an array, online first. */
static enum store_status list_users(struct app *app,
				    struct store_user_query *query,
				    struct json_text *items, int64_t *total)
{
	struct view_people people;
	char(*named)[ID_SIZE] = xcalloc(LIMIT_ONLINE_NAMED, ID_SIZE);
	const char **online = xcalloc(LIMIT_ONLINE_NAMED, sizeof(*online));

	query->online_count =
		notify_online_some(app->notify, LIMIT_ONLINE_NAMED, named);
	for (size_t i = 0; i < query->online_count; i++)
		online[i] = named[i];
	query->online = online;

	view_people_init(&people, items);
	enum store_status status = store_user_list(
		app->store, query, user_list_add, &people, total);

	free(online);
	free(named);
	if (status == STORE_OK)
		presence_ask(app, &people);
	view_people_done(&people);
	return status;
}

/* What to look for, under one of its names; NULL: everything. What folds to
 * nothing is nothing to look for. The caller frees it. */
static char *query_text(const struct request *request)
{
	static const char *const names[] = {"q", "query", "search"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *text = request_query(request, names[i]);
		char *folded = text != NULL ? text_fold(text) : NULL;
		char *trimmed = folded != NULL ? text_trim(folded) : NULL;

		free(folded);
		if (trimmed != NULL && trimmed[0] != '\0')
			return trimmed;
		free(trimmed);
	}
	return NULL;
}

void route_user_list(struct app *app, const struct request *request,
		     struct response *response)
{
	static const struct input_number pages = {"page", 1, PAGE_MAX, 1};
	static const struct input_number limits = {"limit", 1, LIMIT_PAGE,
						   LIMIT_PAGE_DEFAULT};
	int64_t page, limit, total = 0;

	if (!input_query_number(request, response, &pages, &page) ||
	    !input_query_number(request, response, &limits, &limit))
		return;

	char *text = query_text(request);
	struct store_user_query query = {
		.text = text,
		.except = request->user.id,
		.offset = (size_t)((page - 1) * limit),
		.limit = (size_t)limit,
	};
	struct json_text *body = response_body(response, 200);

	json_text_open(body, NULL, '{');
	json_text_open(body, "items", '[');

	enum store_status status = list_users(app, &query, body, &total);

	json_text_close(body, ']');
	json_text_int(body, "page", page);
	json_text_int(body, "limit", limit);
	json_text_int(body, "total", total);
	json_text_close(body, '}');
	free(text);
	if (status != STORE_OK)
		response_store_error(response, status);
}

/* The rest is in the directory. */
static void link_search(struct response *response, const char *text)
{
	char *escaped = link_escape(text);

	link_next(response, xasprintf("/api/users?query=%s&page=2&limit=%d",
				      escaped, SEARCH_LIMIT));
	free(escaped);
}

void route_user_search(struct app *app, const struct request *request,
		       struct response *response)
{
	char *text = query_text(request);
	struct json_text *body = response_body(response, 200);
	struct store_user_query query = {
		.text = text,
		.except = request->user.id,
		.limit = SEARCH_LIMIT,
	};
	enum store_status status = STORE_OK;
	int64_t total = 0;

	json_text_open(body, NULL, '[');
	if (text != NULL)
		status = list_users(app, &query, body, &total);
	json_text_close(body, ']');
	if (status != STORE_OK)
		response_store_error(response, status);
	else if (total > SEARCH_LIMIT)
		link_search(response, text);
	free(text);
}

void route_user_me(struct app *app, const struct request *request,
		   struct response *response)
{
	response_json(response, 200,
		      user_view_own(&request->user,
				    presence_is_online(app, request->user.id)));
}

void route_user_get(struct app *app, const struct request *request,
		    struct response *response)
{
	const char *id = request_param(request, "id");
	struct store_user user = {0};
	enum store_status status = STORE_NOT_FOUND;

	if (id_valid(id))
		status = store_user_get(app->store, id, &user);
	if (status == STORE_OK)
		response_json(response, 200,
			      user_view(&user, presence_is_online(app, id)));
	else
		response_store_error(response, status);
	store_user_done(&user);
}
