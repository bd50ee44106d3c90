/*
 * json_walk - the values of a text that json_would_parse() (json.h), one after
 * the other where they lie: for objects of so many members that a tree of them
 * would cost more than all else done with them.
 *
 * Where it has come to is a pointer into the text, at a value or, within an
 * object, at a key. None of this looks for the end of the text, which has a NUL
 * behind it.
 *
 *	if (json_walk_enter(&at)) {
 *		while (json_walk_key(&at, &key))
 *			json_walk_value(&at, &value);
 *	}
 */
#ifndef JSON_WALK_H
#define JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "json.h"

/* As it stands in the text; text NULL: nothing. */
struct json_walk_value {
	const char *text;
	size_t len;
	bool escaped; /* a string or key with a backslash */
};

/* Into the object that is there; false: it is none, and *at stays. */
bool json_walk_enter(const char **at);
/* The next key, with its quotes; *at is at its value then. False: there are no
 * more, and *at is behind the object. */
bool json_walk_key(const char **at, struct json_walk_value *out);
/* The value that is there, and *at behind it. */
void json_walk_value(const char **at, struct json_walk_value *out);

/* What a key says, up to a U+0000 as json.h has it; false: it has no room in
 * size bytes. */
bool json_walk_name(struct json_walk_value key, char *out, size_t size);
/* As json_get_int() has it: nothing and null are JSON_ABSENT. */
enum json_field json_walk_int(struct json_walk_value value, int64_t *out);
/* A tree of it, which the caller frees; NULL for nothing, for null, and for
 * what is deeper than a body may be. */
struct json_object *json_walk_tree(struct json_walk_value value);

/* json_walk_is() for a key with escapes. */
bool json_walk_is_escaped(struct json_walk_value key, const char *name);

/* Is the key that? */
static inline bool json_walk_is(struct json_walk_value key, const char *name)
{
	size_t len = strlen(name);

	if (key.escaped)
		return json_walk_is_escaped(key, name);
	return key.len == len + 2 && memcmp(key.text + 1, name, len) == 0;
}

#endif
