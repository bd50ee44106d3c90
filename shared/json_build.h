/*
 * json_build - a tree of json-c of a text that is known to be JSON. Its own
 * reader makes a locale for each text, and of some characters that are written
 * as escapes (U+1D800 to U+1DFFF, and so on in the planes behind it) U+FFFD.
 */
#ifndef JSON_BUILD_H
#define JSON_BUILD_H

#include <stddef.h>

struct json_object;

/* text has passed json_check() and json_grammar_paired(), which also judge how
 * deep the calls of this nest. NULL for null; the caller frees it. */
struct json_object *json_build(const char *text, size_t len);

#endif
