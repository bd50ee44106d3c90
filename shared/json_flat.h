/*
 * json_flat - one level of a JSON object, read where it lies: for the heads of
 * frames (notify_frame.h), whose members are few and flat, and of which there
 * are so many that a tree of each would cost more than all else done with it.
 *
 * The getters answer what those of json.h do of the same text: of members with
 * one name the last one counts.
 */
#ifndef JSON_FLAT_H
#define JSON_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

#define JSON_FLAT_DEPTH 8    /* arrays and objects within each other */
#define JSON_FLAT_MEMBERS 24 /* our own heads have twelve at most */
#define JSON_FLAT_SMALL 512  /* bytes; a longer text costs a malloc */

struct json_flat_member {
	const char *key, *raw; /* raw: the value as it stands in the text */
	uint32_t key_len, raw_len;
	/* Of a string what it says; of an array of strings those, each with a
	 * NUL behind it; else, or where there is a U+0000 in it, NULL. */
	const char *text;
	size_t count; /* of the array */
};

/* To be read through the functions below; it must not be moved. */
struct json_flat {
	size_t count;
	struct json_flat_member members[JSON_FLAT_MEMBERS];
	char *large; /* owned; NULL: small is enough */
	char small[JSON_FLAT_SMALL];
};

/* False: no JSON, no object, too deep, or too many members. Either way
 * json_flat_done() is due. The text is borrowed until then, and so is what the
 * getters give. */
bool json_flat_read(struct json_flat *flat, const char *text, size_t len);
void json_flat_done(struct json_flat *flat);

enum json_field json_flat_string(const struct json_flat *flat, const char *key,
				 const char **out);
enum json_field json_flat_int(const struct json_flat *flat, const char *key,
			      int64_t *out);
enum json_field json_flat_bool(const struct json_flat *flat, const char *key,
			       bool *out);
/* JSON_WRONG unless all of the array are strings without U+0000, and max at
 * most. */
enum json_field json_flat_strings(const struct json_flat *flat, const char *key,
				  const char **out, size_t max, size_t *count);
/* A tree of any value, which the caller frees; NULL where it is absent. */
struct json_object *json_flat_tree(const struct json_flat *flat,
				   const char *key);

#endif
