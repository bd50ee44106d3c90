/*
 * routes - THE table of what browsers and REST clients may ask, and the
 * handlers in it.
 */
#ifndef ROUTES_H
#define ROUTES_H

#include "router.h"

/* Ends with a method of NULL. */
extern const struct route routes_table[];

#define ROUTE_HANDLER(name)                                                    \
	void name(struct app *app, const struct request *request,              \
		  struct response *response)

/* auth_routes.c */
ROUTE_HANDLER(auth_register);
ROUTE_HANDLER(auth_login);
ROUTE_HANDLER(auth_password);
/* session_routes.c */
ROUTE_HANDLER(session_refresh);
ROUTE_HANDLER(session_logout);
ROUTE_HANDLER(session_list);
ROUTE_HANDLER(session_end);
ROUTE_HANDLER(session_end_all);
/* user_routes.c */
ROUTE_HANDLER(user_list);
ROUTE_HANDLER(user_search);
ROUTE_HANDLER(user_me);
ROUTE_HANDLER(user_get);
/* profile_routes.c */
ROUTE_HANDLER(profile_change);
/* message_routes.c */
ROUTE_HANDLER(message_send);
ROUTE_HANDLER(message_edit);
ROUTE_HANDLER(message_delete);
ROUTE_HANDLER(message_received);
ROUTE_HANDLER(message_read);
ROUTE_HANDLER(message_read_one);
/* conversation_routes.c */
ROUTE_HANDLER(conversation_list);
ROUTE_HANDLER(conversation_history);
ROUTE_HANDLER(conversation_page);
/* sync_routes.c */
ROUTE_HANDLER(sync_post);
/* health_routes.c */
ROUTE_HANDLER(health_get);
/* openapi_routes.c */
ROUTE_HANDLER(openapi_get);

#endif
