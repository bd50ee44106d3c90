/*
 * request - one request as a handler sees it: already checked for method,
 * path, size, UTF-8, JSON and, where the route says so, who is asking.
 *
 * Everything is borrowed until the handler returns.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>

#include "store_types.h"

#define REQUEST_PARAMS_MAX 4
#define REQUEST_QUERY_MAX 16

struct body_reader;
struct json_object;

struct request_pair {
	const char *name, *value;
};

struct request {
	const char *method, *path;
	const char *id;	     /* from nginx, for the log and the frames */
	const char *address; /* of the client */
	const char *agent;   /* "" when not said */
	const char *token;   /* of the Authorization header, or NULL */
	int64_t now_ms;
	int peer;		  /* the connection that it came by */
	struct json_object *body; /* an object; NULL when there is none */
	const char *text; /* the same with a NUL, of a route with ROUTE_TEXT */
	/* What a route with ROUTE_STREAM pulls its body from. */
	struct body_reader *reader;
	struct store_user user; /* who asks; zeroed on public routes */
	struct store_session session;
	struct request_pair params[REQUEST_PARAMS_MAX]; /* of the path */
	struct request_pair query[REQUEST_QUERY_MAX];	/* decoded */
};

/* A part of the path (":id") or of the query; NULL when not there. */
const char *request_param(const struct request *request, const char *name);
const char *request_query(const struct request *request, const char *name);

#endif
