/*
 * decimal - a whole number in digits.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdint.h>

#define DECIMAL_MAX 20 /* characters, of the smallest int64_t */

/* Writes it, without a NUL; answers where it ends. */
char *decimal_put(char *to, int64_t number);

#endif
