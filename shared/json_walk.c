#include "json_walk.h"

#include <string.h>

#define DIGITS_MAX 18 /* they fit, whatever they are */
#define DEPTH_MAX 8   /* of what is read as a tree */

const char *json_walk_space(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')
		at++;
	return at;
}

static const char *past_string(const char *at)
{
	for (at++;; at += 2) {
		at += strcspn(at, "\"\\");
		if (*at == '"')
			return at + 1;
	}
}

/* An array or object, whatever is in it. */
static const char *past_nested(const char *at)
{
	int depth = 0;

	do {
		if (*at == '"') {
			at = past_string(at);
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

const char *json_walk_past(const char *at)
{
	switch (*at) {
	case '"':
		return past_string(at);
	case '[':
	case '{':
		return past_nested(at);
	default:
		return past_scalar(at);
	}
}

const char *json_walk_into(const char *text)
{
	text = json_walk_space(text);
	return *text == '{' ? json_walk_space(text + 1) : NULL;
}

static const char *walk_value(const char *at, struct json_walk_value *out)
{
	const char *behind = json_walk_past(at);

	*out = (struct json_walk_value){at, (size_t)(behind - at)};
	return json_walk_space(behind);
}

bool json_walk_member(const char **at, struct json_walk_member *out)
{
	if (*at == NULL || **at == '}')
		return false;

	const char *colon = walk_value(*at, &out->key);
	const char *behind =
		walk_value(json_walk_space(colon + 1), &out->value);

	*at = *behind == ',' ? json_walk_space(behind + 1) : behind;
	return true;
}

static bool walk_unescape(struct json_walk_value value, char *out, size_t size)
{
	struct json_object *tree = json_walk_tree(value);
	const char *text = json_text_of(tree);
	bool fits = text != NULL && strlen(text) < size;

	if (fits)
		memcpy(out, text, strlen(text) + 1);
	json_free(tree);
	return fits;
}

bool json_walk_text(struct json_walk_value value, char *out, size_t size)
{
	if (memchr(value.text, '\\', value.len) != NULL)
		return walk_unescape(value, out, size);
	if (value.text[0] != '"' || value.len - 2 >= size)
		return false;
	memcpy(out, value.text + 1, value.len - 2);
	out[value.len - 2] = '\0';
	return true;
}

bool json_walk_is(const struct json_walk_member *member, const char *name)
{
	char text[JSON_WALK_NAME];

	return json_walk_text(member->key, text, sizeof(text)) &&
	       strcmp(text, name) == 0;
}

bool json_walk_digits(struct json_walk_value value, int64_t *out)
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
	if (json_walk_digits(value, out))
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
