#include "dispatch.h"

#include <string.h>

#include "address_block.h"
#include "app.h"
#include "auth.h"
#include "body_reader.h"
#include "clock.h"
#include "network.h"
#include "operator_do.h"
#include "origins.h"
#include "palabre_options.h"
#include "request_in.h"
#include "response_out.h"
#include "router_find.h"
#include "stall.h"
#include "store.h"
#include "token.h"
#include "write_limit.h"

/* ---- pages of another origin (https://fetch.spec.whatwg.org/#cors-protocol)
 * ---- */

static void dispatch_cors(const struct app *app,
			  const struct request_source *source,
			  struct response *response)
{
	if (app->options->allowed_origins[0] == '\0')
		return;
	response_header(response, "Vary", "Origin");
	if (source->origin == NULL ||
	    !origins_listed(app->options->allowed_origins, source->origin))
		return;
	response_header(response, "Access-Control-Allow-Origin",
			source->origin);
	response_header(response, "Access-Control-Allow-Credentials", "true");
	response_header(response, "Access-Control-Expose-Headers",
			"Link, Retry-After, X-Request-Id");
}

/* Whatever a page of an allowed origin wants to send, it may. */
static void answer_options(const struct request_source *source,
			   struct response *response)
{
	const char *asked = source->asked_headers;

	if (asked == NULL || !response_header_may_be(asked))
		asked = "Authorization, Content-Type";
	response_empty(response, 204);
	response_header(response, "Access-Control-Allow-Methods",
			"GET, POST, PUT, PATCH, DELETE, OPTIONS");
	response_header(response, "Access-Control-Allow-Headers", asked);
	response_header(response, "Access-Control-Max-Age", "600");
}

/* ---- the steps of every other request; each answers when it refuses ---- */

static bool find_route(const struct route *routes, enum route_pool pool,
		       struct request_in *in, struct response *response,
		       const struct route **out)
{
	struct router_found found;

	router_find(routes, pool, in, &found);
	*out = found.route;
	if (found.route != NULL)
		return true;
	if (found.allow[0] == '\0') {
		response_refuse(response, REFUSAL_NO_SUCH_PATH);
		return false;
	}
	response_refuse(response, REFUSAL_METHOD);
	response_header(response, "Allow", found.allow);
	return false;
}

static void dispatch_refuse_token(enum auth_status status,
				  struct response *response)
{
	if (status == AUTH_UNAVAILABLE) {
		response_store_error(response, STORE_UNAVAILABLE);
		return;
	}
	response_refuse(response, auth_refusal(status));
	response_header(response, "WWW-Authenticate", "Bearer");
}

/* Who names no client is no web server: such a program of this machine may open
 * our socket. */
static bool dispatch_is_open(const struct app *app, const struct route *route,
			     const struct request_source *source)
{
	if ((route->flags & ROUTE_PUBLIC) != 0)
		return true;
	return (route->flags & ROUTE_WATCH) != 0 &&
	       (source->address == NULL ||
		network_listed(app->options->metrics_from, source->address));
}

static bool check_token(struct app *app, const struct route *route,
			const struct request_source *source,
			struct request_in *in, struct token_claims *claims,
			struct response *response)
{
	enum auth_status status = AUTH_OK;

	in->open = dispatch_is_open(app, route, source);
	if (!in->open)
		status = auth_token(app, in->request.token, in->request.now_ms,
				    claims);
	if (status != AUTH_OK)
		dispatch_refuse_token(status, response);
	return status == AUTH_OK;
}

static bool is_closed_to_guests(const struct app *app,
				const struct route *route)
{
	return (route->flags & ROUTE_NO_GUESTS) != 0 ||
	       ((route->flags & ROUTE_PEOPLE) != 0 &&
		!app->options->guest_direct);
}

static bool dispatch_may(const struct app *app, const struct route *route,
			 const struct request *request,
			 struct response *response)
{
	const struct store_user *user = &request->user;
	enum refusal why;

	if ((route->flags & ROUTE_OPERATOR) != 0 && user->role != ROLE_OPERATOR)
		why = REFUSAL_OPERATORS_ONLY;
	else if (user->role == ROLE_GUEST && is_closed_to_guests(app, route))
		why = REFUSAL_NO_GUESTS;
	else if ((route->flags & ROUTE_NO_MUTED) != 0 &&
		 store_user_is_muted(user, request->now_ms))
		why = REFUSAL_MUTED;
	else
		return true;
	response_refuse(response, why);
	return false;
}

/* Operators are, wherever they are: one could not undo a block else. */
static bool is_welcome_from(struct app *app, const struct request *request,
			    struct response *response)
{
	if (request->user.role == ROLE_OPERATOR ||
	    !address_block_has(app, request->address, false, request->now_ms))
		return true;
	response_refuse(response, REFUSAL_BLOCKED);
	return false;
}

static bool dispatch_find_user(struct app *app, const struct route *route,
			       const struct token_claims *claims,
			       struct request_in *in, struct response *response)
{
	struct request *request = &in->request;

