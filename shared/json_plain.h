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

static inline size_t json_plain_length(const char *text, size_t len)
{
	size_t at = 0;

	for (; len - at >= 8; at += 8) {
		uint64_t eight = eight_at(text + at);

		if (eight_below(eight, 0x20) | eight_has(eight, '"') |
		    eight_has(eight, '\\'))
			break;
	}
	while (at < len && json_plain((unsigned char)text[at]))
		at++;
	return at;
}

#endif
