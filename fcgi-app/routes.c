#include "routes.h"

#include <stddef.h>

/* The first match wins: fixed words stand before :parameters. */
const struct route routes_table[] = {
	{"POST", "/api/auth/register", POOL_AUTH, ROUTE_PUBLIC | ROUTE_BODY,
	 auth_register},
	{"POST", "/api/auth/login", POOL_AUTH, ROUTE_PUBLIC | ROUTE_BODY,
	 auth_login},
	{"POST", "/api/auth/logout", POOL_API, 0, auth_logout},

	{"GET", "/api/users", POOL_API, 0, user_list},
	{"GET", "/api/users/search", POOL_API, 0, user_search},
	{"GET", "/api/users/me", POOL_API, 0, user_me},
	{"GET", "/api/users/:id", POOL_API, 0, user_get},

	{"GET", "/api/health", POOL_API, ROUTE_PUBLIC, health_get},
	{.method = NULL},
};
