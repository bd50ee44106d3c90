/*
 * hex - bytes as hexadecimal digits, two for each, small letters (RFC 4648,
 * base 16, whose letters are capital ones).
 */
#ifndef HEX_H
#define HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEX_SIZE(bytes) (2 * (bytes) + 1) /* of their digits, and a NUL */

void hex_print(const uint8_t *bytes, size_t len, char *out);
/* False: text is not exactly the digits of len bytes; out may be written. */
bool hex_read(const char *text, uint8_t *out, size_t len);
/* What a digit means; -1: it is none. */
int hex_digit(char c);

#endif
