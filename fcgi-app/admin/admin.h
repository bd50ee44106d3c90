/*
 * admin - what an operator does to the store from the command line. Each
 * writes lines for people and returns the exit status: 0 done, 1 refused, 2
 * could not be tried.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include <stdio.h>

struct palabre_options;
struct store;
struct store_user;

/* `palabre-api admin WORD...`: words end with NULL. */
int admin_main(const struct palabre_options *options, char **words);

struct admin {
	const struct palabre_options *options;
	struct store *store;
	FILE *out, *err;
};

/* One line per breach of what the store promises, with its conversation, then
 * the count. 0: none, 1: some, 2: the store could not be read. */
int admin_verify(struct store *store, FILE *out);

/* ---- admin_copy.c: the same; called as the owner of the store ---- */

int admin_backup(struct admin *admin, char **words);
int admin_restore(struct admin *admin, char **words);

/* ---- admin_user.c: words are what comes after the command's own ---- */

int admin_user_add(struct admin *admin, char **words);
int admin_user_password(struct admin *admin, char **words);
int admin_user_role(struct admin *admin, char **words);
int admin_user_disable(struct admin *admin, char **words);
int admin_user_enable(struct admin *admin, char **words);
int admin_user_unlock(struct admin *admin, char **words);

/* Who is meant. 0: out is the caller's; else it was said. */
int admin_find_user(struct admin *admin, const char *name,
		    struct store_user *out);

/* ---- admin_erase.c, admin_export.c: the same ---- */

int admin_user_delete(struct admin *admin, char **words);
int admin_user_export(struct admin *admin, char **words);

#endif
