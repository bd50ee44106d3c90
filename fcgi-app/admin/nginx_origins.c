#include "nginx_origins.h"

#include <ctype.h>
#include <string.h>

#include "buf.h"
#include "origins.h"

#define TEXT_MAX 65536

static void write_literal(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, isalnum((unsigned char)text[i]) ? "%c" : "\\%c",
			 text[i]);
}

/* Where ":443" begins at the end of an origin; len: it says no port. */
static size_t port_at(const char *origin, size_t len)
{
	size_t at = len;

	while (at > 0 && isdigit((unsigned char)origin[at - 1]))
		at--;
	return at > 0 && at < len && origin[at - 1] == ':' ? at - 1 : len;
}

static void write_origin(struct buf *out, const char *origin, size_t len)
{
	const char *own = origins_default_port(origin);
	size_t bare = port_at(origin, len);
	bool is_own = bare == len ||
		      (strlen(own) == len - bare - 1 &&
		       memcmp(origin + bare + 1, own, strlen(own)) == 0);

	write_literal(out, origin, is_own ? bare : len);
	if (is_own && own[0] != '\0')
		buf_addf(out, "(:%s)?", own);
}

char *nginx_origins(const char *allowed)
{
	struct buf out;

	buf_init(&out, TEXT_MAX);
	while (*(allowed += strspn(allowed, " ")) != '\0') {
		size_t len = strcspn(allowed, " ");

		if (out.len > 0)
			buf_adds(&out, "|");
		write_origin(&out, allowed, len);
		allowed += len;
	}
	return buf_take(&out);
}
