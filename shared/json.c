#include "json.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <json-c/printbuf.h>

#include "clock.h"
#include "json_grammar.h"
#include "json_string.h"
#include "mem.h"
#include "text.h"

#define KEPT_MAX 16384 /* bytes of a text */

static struct json_object *json_or_abort(struct json_object *value)
{
	if (value == NULL)
		abort();
	return value;
}

/* 2^53 - 1: up to there every whole number is a double. */
#define EXACT_MAX 9007199254740991.0

/* One that is used again: to make one takes as long as to parse a short text.
 * It keeps what it needed for the longest string, so a long text has its own.
 */
static struct json_tokener *tokener_for(int depth, size_t len)
{
	static struct json_tokener *kept;
	static int kept_depth;

	if (len > KEPT_MAX)
		return json_tokener_new_ex(depth);
	if (kept != NULL && kept_depth < depth) {
		json_tokener_free(kept);
		kept = NULL;
	}
	if (kept == NULL) {
		kept = json_tokener_new_ex(depth);
		kept_depth = depth;
	}
	return kept;
}

static void tokener_done(struct json_tokener *tok, size_t len)
{
	if (len > KEPT_MAX)
		json_tokener_free(tok);
	else
		json_tokener_reset(tok);
}

/* json-c 0.16 and 0.18 make U+FFFD of two escapes that are one character, where
 * that is U+1D800 to U+1DFFF (and so on in the planes behind it: rare Chinese
 * ones are there). Python writes all such characters so. NULL: there are no
 * escapes of the kind. */
static char *without_pairs(const char *text, size_t *len)
{
	char *joined;

	if (memmem(text, *len, "\\u", 2) == NULL)
		return NULL;
	joined = xmalloc(*len);
	*len = json_string_join(text, *len, joined);
	return joined;
}

/* A text whose grammar was checked, also how deep it is, so that json-c need
 * not be strict. */
static enum json_status parse_joined(const char *text, size_t len,
				     struct json_bounds bounds,
				     struct json_object **out)
{
	/* json-c counts the value itself as a level. */
	struct json_tokener *tok = tokener_for(bounds.depth + 1, len);

	if (tok == NULL)
		abort();
	*out = json_tokener_parse_ex(tok, text, (int)len);
	/* A number has no end of its own: the NUL behind it is one. */
	if (json_tokener_get_error(tok) == json_tokener_continue)
		*out = json_tokener_parse_ex(tok, "", 1);
	bool whole = json_tokener_get_error(tok) == json_tokener_success;

	tokener_done(tok, len);
	if (whole)
		return JSON_OK;
	json_object_put(*out);
	*out = NULL;
	return JSON_SYNTAX;
}

static enum json_status parse(const char *text, size_t len,
			      struct json_bounds bounds,
			      struct json_object **out)
{
	char *joined = without_pairs(text, &len);
	enum json_status status =
		parse_joined(joined != NULL ? joined : text, len, bounds, out);

	free(joined);
	return status;
}

enum json_status json_check(const char *text, size_t len,
			    struct json_bounds bounds)
{
	if (len == 0 || len > INT_MAX)
		return JSON_SYNTAX;
	if (!text_valid(text, len))
		return JSON_NOT_UTF8;
	return json_grammar_check(text, len, bounds);
}

enum json_status json_would_parse(const char *text, size_t len,
				  struct json_bounds bounds)
{
	enum json_status status = json_check(text, len, bounds);

	if (status == JSON_OK && !json_grammar_paired(text, len))
		status = JSON_NOT_UTF8;
	return status;
}

enum json_status json_parse(const char *text, size_t len,
			    struct json_bounds bounds, struct json_object **out)
{
	enum json_status status = json_would_parse(text, len, bounds);

	*out = NULL;
	return status == JSON_OK ? parse(text, len, bounds, out) : status;
}

bool json_is_object(const struct json_object *value)
{
	return json_object_is_type(value, json_type_object);
}

bool json_is_array(const struct json_object *value)
{
	return json_object_is_type(value, json_type_array);
}

