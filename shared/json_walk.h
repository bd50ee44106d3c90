/*
 * json_walk - members of objects one after the other, where they lie in a text
 * that json_would_parse() (json.h): for objects of so many members that a tree
 * of them would cost more than all else done with them.
 *
 * None of this looks for the end of the text: whatever begins in it ends in it.
 */
#ifndef JSON_WALK_H
#define JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

/* As it stands in the text; text NULL: nothing. */
struct json_walk_value {
	const char *text;
	size_t len;
};

struct json_walk_member {
	struct json_walk_value key; /* with its quotes */
	struct json_walk_value value;
};

/* White space is passed over, and a value (calls do not nest). */
const char *json_walk_space(const char *at);
const char *json_walk_past(const char *at);

/* Where the members of an object begin; NULL: it is none. White space before it
 * is passed over.
 *
 *	for (at = json_walk_into(text); json_walk_member(&at, &member);)
 */
const char *json_walk_into(const char *text);
/* The next one, also where its key was there before, and *at behind it; false:
 * there are no more, or *at is NULL. */
bool json_walk_member(const char **at, struct json_walk_member *out);

/* What a string says; false: it is none, has U+0000 in it, or no room in size
 * bytes. */
bool json_walk_text(struct json_walk_value value, char *out, size_t size);
/* Is the member called that, of JSON_WALK_NAME - 1 bytes at most? */
#define JSON_WALK_NAME 32
bool json_walk_is(const struct json_walk_member *member, const char *name);

/* Digits alone, which fit. */
bool json_walk_digits(struct json_walk_value value, int64_t *out);
/* As json_get_int() has it: nothing and null are JSON_ABSENT. */
enum json_field json_walk_int(struct json_walk_value value, int64_t *out);
/* A tree of it, which the caller frees; NULL for nothing, for null, and for
 * what is deeper than a body may be. */
struct json_object *json_walk_tree(struct json_walk_value value);

#endif
