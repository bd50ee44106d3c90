/*
 * admin - what an operator does to the store from the command line. Each
 * writes lines for people to out and returns the exit status.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include <stdio.h>

struct palabre_options;
struct store;

/* `palabre-api admin WORD`: words end with NULL. */
int admin_main(const struct palabre_options *options, char **words);

/* One line per breach of what the store promises, with its conversation, then
 * the count. 0: none, 1: some, 2: the store could not be read. */
int admin_verify(struct store *store, FILE *out);

#endif
