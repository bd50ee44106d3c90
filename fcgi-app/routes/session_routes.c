/* One's own sessions: to go on with this one, to see all, to end some. */
#include "routes.h"

#include <string.h>

#include "announce.h"
#include "app.h"
#include "input.h"
#include "json.h"
#include "notify_client.h"
#include "palabre_limits.h"
#include "request.h"
#include "response.h"
#include "session_answer.h"
#include "store.h"

/* ---- refresh ---- */

void route_session_refresh(struct app *app, const struct request *request,
			   struct response *response)
{
	struct store_session session = request->session;
	enum store_status status;

	session.expires_at =
		session_until(app, request->user.role, request->now_ms);
	status = store_session_touch(app->store, session.id, request->now_ms,
				     session.expires_at);
	if (status == STORE_OK) {
		session_answer(app, request, 200, &request->user, &session,
			       response);
	} else if (status == STORE_NOT_FOUND) {
		/* It ended after it was looked at. */
		response_refuse(response, REFUSAL_SESSION_EXPIRED);
		response_header(response, "WWW-Authenticate", "Bearer");
	} else {
		response_store_error(response, status);
	}
}

/* ---- the devices ---- */

struct listing {
	struct json_object *items;
	const char *current;
	int64_t now_ms;
};

static void push_session(const struct store_session *session, void *context)
{
	struct listing *listing = context;
	struct json_object *item = json_new_object();

	json_put_string(item, "_id", session->id);
	json_put_time(item, "createdAt", session->created_at);
	/* Never later than now, though the clock may have been ahead. */
	json_put_time(item, "lastUsed",
		      session->last_used < listing->now_ms ? session->last_used
							   : listing->now_ms);
	json_put_time(item, "expiresAt", session->expires_at);
	json_put_string(item, "agent", session->agent);
	json_put_string(item, "address", session->address);
	json_put_bool(item, "current",
		      strcmp(session->id, listing->current) == 0);
	json_push(listing->items, item);
}

void route_session_list(struct app *app, const struct request *request,
			struct response *response)
{
	struct listing listing = {json_new_array(), request->session.id,
				  request->now_ms};
	enum store_status status =
		store_sessions(app->store, request->user.id, request->now_ms,
			       LIMIT_PAGE, push_session, &listing);
	struct json_object *body = json_new_object();

	json_put(body, "items", listing.items);
	if (status == STORE_OK) {
		response_json(response, 200, body);
		return;
	}
	json_free(body);
	response_store_error(response, status);
}

/* ---- the end ---- */

/* session NULL: all of theirs. */
static enum store_status end_session(struct app *app,
				     const struct request *request,
				     const char *session, const char *reason)
{
	const char *user = request->user.id;
	enum store_status status = store_session_end(app->store, user, session);

	if (status == STORE_OK)
		announce_revoke(notify_out(app->notify), user, session, reason,
				request->id);
	return status;
}

void route_session_end(struct app *app, const struct request *request,
		       struct response *response)
{
	const char *id = request_param(request, "id");
	enum store_status status = STORE_NOT_FOUND;

	if (id_valid(id))
		status = end_session(app, request, id, "revoked");
	if (status == STORE_OK)
		response_say(response, "The session was ended.");
	else
		response_store_error(response, status);
}

static void sign_out(struct app *app, const struct request *request,
		     const char *session, struct response *response)
{
	enum store_status status = end_session(app, request, session, "logout");

	/* Somebody else was faster: it is over all the same. */
	if (status == STORE_OK || status == STORE_NOT_FOUND)
		response_say(response, "Signed out.");
	else
		response_store_error(response, status);
}

void route_session_end_all(struct app *app, const struct request *request,
			   struct response *response)
{
	sign_out(app, request, NULL, response);
}

void route_session_logout(struct app *app, const struct request *request,
			  struct response *response)
{
	bool everywhere = false;

	if (json_get_bool(request->body, "everywhere", &everywhere) ==
	    JSON_WRONG)
		input_refuse(response, "everywhere",
			     "This must be true or false.");
	else
		sign_out(app, request, everywhere ? NULL : request->session.id,
			 response);
}
