/*
 * json_plain - how far a text is what stands for itself within a JSON string:
 * no quote, backslash or control character (RFC 8259, 7). Most texts are it
 * throughout.
 */
#ifndef JSON_PLAIN_H
#define JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "eight.h"

static inline bool json_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Marks (eight.h) those that are not. Where a space and the mark that ends a
 * string are exchanged, all of them but the backslash are below one limit. */
static inline uint64_t json_plain_marks(uint64_t eight)
{
	return eight_below(eight ^ EIGHT_OF('"' ^ ' '), ' ' + 1) |
	       eight_has(eight, '\\');
}

static inline size_t json_plain_length(const char *text, size_t len)
{
	size_t at = 0;

	for (; len - at >= 8; at += 8) {
		uint64_t marks = json_plain_marks(eight_at(text + at));

		if (marks != 0)
			return at + eight_first(marks);
	}
	while (at < len && json_plain((unsigned char)text[at]))
		at++;
	return at;
}

#endif
