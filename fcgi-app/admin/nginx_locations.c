#include "nginx_locations.h"

#include <ctype.h>
#include <string.h>

#include "buf.h"
#include "palabre_options.h"
#include "router.h"

/* What is known of a path, whose routes differ in their method only. */
struct place {
	const char *pattern;
	enum route_pool pool;
	unsigned flags;
	size_t body_max;
};

static bool was_earlier(const struct route *routes, const struct route *route)
{
	for (; routes < route; routes++) {
		if (strcmp(routes->pattern, route->pattern) == 0)
			return true;
	}
	return false;
}

static struct place place_of(const struct route *routes, const char *pattern)
{
	struct place place = {.pattern = pattern};

	for (; routes->method != NULL; routes++) {
		if (strcmp(routes->pattern, pattern) != 0)
			continue;
		place.flags |= routes->flags;
		if (routes->pool == POOL_AUTH)
			place.pool = POOL_AUTH;
		if (routes->body.max > place.body_max)
			place.body_max = routes->body.max;
	}
	return place;
}

/* "/a/:id/b.c" becomes /a/[^/]+/b\.c/? */
static void write_path(struct buf *out, const char *pattern)
{
	while (*pattern != '\0') {
		if (*pattern == ':') {
			buf_adds(out, "[^/]+");
			pattern += strcspn(pattern, "/");
			continue;
		}
		bool plain = isalnum((unsigned char)*pattern) ||
			     strchr("/_-", *pattern) != NULL;

		buf_addf(out, plain ? "%c" : "\\%c", *pattern++);
	}
	buf_adds(out, "/?");
}

static void write_rates(struct buf *out, const struct place *place,
			const struct palabre_options *options)
{
	bool makes_account = (place->flags & ROUTE_ACCOUNT) != 0;

	buf_addf(out, "\tset $palabre_wait %lld;\n",
		 makes_account ? nginx_locations_register_wait(options) : 1);
	buf_addf(out, "\tlimit_req zone=palabre_auth burst=%lld nodelay;\n",
		 (long long)options->auth_burst);
	if (makes_account)
		buf_addf(out,
			 "\tlimit_req zone=palabre_register burst=%lld "
			 "nodelay;\n",
			 (long long)options->register_burst);
}

static void write_place(struct buf *out, const struct place *place,
			const struct palabre_options *options)
{
	bool auth = place->pool == POOL_AUTH;

	buf_adds(out, "location ~ ^");
	write_path(out, place->pattern);
	buf_adds(out, "$ {\n");
	if (place->body_max > 0) /* to nginx that is no limit at all */
		buf_addf(out, "\tclient_max_body_size %zu;\n", place->body_max);
	if ((place->flags & ROUTE_SLOW) != 0)
		buf_adds(out, "\tfastcgi_send_timeout 10s;\n"
			      "\tfastcgi_read_timeout 10s;\n");
	if (auth)
		write_rates(out, place, options);
	buf_addf(out, "\tfastcgi_pass \"unix:%s\";\n}\n",
		 auth ? options->auth_socket : options->api_socket);
}

void nginx_locations_write(const struct route *routes,
			   const struct palabre_options *options,
			   struct buf *out)
{
	for (const struct route *at = routes; at->method != NULL; at++) {
		struct place place = place_of(routes, at->pattern);

		if (was_earlier(routes, at))
			continue;
		if (place.pool == POOL_AUTH ||
		    (place.flags & ROUTE_SLOW) != 0 ||
		    place.body_max > LIMIT_BODY_MOST)
			write_place(out, &place, options);
	}
}

void nginx_locations_reads(const struct route *routes, struct buf *out)
{
	for (; routes->method != NULL; routes++) {
		if ((routes->flags & ROUTE_READ) == 0 ||
		    strcmp(routes->method, "GET") == 0)
			continue;
		buf_addf(out, "\t'~ %s ", routes->method);
		write_path(out, routes->pattern);
		buf_adds(out, "$' '';\n");
	}
}

long long nginx_locations_register_wait(const struct palabre_options *options)
{
	return (60 + options->register_rate - 1) / options->register_rate;
}