	if (in->open)
		return true;

	enum auth_status status =
		auth_session(app, claims, request->now_ms, &request->session,
			     &request->user);

	if (status != AUTH_OK) {
		dispatch_refuse_token(status, response);
		return false;
	}
	return dispatch_may(app, route, request, response) &&
	       is_welcome_from(app, request, response);
}

/* A write waits no longer for a store that takes none; what is only read is
 * answered all the same. */
static bool roll_on(struct app *app, const struct request_in *in,
		    struct response *response)
{
	if (in->open || auth_roll_on(app, &in->request.user,
				     &in->request.session, in->request.now_ms))
		return true;
	dispatch_refuse_token(AUTH_UNAVAILABLE, response);
	return false;
}

static bool dispatch_body_is_good(enum request_body got,
				  struct response *response)
{
	static const enum refusal refusals[] = {
		[REQUEST_BODY_MISSING] = REFUSAL_NO_OBJECT,
		[REQUEST_BODY_TYPE] = REFUSAL_MEDIA_TYPE,
		[REQUEST_BODY_FORM] = REFUSAL_FORM,
		[REQUEST_BODY_LARGE] = REFUSAL_TOO_LARGE,
		[REQUEST_BODY_DEEP] = REFUSAL_TOO_DEEP,
		[REQUEST_BODY_INVALID] = REFUSAL_INVALID_JSON,
		[REQUEST_BODY_NO_OBJECT] = REFUSAL_NO_OBJECT,
	};

	if (got == REQUEST_BODY_OK)
		return true;
	if (got == REQUEST_BODY_BROKEN)
		return false;
	response_refuse(response, refusals[got]);
	return false;
}

static void parse_and_handle(struct app *app, const struct route *route,
			     struct request_in *in, struct response *response)
{
	if (dispatch_body_is_good(request_in_parse(in, route), response))
		route->handle(app, &in->request, response);
}

/* The body comes first: no peer that is slow with it holds a state of the
 * store. */
static void read_and_handle(struct app *app, const struct route *route,
			    const struct request_source *source,
			    const struct token_claims *claims,
			    struct request_in *in, struct response *response)
{
	if (!dispatch_body_is_good(request_in_fetch(in, source, route),
				   response))
		return;
	enum store_status status = store_read_begin(app->store);

	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	bool known = dispatch_find_user(app, route, claims, in, response);

	if (known)
		parse_and_handle(app, route, in, response);
	store_read_end(app->store);
	/* Who reads is not the one who finds out whether a disk is back. */
	if (known && !stall_is_on(app->stall, clock_mono_ms()))
		auth_roll_on(app, &in->request.user, &in->request.session,
			     in->request.now_ms);
}

/* Signing in has limits of its own. */
static bool may_write(struct app *app, const struct request_in *in,
		      struct response *response)
{
	if (in->open)
		return true;

	int64_t wait_s = write_limit_take(app, in->request.user.id);

	if (wait_s > 0)
		response_refuse_for(response, REFUSAL_RATE_LIMITED, wait_s);
	return wait_s == 0;
}

static void write_and_handle(struct app *app, const struct route *route,
			     const struct request_source *source,
			     const struct token_claims *claims,
			     struct request_in *in, struct response *response)
{
	if (dispatch_find_user(app, route, claims, in, response) &&
	    may_write(app, in, response) && roll_on(app, in, response) &&
	    dispatch_body_is_good(request_in_fetch(in, source, route),
				  response))
		parse_and_handle(app, route, in, response);
}

static const struct route *handle(struct app *app, const struct route *routes,
				  enum route_pool pool,
				  const struct request_source *source,
				  struct response *response)
{
	const struct route *route = NULL;
	struct token_claims claims;
	struct request_in in;

	address_block_begin(app);
	if (!request_in_init(&in, source))
		response_refuse(response, REFUSAL_BAD_ADDRESS);
	else if (!find_route(routes, pool, &in, response, &route) ||
		 !check_token(app, route, source, &in, &claims, response))
		; /* it was answered */
	/* Who watches is answered while the store is down, too. */
	else if ((route->flags & ROUTE_READ) != 0 && !in.open)
		read_and_handle(app, route, source, &claims, &in, response);
	else
		write_and_handle(app, route, source, &claims, &in, response);
	operator_look_write(app, &in.request, response);
	request_in_done(&in);
	return route;
}

const struct route *dispatch(struct app *app, const struct route *routes,
			     enum route_pool pool,
			     const struct request_source *source,
			     struct response *response)
{
	const struct route *route = NULL;

	if (source->method != NULL && strcmp(source->method, "OPTIONS") == 0)
		answer_options(source, response);
	else
		route = handle(app, routes, pool, source, response);
	if (source->reader != NULL && source->reader->broken)
		response_drop(response);
	/* A handler that said nothing is a bug; its client hears of it. */
	else if (response->status == 0)
		response_refuse(response, REFUSAL_INTERNAL);
	dispatch_cors(app, source, response);
	return route;
}
