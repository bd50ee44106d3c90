#include "json_walk.h"

#include <stdlib.h>

#include "json_string.h"
#include "mem.h"

#define NAME_SIZE 32  /* of a key that anybody asks for */
#define DIGITS_MAX 18 /* they fit, whatever they are */
#define DEPTH_MAX 8   /* of what is read as a tree */

static const char *skip_space(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')
		at++;
	return at;
}

/* To the next key or value, or to what closes. */
static const char *skip_comma(const char *at)
{
	at = skip_space(at);
	return *at == ',' ? skip_space(at + 1) : at;
}

static const char *past_string(const char *at, bool *escaped)
{
	for (at++;; at += 2) {
		at += strcspn(at, "\"\\");
		if (*at == '"')
			return at + 1;
		*escaped = true;
	}
}

/* An array or object, whatever is in it. */
static const char *past_nested(const char *at)
{
	int depth = 0;
	bool escaped;

	do {
		if (*at == '"') {
			at = past_string(at, &escaped);
			continue;
		}
		depth += *at == '[' || *at == '{';
		depth -= *at == ']' || *at == '}';
		at++;
	} while (depth > 0);
	return at;
}

/* A number, or a word. */
static const char *past_scalar(const char *at)
{
	while (*at > ' ' && *at != ',' && *at != '}' && *at != ']')
		at++;
	return at;
}

static const char *past_value(const char *at, bool *escaped)
{
	switch (*at) {
	case '"':
		return past_string(at, escaped);
	case '[':
	case '{':
		return past_nested(at);
	default:
		return past_scalar(at);
	}
}

/* Behind it. */
static const char *take(const char *at, struct json_walk_value *out)
{
	bool escaped = false;
	const char *end = past_value(at, &escaped);

	*out = (struct json_walk_value){at, (size_t)(end - at), escaped};
	return end;
}

bool json_walk_enter(const char **at)
{
	*at = skip_space(*at);
	if (**at != '{')
		return false;
	*at = skip_space(*at + 1);
	return true;
}

bool json_walk_key(const char **at, struct json_walk_value *out)
{
	if (**at == '}') {
		*at = skip_comma(*at + 1);
		return false;
	}
	*at = skip_space(take(*at, out));
	*at = skip_space(*at + 1); /* the colon */
	return true;
}

void json_walk_value(const char **at, struct json_walk_value *out)
{
	*at = skip_comma(take(skip_space(*at), out));
}

static bool walk_unescape(struct json_walk_value key, char *out, size_t size)
{
	char *said = xmalloc(key.len);
	bool fits;

	json_string_read(key.text, key.len, said);
	fits = strlen(said) < size;
	if (fits)
		memcpy(out, said, strlen(said) + 1);
	free(said);
	return fits;
}

bool json_walk_name(struct json_walk_value key, char *out, size_t size)
{
	if (key.escaped)
		return walk_unescape(key, out, size);
	if (key.len - 2 >= size)
		return false;
	memcpy(out, key.text + 1, key.len - 2);
	out[key.len - 2] = '\0';
	return true;
}

bool json_walk_is_escaped(struct json_walk_value key, const char *name)
{
	char text[NAME_SIZE];

	return json_walk_name(key, text, sizeof(text)) &&
	       strcmp(text, name) == 0;
}

/* Digits alone, which fit. */
static bool walk_digits(struct json_walk_value value, int64_t *out)
{
	int64_t number = 0;

	if (value.len > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.text[i] < '0' || value.text[i] > '9')
			return false;
		number = number * 10 + (value.text[i] - '0');
	}
	*out = number;
	return true;
}

enum json_field json_walk_int(struct json_walk_value value, int64_t *out)
{
	if (value.text == NULL || value.text[0] == 'n')
		return JSON_ABSENT;
	if (walk_digits(value, out))
		return JSON_FOUND;

	struct json_object *tree = json_walk_tree(value);
	bool good = json_int_of(tree, out);

	json_free(tree);
	return good ? JSON_FOUND : JSON_WRONG;
}

struct json_object *json_walk_tree(struct json_walk_value value)
{
	struct json_object *tree = NULL;

	if (value.text != NULL)
		json_parse(value.text, value.len, JSON_OURS(DEPTH_MAX), &tree);
	return tree;
}
