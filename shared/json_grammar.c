#include "json_grammar.h"

#include <string.h>

#include "json_plain.h"

/* Each function below begins at its first byte and stops behind its last. */
struct cursor {
	const char *at, *end;
	int depth;     /* levels that may still be opened */
	size_t values; /* that may still come */
};

static char peek(const struct cursor *c)
{
	return c->at < c->end ? *c->at : '\0';
}

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static void grammar_skip_space(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
				  *c->at == '\r' || *c->at == '\n'))
		c->at++;
}

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

static bool digits(struct cursor *c)
{
	if (!is_digit(peek(c)))
		return false;
	while (is_digit(peek(c)))
		c->at++;
	return true;
}

static bool number(struct cursor *c)
{
	take(c, '-');
	if (!take(c, '0') && !digits(c))
		return false;
	if (take(c, '.') && !digits(c))
		return false;
	if (!take(c, 'e') && !take(c, 'E'))
		return true;
	if (!take(c, '+'))
		take(c, '-');
	return digits(c);
}

static bool escape(struct cursor *c)
{
	char kind = peek(c);

	if (kind == '\0' || strchr("\"\\/bfnrtu", kind) == NULL)
		return false;
	c->at++;
	for (int i = 0; kind == 'u' && i < 4; i++, c->at++)
		if (!is_hex(peek(c)))
			return false;
	return true;
}

static bool string(struct cursor *c)
{
	if (!take(c, '"'))
		return false;
	for (;;) {
		c->at += json_plain_length(c->at, (size_t)(c->end - c->at));
		if (!take(c, '\\'))
			return take(c, '"');
		if (!escape(c))
			return false;
	}
}

static bool word(struct cursor *c, const char *wanted)
{
	size_t len = strlen(wanted);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, wanted, len) != 0)
		return false;
	c->at += len;
	return true;
}

static bool key(struct cursor *c)
{
	grammar_skip_space(c);
	if (!string(c))
		return false;
	grammar_skip_space(c);
	return take(c, ':');
}

static enum json_status grammar_value(struct cursor *c);

static enum json_status container(struct cursor *c, char close)
{
	if (c->depth == 0)
		return JSON_TOO_DEEP;
	c->depth--;
	c->at++;
	grammar_skip_space(c);
	if (!take(c, close)) {
		do {
			if (close == '}' && !key(c))
				return JSON_SYNTAX;
			enum json_status inner = grammar_value(c);

			if (inner != JSON_OK)
				return inner;
		} while (take(c, ','));
		if (!take(c, close))
			return JSON_SYNTAX;
	}
	c->depth++;
	return JSON_OK;
}

/* With the white space on both its sides. */
static enum json_status grammar_value(struct cursor *c)
{
	enum json_status result;

	if (c->values == 0)
		return JSON_TOO_MANY;
	c->values--;
	grammar_skip_space(c);
	switch (peek(c)) {
	case '{':
		result = container(c, '}');
		break;
	case '[':
		result = container(c, ']');
		break;
	case '"':
		result = status(string(c));
		break;
	case 't':
		result = status(word(c, "true"));
		break;
	case 'f':
		result = status(word(c, "false"));
		break;
	case 'n':
		result = status(word(c, "null"));
		break;
	default:
		result = status(number(c));
	}
	grammar_skip_space(c);
	return result;
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
	struct cursor c = {.at = text,
			   .end = text + len,
			   .depth = bounds.depth,
			   .values = bounds.values};
	enum json_status result = grammar_value(&c);

	return result == JSON_OK && c.at < c.end ? JSON_SYNTAX : result;
}
