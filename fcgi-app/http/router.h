/*
 * router - finds the route of a request in a table.
 */
#ifndef ROUTER_H
#define ROUTER_H

struct app;
struct request;
struct response;

enum route_flags {
	ROUTE_PUBLIC = 1,   /* no token needed */
	ROUTE_BODY = 2,	    /* a JSON object is required */
	ROUTE_RAW = 4,	    /* the body is not JSON */
	ROUTE_OPERATOR = 8, /* role operator only */
	ROUTE_READ = 16,    /* only reads: one state of the store is seen */
};

enum route_pool { POOL_API, POOL_AUTH, POOL_RT };
const char *route_pool_name(enum route_pool pool); /* "api", "auth", "rt" */

struct route {
	const char *method;  /* GET, POST, ... */
	const char *pattern; /* "/api/users/:id"; the first match wins */
	enum route_pool pool;
	unsigned flags;
	void (*handle)(struct app *app, const struct request *request,
		       struct response *response);
};

#endif
