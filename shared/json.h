/*
 * json - strict reading and compact writing of JSON (RFC 8259); the only file
 * that knows json-c.
 *
 * A value is a struct json_object of json-c, reference counted. What json_new_*
 * and json_parse() give belongs to the caller until json_free(); what the
 * getters give is borrowed from its parent.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_bounds.h"

struct json_object;

/* Whether it is JSON, without a tree of it. Escapes are not looked into. */
enum json_status json_check(const char *text, size_t len,
			    struct json_bounds bounds);

/* The same, and escapes, too: what json_parse() takes. */
enum json_status json_would_parse(const char *text, size_t len,
				  struct json_bounds bounds);

/* *out is NULL unless JSON_OK (and for the text "null"). For one thread: it
 * keeps what the last text was parsed with. */
enum json_status json_parse(const char *text, size_t len,
			    struct json_bounds bounds,
			    struct json_object **out);

enum json_field {
	JSON_ABSENT, /* not there, or null; *out untouched */
	JSON_WRONG,  /* another type, or a string with U+0000 in it */
	JSON_FOUND,
};

bool json_is_object(const struct json_object *value);
bool json_is_array(const struct json_object *value);

/* Members of an object. A member of anything else is JSON_ABSENT. */
enum json_field json_get_string(const struct json_object *object,
				const char *key, const char **out);
/* A whole number, also where it is written as 6.0. */
enum json_field json_get_int(const struct json_object *object, const char *key,
			     int64_t *out);
enum json_field json_get_bool(const struct json_object *object, const char *key,
			      bool *out);
enum json_field json_get_array(const struct json_object *object,
			       const char *key, struct json_object **out);
enum json_field json_get_object(const struct json_object *object,
				const char *key,
				struct json_object **out); /* an object */
struct json_object *json_any(const struct json_object *object,
			     const char *key); /* any type; NULL if absent */

/* Elements of an array; NULL for null, a wrong index or no array. */
size_t json_length(const struct json_object *array);
struct json_object *json_at(const struct json_object *array, size_t index);
/* The text of a string value; NULL for any other type or with U+0000. */
const char *json_text_of(const struct json_object *value);
bool json_int_of(const struct json_object *value, int64_t *out);

/* Call visit for each member until it returns false; false if it did. */
bool json_each(const struct json_object *object,
	       bool (*visit)(const char *key, struct json_object *value,
			     void *user),
	       void *user);

struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *text); /* NULL: null */

/* Put takes the child; a NULL text or child is null. */
void json_put(struct json_object *object, const char *key,
	      struct json_object *child);
void json_put_string(struct json_object *object, const char *key,
		     const char *text);
void json_put_int(struct json_object *object, const char *key, int64_t number);
void json_put_bool(struct json_object *object, const char *key, bool truth);
void json_put_time(struct json_object *object, const char *key,
		   int64_t at_ms); /* ISO 8601; null below zero */
void json_push(struct json_object *array, struct json_object *child);

/* A value that is text already (json_text.h): it prints as it is, and nothing
 * can be looked up in it or put into it. */
struct json_object *json_raw(const char *text, size_t len);
struct json_object *json_ref(struct json_object *value);
void json_free(struct json_object *value); /* NULL: no-op */

/* Compact, no escaped slash; valid until value changes or goes. */
const char *json_print(struct json_object *value, size_t *len);

#endif
