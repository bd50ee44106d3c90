#include "routes.h"

#include <stddef.h>

#define JSON_MESSAGE {LIMIT_BODY_MESSAGE, LIMIT_JSON_VALUES}
#define JSON_SYNC {LIMIT_BODY_SYNC, LIMIT_SYNC_VALUES}

/* The first match wins: fixed words stand before :parameters, and are no
 * parameter of another method. */
const struct route routes_table[] = {
	{"POST", "/api/auth/register", POOL_AUTH,
	 ROUTE_PUBLIC | ROUTE_BODY | ROUTE_ACCOUNT, ROUTE_JSON,
	 route_auth_register},
	{"POST", "/api/auth/login", POOL_AUTH, ROUTE_PUBLIC | ROUTE_BODY,
	 ROUTE_JSON, route_auth_login},
	{"POST", "/api/auth/password", POOL_AUTH, ROUTE_BODY, ROUTE_JSON,
	 route_auth_password},
	{"POST", "/api/auth/refresh", POOL_API, 0, ROUTE_JSON,
	 route_session_refresh},
	{"POST", "/api/auth/logout", POOL_API, 0, ROUTE_JSON,
	 route_session_logout},
	{"GET", "/api/auth/sessions", POOL_API, ROUTE_READ, ROUTE_NO_BODY,
	 route_session_list},
	{"DELETE", "/api/auth/sessions", POOL_API, 0, ROUTE_NO_BODY,
	 route_session_end_all},
	{"DELETE", "/api/auth/sessions/:id", POOL_API, 0, ROUTE_NO_BODY,
	 route_session_end},

	{"GET", "/api/users", POOL_API, ROUTE_READ, ROUTE_NO_BODY,
	 route_user_list},
	{"GET", "/api/users/search", POOL_API, ROUTE_READ, ROUTE_NO_BODY,
	 route_user_search},
	{"GET", "/api/users/me", POOL_API, ROUTE_READ, ROUTE_NO_BODY,
	 route_user_me},
	{"PUT", "/api/users/profile", POOL_API, ROUTE_BODY, ROUTE_JSON,
	 route_profile_change},
	{"PATCH", "/api/users/profile", POOL_API, ROUTE_BODY, ROUTE_JSON,
	 route_profile_change},
	{"GET", "/api/users/:id", POOL_API, ROUTE_READ, ROUTE_NO_BODY,
	 route_user_get},

	{"POST", "/api/messages", POOL_API, ROUTE_BODY, JSON_MESSAGE,
	 route_message_send},
	{"POST", "/api/messages/received", POOL_API, ROUTE_BODY, ROUTE_JSON,
	 route_message_received},
	{"POST", "/api/messages/read", POOL_API, ROUTE_BODY, ROUTE_JSON,
	 route_message_read},
	{"GET", "/api/messages/conversations", POOL_API, ROUTE_READ,
	 ROUTE_NO_BODY, route_conversation_list},
	{"GET", "/api/conversations", POOL_API, ROUTE_READ, ROUTE_NO_BODY,
	 route_conversation_list},
	{"GET", "/api/messages/conversation", POOL_API, ROUTE_READ,
	 ROUTE_NO_BODY, route_conversation_history},
	{"GET", "/api/messages/conversation/:userId", POOL_API, 0,
	 ROUTE_NO_BODY, route_conversation_page},
	{"GET", "/api/messages/:userId", POOL_API, 0, ROUTE_NO_BODY,
	 route_conversation_page},
	{"PUT", "/api/messages/:id", POOL_API, 0, JSON_MESSAGE,
	 route_message_edit},
	{"DELETE", "/api/messages/:id", POOL_API, 0, ROUTE_NO_BODY,
	 route_message_delete},
	{"POST", "/api/messages/:id/read", POOL_API, 0, ROUTE_JSON,
	 route_message_read_one},
	{"POST", "/api/sync", POOL_API, ROUTE_BODY | ROUTE_READ, JSON_SYNC,
	 route_sync},

	{"GET", "/api/health", POOL_API, ROUTE_PUBLIC, ROUTE_NO_BODY,
	 route_health},
	{"GET", "/api/openapi.json", POOL_API, ROUTE_PUBLIC, ROUTE_NO_BODY,
	 route_openapi},
	{.method = NULL},
};
