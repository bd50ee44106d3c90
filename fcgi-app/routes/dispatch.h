/*
 * dispatch - from what the web server said to the answer: route, who asks,
 * body, handler. Pure but for what the handler does through app.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "router.h"

struct request_source;
struct response;

/* routes ends with a method of NULL. response was init()ed. The return value
 * is the one of them that was asked for, or NULL. */
const struct route *dispatch(struct app *app, const struct route *routes,
			     enum route_pool pool,
			     const struct request_source *source,
			     struct response *response);

#endif
