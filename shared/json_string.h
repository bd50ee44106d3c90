/*
 * json_string - what a string in a JSON text says.
 */
#ifndef JSON_STRING_H
#define JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

/* text is of good grammar (json_grammar.h), its escapes paired, and len bytes
 * from quote to quote. It goes to `to`, which has room for as many, with a NUL
 * behind it. False: there is a U+0000 in it, too. */
bool json_string_read(const char *text, size_t len, char *to);

/* A whole text of good grammar, with each pair of escapes as the character that
 * the two are. `to` has room for len bytes; answers how many it takes. */
size_t json_string_join(const char *text, size_t len, char *to);

#endif
