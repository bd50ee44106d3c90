#include "origins.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "mem.h"

/* All borrowed from a text. */
struct part {
	const char *at;
	size_t len;
};
struct origin {
	struct part scheme, host, port;
};

static bool same(struct part a, struct part b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

static struct part default_port(struct part scheme)
{
	static const struct {
		const char *scheme, *port;
	} ports[] = {
		{"https", "443"}, {"wss", "443"}, {"http", "80"}, {"ws", "80"}};

	for (size_t i = 0; i < COUNT_OF(ports); i++) {
		const struct part one = {ports[i].scheme,
					 strlen(ports[i].scheme)};

		if (same(scheme, one))
			return (struct part){ports[i].port,
					     strlen(ports[i].port)};
	}
	return (struct part){"", 0};
}

/* "host", "host:port", "[::1]:port" */
static void split_authority(const char *text, size_t len, struct origin *out)
{
	size_t host = len;

	while (host > 0 && text[host - 1] != ':' && text[host - 1] != ']')
		host--;
	out->host = (struct part){text, len};
	if (host == 0 || text[host - 1] != ':')
		return;
	out->host.len = host - 1;
	if (host < len)
		out->port = (struct part){text + host, len - host};
}

/* False: it has no scheme, as `null` has none. */
static bool split(const char *text, size_t len, struct origin *out)
{
	const char *mark = memmem(text, len, "://", 3);

	if (mark == NULL)
		return false;
	out->scheme = (struct part){text, (size_t)(mark - text)};
	out->port = default_port(out->scheme);
	split_authority(mark + 3, len - (size_t)(mark + 3 - text), out);
	return true;
}

static bool is_same_origin(const char *listed, size_t len, const char *origin)
{
	struct origin a, b;

	if (!split(listed, len, &a) || !split(origin, strlen(origin), &b))
		return strlen(origin) == len &&
		       strncasecmp(listed, origin, len) == 0;
	return same(a.scheme, b.scheme) && same(a.host, b.host) &&
	       same(a.port, b.port);
}

bool origins_listed(const char *allowed, const char *origin)
{
	static const char space[] = " \t";

	while (*(allowed += strspn(allowed, space)) != '\0') {
		size_t len = strcspn(allowed, space);

		if (is_same_origin(allowed, len, origin))
			return true;
		allowed += len;
	}
	return false;
}

bool origins_same_host(const char *origin, const char *host)
{
	struct origin page, asked;
	size_t len = strlen(origin);

	/* PHP's elephant.io says its URL, as it was given. */
	len -= len > 0 && origin[len - 1] == '/';
	if (!split(origin, len, &page) || page.host.len == 0)
		return false;
	asked = (struct origin){.port = default_port(page.scheme)};
	split_authority(host, strlen(host), &asked);
	return same(page.host, asked.host) && same(page.port, asked.port);
}

const char *origins_default_port(const char *origin)
{
	struct origin page;

	return split(origin, strlen(origin), &page)
		       ? default_port(page.scheme).at
		       : "";
}
