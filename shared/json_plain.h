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

/* Eight bytes (eight.h) are. Where a space and the mark that ends a string are
 * exchanged, all that is not but the backslash is below one limit. */
static inline bool json_plain_eight(uint64_t eight)
{
	return (eight_below(eight ^ EIGHT_OF('"' ^ ' '), ' ' + 1) |
		eight_has(eight, '\\')) == 0;
}

static inline size_t json_plain_length(const char *text, size_t len)
{
	size_t at = 0;

	while (len - at >= 8 && json_plain_eight(eight_at(text + at)))
		at += 8;
	while (at < len && json_plain((unsigned char)text[at]))
		at++;
	return at;
}

#endif
