/*
 * router - finds the route of a request in a table.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include <stddef.h>

#include "palabre_limits.h"

struct app;
struct request;
struct response;

enum route_flags {
	ROUTE_PUBLIC = 1,    /* no token needed */
	ROUTE_BODY = 2,	     /* a JSON object is required */
	ROUTE_NO_GUESTS = 4, /* any role but guest */
	ROUTE_OPERATOR = 8,  /* role operator only */
	ROUTE_READ = 16,     /* only reads: one state of the store is seen */
	/* Of POOL_AUTH: makes an account, which has a rate of its own. */
	ROUTE_ACCOUNT = 32,
	/* May take seconds by its nature: nginx waits 10 for it, not 2. */
	ROUTE_SLOW = 64,
	/* To find people: of guests only where they may write to them. */
	ROUTE_PEOPLE = 128,
	/* Without a token also for who watches this server: an address of
	 * metrics_from, or a program that asks at our socket itself. */
	ROUTE_WATCH = 256,
	/* With ROUTE_BODY: reads its JSON where it lies (json_walk.h), for a
	 * tree of so many values would cost more than all else. */
	ROUTE_TEXT = 512,
	/* Shows others something new: not while an operator has muted one. Of
	 * messages it is their write that says so: a copy of one that was sent
	 * is answered all the same, and what was said may be taken back. */
	ROUTE_NO_MUTED = 1024,
};

/* What a route takes. It is read once the route and the token are known. */
struct route_body {
	size_t max;    /* bytes */
	size_t values; /* of its JSON; 0: the handler pulls the bytes */
};
#define ROUTE_NO_BODY {0, 0} /* one that comes is passed over */
#define ROUTE_JSON {LIMIT_BODY, LIMIT_JSON_VALUES}
#define ROUTE_STREAM(bytes) {(bytes), 0}

enum route_pool { POOL_API, POOL_AUTH, POOL_RT };
const char *route_pool_name(enum route_pool pool); /* "api", "auth", "rt" */

struct route {
	const char *method;  /* GET, POST, ... */
	const char *pattern; /* "/api/users/:id"; the first match wins */
	enum route_pool pool;
	unsigned flags;
	struct route_body body;
	void (*handle)(struct app *app, const struct request *request,
		       struct response *response);
};

#endif
