/*
 * router_find - looks a request up in the table of routes.
 */
#ifndef ROUTER_FIND_H
#define ROUTER_FIND_H

#include <stddef.h>

#include "request_in.h"
#include "router.h"

#define ROUTER_ALLOW_SIZE 64

struct router_found {
	const struct route *route;     /* NULL: see allow */
	char allow[ROUTER_ALLOW_SIZE]; /* "" : no such path at all */
};

/* routes ends with a method of NULL. Fills in->request.params. HEAD finds the
 * route of GET. */
void router_find(const struct route *routes, enum route_pool pool,
		 struct request_in *in, struct router_found *out);

#endif
