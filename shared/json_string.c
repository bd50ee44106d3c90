#include "json_string.h"

#include <string.h>

#include "json_grammar.h"

/* UTF-8 (RFC 3629, 3). */
static char *put_point(char *to, unsigned point)
{
	static const unsigned limits[] = {0x80, 0x800, 0x10000, 0x110000};
	static const unsigned char firsts[] = {0, 0xc0, 0xe0, 0xf0};
	int more = 0;

	while (point >= limits[more])
		more++;
	*to++ = (char)(firsts[more] | point >> 6 * more);
	while (more-- > 0)
		*to++ = (char)(0x80 | (point >> 6 * more & 0x3f));
	return to;
}

/* \uXXXX, or two of them, which are one character. Answers where they end. */
static const char *read_code(const char *at, const char *end, unsigned *point)
{
	*point = (unsigned)json_grammar_code(at, end);
	at += 6;
	if (*point < 0xd800 || *point >= 0xdc00)
		return at;
	*point = 0x10000 + ((*point - 0xd800) << 10) +
		 ((unsigned)json_grammar_code(at, end) - 0xdc00);
	return at + 6;
}

static const char *read_escape(const char *at, const char *end, unsigned *point)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";

	if (at[1] == 'u')
		return read_code(at, end, point);
	const char *known = strchr(from, at[1]);

	*point = (unsigned char)(known != NULL ? to[known - from] : at[1]);
	return at + 2;
}

size_t json_string_join(const char *text, size_t len, char *to)
{
	const char *start = to, *end = text + len, *escape;

	while ((escape = memchr(text, '\\', (size_t)(end - text))) != NULL) {
		unsigned point;

		to = mempcpy(to, text, (size_t)(escape - text));
		text = read_escape(escape, end, &point);
		if (point >= 0x10000)
			to = put_point(to, point);
		else
			to = mempcpy(to, escape, (size_t)(text - escape));
	}
	to = mempcpy(to, text, (size_t)(end - text));
	return (size_t)(to - start);
}

bool json_string_read(const char *text, size_t len, char *to)
{
	const char *at = text + 1, *end = text + len - 1, *escape;
	bool good = true;

	while ((escape = memchr(at, '\\', (size_t)(end - at))) != NULL) {
		unsigned point;

		to = mempcpy(to, at, (size_t)(escape - at));
		at = read_escape(escape, end, &point);
		to = put_point(to, point);
		good &= point != 0;
	}
	to = mempcpy(to, at, (size_t)(end - at));
	*to = '\0';
	return good;
}
