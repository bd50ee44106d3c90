/*
 * json_bounds - how much a JSON text may hold, and what can be wrong with one.
 */
#ifndef JSON_BOUNDS_H
#define JSON_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

enum json_status {
	JSON_OK,
	JSON_SYNTAX, /* also an empty text, and anything after the value */
	JSON_TOO_DEEP,
	JSON_TOO_MANY, /* values */
	JSON_NOT_UTF8, /* also an escape for half a pair of surrogates */
};

/* What a text may hold at most. A tree takes a hundred times the bytes of a
 * text of `{},{},...`, so this is judged before there is one. */
struct json_bounds {
	int depth;     /* arrays and objects within each other */
	size_t values; /* in all, each array and object being one */
};
/* Of what our own programs say to each other. */
#define JSON_OURS(depth) ((struct json_bounds){(depth), SIZE_MAX})

#endif
