/*
 * json_grammar - is a text JSON as RFC 8259 draws it, how deep, and of how many
 * values? No library judges that: json-c 0.16 lets [01], [1.] and [-.5] through
 * in its strict mode, and 0.18 refuses every text that is not ASCII there.
 */
#ifndef JSON_GRAMMAR_H
#define JSON_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "json_bounds.h"

struct json_cursor;

/* One value and white space, within bounds (calls nest as deep as they allow).
 * The text is UTF-8. JSON_OK, JSON_SYNTAX, JSON_TOO_DEEP or JSON_TOO_MANY,
 * whichever comes first. */
enum json_status json_grammar_check(const char *text, size_t len,
				    struct json_bounds bounds);

/* Parts of it: from the first byte of one to behind its last; where it is not
 * one, to anywhere. */
enum json_status json_grammar_value(struct json_cursor *c);
bool json_grammar_string(struct json_cursor *c);

/* Of a text that is JSON: no escape stands for half a pair of surrogates, which
 * no UTF-8 can say (RFC 8259, section 8.2). */
bool json_grammar_paired(const char *text, size_t len);

/* The 16 bits of an escape \uXXXX that text begins with; -1: it does not. */
int json_grammar_code(const char *text, const char *end);

#endif
