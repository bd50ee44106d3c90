#include "json_build.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "json_cursor.h"
#include "json_grammar.h"
#include "json_string.h"
#include "mem.h"

/* Each function below begins at the first byte of what it builds and stops
 * behind its last. */
struct builder {
	struct json_cursor text;
	/* Takes what is read, with a NUL: as long as the text. Keys of objects
	 * that are being built are in front of it. */
	char *room;
};

static struct json_object *build_or_abort(struct json_object *value)
{
	if (value == NULL)
		abort();
	return value;
}

/* ---- strings and numbers ---- */

/* Into the room; answers the length. */
static size_t build_text(struct builder *b)
{
	const char *raw = b->text.at;
	size_t len;

	json_grammar_string(&b->text);
	json_string_read(raw, (size_t)(b->text.at - raw), b->room, &len);
	return len;
}

static struct json_object *build_string(struct builder *b)
{
	size_t len = build_text(b);

	return build_or_abort(json_object_new_string_len(b->room, (int)len));
}

/* Whatever the locale of the program writes in the place of a point. */
static double double_of(const char *text)
{
	static locale_t plain;

	if (plain == (locale_t)0)
		plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	if (plain == (locale_t)0)
		abort();
	return strtod_l(text, NULL, plain);
}

/* What is beyond both types is the last of one. */
static struct json_object *integer_of(const char *text)
{
	if (*text == '-')
		return json_object_new_int64(strtoll(text, NULL, 10));

	uint64_t number = strtoull(text, NULL, 10);

	return number <= INT64_MAX ? json_object_new_int64((int64_t)number)
				   : json_object_new_uint64(number);
}

static struct json_object *build_number(struct builder *b)
{
	const char *raw = b->text.at;

	json_grammar_value(&b->text);
	*(char *)mempcpy(b->room, raw, (size_t)(b->text.at - raw)) = '\0';
	return build_or_abort(
		strpbrk(b->room, ".eE") != NULL
			? json_object_new_double_s(double_of(b->room), b->room)
			: integer_of(b->room));
}

/* ---- what has values in it ---- */

static struct json_object *build_value(struct builder *b);

/* With the white space around it. */
static void skip_mark(struct builder *b, char mark)
{
	json_cursor_skip_space(&b->text);
	json_cursor_take(&b->text, mark);
	json_cursor_skip_space(&b->text);
}

static struct json_object *build_object(struct builder *b)
{
	struct json_object *object = build_or_abort(json_object_new_object());

	skip_mark(b, '{');
	while (!json_cursor_take(&b->text, '}')) {
		char *key = b->room;

		b->room += build_text(b) + 1;
		skip_mark(b, ':');
		if (json_object_object_add(object, key, build_value(b)) != 0)
			abort();
		b->room = key;
		skip_mark(b, ',');
	}
	return object;
}

static struct json_object *build_array(struct builder *b)
{
	struct json_object *array = build_or_abort(json_object_new_array());

	skip_mark(b, '[');
	while (!json_cursor_take(&b->text, ']')) {
		if (json_object_array_add(array, build_value(b)) != 0)
			abort();
		skip_mark(b, ',');
	}
	json_object_array_shrink(array, 0);
	return array;
}

static struct json_object *build_word(struct builder *b)
{
	char first = *b->text.at;

	json_grammar_value(&b->text);
	return first == 'n'
		       ? NULL
		       : build_or_abort(json_object_new_boolean(first == 't'));
}

static struct json_object *build_value(struct builder *b)
{
	switch (*b->text.at) {
	case '{':
		return build_object(b);
	case '[':
		return build_array(b);
	case '"':
		return build_string(b);
	case 't':
	case 'f':
	case 'n':
		return build_word(b);
	default:
		return build_number(b);
	}
}

struct json_object *json_build(const char *text, size_t len)
{
	char *room = xmalloc(len + 1);
	struct builder b = {{.at = text, .end = text + len, .values = SIZE_MAX},
			    room};
	struct json_object *value;

	json_cursor_skip_space(&b.text);
	value = build_value(&b);
	free(room);
	return value;
}
