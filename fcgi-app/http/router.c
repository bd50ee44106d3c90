#include "router_find.h"

#include <assert.h>
#include <string.h>

/* Behind the segment of a pattern, where the segment is it; NULL: it is not.
 * ":name" takes any one. */
static const char *match_segment(const char *part, const char *segment)
{
	if (part[0] == ':')
		return part + strcspn(part, "/");
	while (*segment != '\0' && *part == *segment) {
		part++;
		segment++;
	}
	return *segment == '\0' && (*part == '/' || *part == '\0') ? part
								   : NULL;
}

static bool match(const char *pattern, const struct request_in *in)
{
	size_t i = 0;

	while (*pattern == '/') {
		if (i == in->segment_count)
			return false;
		pattern = match_segment(pattern + 1, in->segment[i++]);
		if (pattern == NULL)
			return false;
	}
	return i == in->segment_count;
}

static void take_params(const char *pattern, struct request_in *in)
{
	size_t count = 0;

	for (size_t i = 0; *pattern == '/'; i++) {
		const char *part = pattern + 1;
		size_t len = strcspn(part, "/");

		if (part[0] == ':') {
			assert(count < REQUEST_PARAMS_MAX);
			in->request.params[count].name = part + 1;
			in->request.params[count++].value = in->segment[i];
		}
		pattern = part + len;
	}
}

static size_t count_params(const char *pattern)
{
	size_t count = 0;

	for (; (pattern = strchr(pattern, ':')) != NULL; pattern++)
		count++;
	return count;
}

static void allow_method(char allow[ROUTER_ALLOW_SIZE], const char *method)
{
	size_t len = strlen(allow);

	if (strstr(allow, method) != NULL)
		return;
	assert(len + 2 + strlen(method) < ROUTER_ALLOW_SIZE);
	if (len > 0)
		strcat(allow, ", ");
	strcat(allow, method);
}

void router_find(const struct route *routes, enum route_pool pool,
		 struct request_in *in, struct router_found *out)
{
	const char *method = in->request.method;
	size_t params = REQUEST_PARAMS_MAX;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	*out = (struct router_found){0};
	for (; routes->method != NULL; routes++) {
		if (routes->pool != pool || !match(routes->pattern, in))
			continue;

		size_t more = count_params(routes->pattern);

		/* A fixed word is no parameter, whatever the method. */
		if (more > params)
			continue;
		params = more;
		if (strcmp(routes->method, method) == 0) {
			take_params(routes->pattern, in);
			out->route = routes;
			return;
		}
		allow_method(out->allow, routes->method);
		if (strcmp(routes->method, "GET") == 0)
			allow_method(out->allow, "HEAD");
	}
	if (out->allow[0] != '\0')
		allow_method(out->allow, "OPTIONS");
}

const char *route_pool_name(enum route_pool pool)
{
	static const char *const names[] = {
		[POOL_API] = "api", [POOL_AUTH] = "auth", [POOL_RT] = "rt"};

	return names[pool];
}
