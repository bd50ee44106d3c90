/*
 * password_input - a password from whoever runs the program: asked for twice
 * and not shown on a terminal, otherwise the first line of standard input.
 * Never an argument, which everyone on the machine could read.
 */
#ifndef PASSWORD_INPUT_H
#define PASSWORD_INPUT_H

#include <stddef.h>

#define PASSWORD_INPUT_SIZE 1024

/* NULL, or one clear line (borrowed). Wipe out after use. */
const char *password_input(char out[PASSWORD_INPUT_SIZE]);

#endif
