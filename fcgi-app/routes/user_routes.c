#include "routes.h"

#include <string.h>

#include "app.h"
#include "input.h"
#include "json_text.h"
#include "link.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "percent.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "store.h"
#include "text.h"
#include "user_view.h"
#include "view.h"

#define SEARCH_LIMIT 20
#define PAGE_MAX 1000000

/*
 * A page of people, and where the rest is: not by number, since who comes or
 * goes meanwhile moves those who are online first, but behind a name. Of the
 * first page that is the last of those who are not online; all whose names come
 * before were in it. Where it had none but online ones, it is nobody's.
 */
struct listing {
	struct store_user_query query;
	struct view_people people;
	size_t listed;
	char *last; /* the username of the last one who was listed */
	bool last_online;
	int64_t total;
};

/* One of those online, who come first where it does not go on behind a name. */
static bool listing_is_online(const struct store_user_query *query,
			      const char *user)
{
	for (size_t i = 0; query->after == NULL && i < query->online_count; i++)
		if (strcmp(query->online[i], user) == 0)
			return true;
	return false;
}

static void listing_add(const struct store_user *user, void *context)
{
	struct listing *listing = context;
	const struct store_user_query *query = &listing->query;

	/* One more than a page is asked for, to know whether there are. */
	if (listing->listed++ == query->limit - 1)
		return;
	free(listing->last);
	listing->last = xstrdup(user->username);
	listing->last_online = listing_is_online(query, user->id);
	view_user_write(&listing->people, NULL, user);
}

static void listing_done(struct listing *listing)
{
	free(listing->last);
}

/* Adds the users to an array, online first unless it goes on behind a name. */
static enum store_status list_users(struct app *app,
				    const struct request *request,
				    struct listing *listing,
				    struct json_text *items)
{
	struct store_user_query *query = &listing->query;
	char(*named)[ID_SIZE] = xcalloc(LIMIT_ONLINE_NAMED, ID_SIZE);
	const char **online = xcalloc(LIMIT_ONLINE_NAMED, sizeof(*online));

	size_t count = 0;

	query->guests = app->options->guest_direct;
	presence_people_init(app, &request->user, &listing->people, items);
	if (query->after == NULL || query->guests)
		count = notify_online_some(app->notify, query->guests,
					   LIMIT_ONLINE_NAMED, named);
	for (size_t i = 0; i < count; i++) {
		if (!view_people_is_hidden(&listing->people, named[i]))
			online[query->online_count++] = named[i];
	}
	query->online = online;
	query->limit += 1;

	enum store_status status = store_user_list(
		app->store, query, listing_add, listing, &listing->total);

	query->online = NULL;
	query->limit -= 1;
	free(online);
	free(named);
	if (status == STORE_OK)
		presence_ask(app, &listing->people);
	view_people_done(&listing->people);
	return status;
}

/* path: of the route that answered, whose next page looks the same. */
static void link_rest(const struct app *app, const char *path,
		      const struct listing *listing, struct response *response)
{
	const struct store_user_query *query = &listing->query;

	if (listing->listed <= query->limit)
		return;
	char *words = percent_query(query->text != NULL ? query->text : "");
	char *last = percent_query(listing->last_online ? "" : listing->last);

	link_next(app, response,
		  xasprintf("%s?%s%s%safter=%s&limit=%zu", path,
			    words[0] != '\0' ? "query=" : "", words,
			    words[0] != '\0' ? "&" : "", last, query->limit));
	free(last);
	free(words);
}

/* What to look for, under one of its names; NULL: everything. What comes to
 * nothing is nothing to look for. The caller frees it. */
static char *query_text(const struct request *request)
{
	static const char *const names[] = {"q", "query", "search"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *text = request_query(request, names[i]);
		char *sought = text != NULL ? text_seek(text) : NULL;

		if (sought != NULL && sought[0] != '\0')
			return sought;
		free(sought);
	}
	return NULL;
}

void route_user_list(struct app *app, const struct request *request,
		     struct response *response)
{
	static const struct input_number pages = {"page", 1, PAGE_MAX, 1};
	static const struct input_number limits = {"limit", 1, LIMIT_PAGE,
						   LIMIT_PAGE_DEFAULT};
	int64_t page, limit;

	if (!input_query_number(request, response, &pages, &page) ||
	    !input_query_number(request, response, &limits, &limit))
		return;

	char *text = query_text(request);
	struct listing listing = {
		.query =
			{
				.text = text,
				.except = request->user.id,
				.after = request_query(request, "after"),
				.offset = (size_t)((page - 1) * limit),
				.limit = (size_t)limit,
			},
	};
	struct json_text *body = response_body(response, 200);

	json_text_open(body, NULL, '{');
	json_text_open(body, "items", '[');

	enum store_status status = list_users(app, request, &listing, body);

	json_text_close(body, ']');
	json_text_int(body, "page", page);
	json_text_int(body, "limit", limit);
	json_text_int(body, "total", listing.total);
	json_text_close(body, '}');
	if (status != STORE_OK)
		response_store_error(response, status);
	else
		link_rest(app, "/api/users", &listing, response);
	listing_done(&listing);
	free(text);
}

void route_user_search(struct app *app, const struct request *request,
		       struct response *response)
{
	char *text = query_text(request);
	struct json_text *body = response_body(response, 200);
	struct listing listing = {
		.query =
			{
				.text = text,
				.except = request->user.id,
				.after = request_query(request, "after"),
				.limit = SEARCH_LIMIT,
			},
	};
	enum store_status status = STORE_OK;

	json_text_open(body, NULL, '[');
	if (text != NULL)
		status = list_users(app, request, &listing, body);
	json_text_close(body, ']');
	if (status != STORE_OK)
		response_store_error(response, status);
	else
		link_rest(app, "/api/users/search", &listing, response);
	listing_done(&listing);
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
		response_json(
			response, 200,
			user_view(&user,
				  presence_shown(app, &request->user, &user)));
	else
		response_store_error(response, status);
	store_user_done(&user);
}