struct json_object *json_any(const struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (json_is_object(object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

static enum json_field typed(const struct json_object *object, const char *key,
			     json_type type, struct json_object **out)
{
	struct json_object *value = json_any(object, key);

	if (value == NULL)
		return JSON_ABSENT;
	if (!json_object_is_type(value, type))
		return JSON_WRONG;
	*out = value;
	return JSON_FOUND;
}

const char *json_text_of(const struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return NULL;
	const char *text = json_object_get_string((struct json_object *)value);
	size_t len = (size_t)json_object_get_string_len(value);

	return strlen(text) == len ? text : NULL;
}

/* 6.0 and 6e0 are the same number as 6, as long as a double is exact. */
bool json_int_of(const struct json_object *value, int64_t *out)
{
	if (json_object_is_type(value, json_type_int)) {
		*out = json_object_get_int64(value);
		return true;
	}
	if (!json_object_is_type(value, json_type_double))
		return false;

	double number = json_object_get_double(value);

	if (!(number >= -EXACT_MAX && number <= EXACT_MAX) ||
	    number != (double)(int64_t)number)
		return false;
	*out = (int64_t)number;
	return true;
}

enum json_field json_get_string(const struct json_object *object,
				const char *key, const char **out)
{
	struct json_object *value = NULL;
	enum json_field found = typed(object, key, json_type_string, &value);

	if (found != JSON_FOUND)
		return found;
	const char *text = json_text_of(value);

	if (text == NULL)
		return JSON_WRONG;
	*out = text;
	return JSON_FOUND;
}

enum json_field json_get_int(const struct json_object *object, const char *key,
			     int64_t *out)
{
	struct json_object *value = json_any(object, key);

	if (value == NULL)
		return JSON_ABSENT;
	return json_int_of(value, out) ? JSON_FOUND : JSON_WRONG;
}

enum json_field json_get_bool(const struct json_object *object, const char *key,
			      bool *out)
{
	struct json_object *value = NULL;
	enum json_field found = typed(object, key, json_type_boolean, &value);

	if (found == JSON_FOUND)
		*out = json_object_get_boolean(value);
	return found;
}

enum json_field json_get_array(const struct json_object *object,
			       const char *key, struct json_object **out)
{
	return typed(object, key, json_type_array, out);
}

enum json_field json_get_object(const struct json_object *object,
				const char *key, struct json_object **out)
{
	return typed(object, key, json_type_object, out);
}

size_t json_length(const struct json_object *array)
{
	return json_is_array(array) ? json_object_array_length(array) : 0;
}

struct json_object *json_at(const struct json_object *array, size_t index)
{
	if (index >= json_length(array))
		return NULL;
	return json_object_array_get_idx(array, index);
}

bool json_each(const struct json_object *object,
	       bool (*visit)(const char *key, struct json_object *value,
			     void *user),
	       void *user)
{
	if (!json_is_object(object))
		return true;
	json_object_object_foreach (object, key, value) {
		if (!visit(key, value, user))
			return false;
	}
	return true;
}

struct json_object *json_new_object(void)
{
	return json_or_abort(json_object_new_object());
}

struct json_object *json_new_array(void)
{
	return json_or_abort(json_object_new_array());
}

struct json_object *json_new_string(const char *text)
{
	return text != NULL ? json_or_abort(json_object_new_string(text))
			    : NULL;
}

void json_put(struct json_object *object, const char *key,
	      struct json_object *child)
{
	if (json_object_object_add(object, key, child) != 0)
		abort();
}

void json_put_string(struct json_object *object, const char *key,
		     const char *text)
{
	json_put(object, key, json_new_string(text));
}

void json_put_int(struct json_object *object, const char *key, int64_t number)
{
	json_put(object, key, json_or_abort(json_object_new_int64(number)));
}

void json_put_bool(struct json_object *object, const char *key, bool truth)
{
	json_put(object, key, json_or_abort(json_object_new_boolean(truth)));
}

void json_put_time(struct json_object *object, const char *key, int64_t at_ms)
{
	char iso[CLOCK_ISO_SIZE];

	if (at_ms < 0) {
		json_put(object, key, NULL);
		return;
	}
	clock_iso(at_ms, iso);
	json_put_string(object, key, iso);
}

void json_push(struct json_object *array, struct json_object *child)
{
	if (json_object_array_add(array, child) != 0)
		abort();
}

struct json_object *json_ref(struct json_object *value)
{
	return json_object_get(value);
}

static int print_raw(struct json_object *value, struct printbuf *out, int level,
		     int flags)
{
	(void)level;
	(void)flags;
	return printbuf_memappend(out, json_object_get_string(value),
				  json_object_get_string_len(value));
}

struct json_object *json_raw(const char *text, size_t len)
{
	if (len > INT_MAX)
		abort();

	struct json_object *value =
		json_or_abort(json_object_new_string_len(text, (int)len));

	json_object_set_serializer(value, print_raw, NULL, NULL);
	return value;
}

void json_free(struct json_object *value)
{
	json_object_put(value);
}

const char *json_print(struct json_object *value, size_t *len)
{
	const char *text = json_object_to_json_string_length(
		value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		len);

	if (text == NULL)
		abort();
	return text;
}
