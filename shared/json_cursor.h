/*
 * json_cursor - a place in a JSON text, and the steps that all readers of it
 * take.
 */
#ifndef JSON_CURSOR_H
#define JSON_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

struct json_cursor {
	const char *at, *end;
	int depth;     /* levels that may still be opened */
	size_t values; /* that may still come */
};

/* NUL at the end. */
static inline char json_cursor_peek(const struct json_cursor *c)
{
	return c->at < c->end ? *c->at : '\0';
}

static inline bool json_cursor_take(struct json_cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static inline void json_cursor_skip_space(struct json_cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
				  *c->at == '\r' || *c->at == '\n'))
		c->at++;
}

#endif
