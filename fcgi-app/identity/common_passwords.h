/*
 * common_passwords - the hundred that are tried first, from the lists of leaked
 * ones that are published every year: of at least six characters, in any
 * case. And one character, over and over.
 */
#ifndef COMMON_PASSWORDS_H
#define COMMON_PASSWORDS_H

#include <stdbool.h>

bool common_passwords_has(const char *password);

#endif
