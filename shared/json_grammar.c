#include "json_grammar.h"

#include <string.h>

#include "json_cursor.h"
#include "json_plain.h"

/* Each function below begins at its first byte and stops behind its last. */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static enum json_status status(bool good)
{
	return good ? JSON_OK : JSON_SYNTAX;
}

static bool digits(struct json_cursor *c)
{
	if (!is_digit(json_cursor_peek(c)))
		return false;
	while (is_digit(json_cursor_peek(c)))
		c->at++;
	return true;
}

static bool number(struct json_cursor *c)
{
	json_cursor_take(c, '-');
	if (!json_cursor_take(c, '0') && !digits(c))
		return false;
	if (json_cursor_take(c, '.') && !digits(c))
		return false;
	if (!json_cursor_take(c, 'e') && !json_cursor_take(c, 'E'))
		return true;
	if (!json_cursor_take(c, '+'))
		json_cursor_take(c, '-');
	return digits(c);
}

static bool escape(struct json_cursor *c)
{
	char kind = json_cursor_peek(c);

	if (kind == '\0' || strchr("\"\\/bfnrtu", kind) == NULL)
		return false;
	c->at++;
	for (int i = 0; kind == 'u' && i < 4; i++, c->at++)
		if (!is_hex(json_cursor_peek(c)))
			return false;
	return true;
}

bool json_grammar_string(struct json_cursor *c)
{
	if (!json_cursor_take(c, '"'))
		return false;
	for (;;) {
		c->at += json_plain_length(c->at, (size_t)(c->end - c->at));
		if (!json_cursor_take(c, '\\'))
			return json_cursor_take(c, '"');
		if (!escape(c))
			return false;
	}
}

static bool word(struct json_cursor *c, const char *wanted)
{
	size_t len = strlen(wanted);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, wanted, len) != 0)
		return false;
	c->at += len;
	return true;
}

static bool key(struct json_cursor *c)
{
	json_cursor_skip_space(c);
	if (!json_grammar_string(c))
		return false;
	json_cursor_skip_space(c);
	return json_cursor_take(c, ':');
}

/* With the white space on both its sides. */
static enum json_status spaced_value(struct json_cursor *c)
{
	json_cursor_skip_space(c);
	enum json_status result = json_grammar_value(c);

	json_cursor_skip_space(c);
	return result;
}

static enum json_status container(struct json_cursor *c, char close)
{
	if (c->depth == 0)
		return JSON_TOO_DEEP;
	c->depth--;
	c->at++;
	json_cursor_skip_space(c);
	if (!json_cursor_take(c, close)) {
		do {
			if (close == '}' && !key(c))
				return JSON_SYNTAX;
			enum json_status inner = spaced_value(c);

			if (inner != JSON_OK)
				return inner;
		} while (json_cursor_take(c, ','));
		if (!json_cursor_take(c, close))
			return JSON_SYNTAX;
	}
	c->depth++;
	return JSON_OK;
}

enum json_status json_grammar_value(struct json_cursor *c)
{
	if (c->values == 0)
		return JSON_TOO_MANY;
	c->values--;
	switch (json_cursor_peek(c)) {
	case '{':
		return container(c, '}');
	case '[':
		return container(c, ']');
	case '"':
		return status(json_grammar_string(c));
	case 't':
		return status(word(c, "true"));
	case 'f':
		return status(word(c, "false"));
	case 'n':
		return status(word(c, "null"));
	default:
		return status(number(c));
	}
}

/* ---- escapes ---- */

int json_grammar_code(const char *text, const char *end)
{
	int value = 0;

	if (end - text < 6 || text[0] != '\\' || text[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = text[i] | 0x20; /* in lower case */

		value = value << 4 |
			(digit <= '9' ? digit - '0' : digit - 'a' + 10);
	}
	return value;
}

bool json_grammar_paired(const char *text, size_t len)
{
	const char *end = text + len;

	while ((text = memchr(text, '\\', (size_t)(end - text))) != NULL) {
		int half = json_grammar_code(text, end);
		bool high = half >= 0xd800 && half < 0xdc00;
		bool low = half >= 0xdc00 && half < 0xe000;

		text += half >= 0 ? 6 : 2;
		if (high && json_grammar_code(text, end) >> 10 == 0xdc00 >> 10)
			text += 6;
		else if (high || low)
			return false;
	}
	return true;
}

enum json_status json_grammar_check(const char *text, size_t len,
				    struct json_bounds bounds)
{
	struct json_cursor c = {text, text + len, bounds.depth, bounds.values};
	enum json_status result = spaced_value(&c);

	return result == JSON_OK && c.at < c.end ? JSON_SYNTAX : result;
}
