/*
 * admin - what an operator does to the store from the command line. Each says
 * what it did and returns the exit status: 0 done, 1 refused, 2 could not be
 * tried.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include <stdbool.h>
#include <stdio.h>

#include "store_base.h"

struct buf;
struct json_object;
struct palabre_options;
struct store_deed;

/* `palabre-api admin WORD...`: words end with NULL. */
int admin_main(const struct palabre_options *options, char **words);
/* Whether there is a function for that command (ctl_commands.h). */
bool admin_knows(const char *name);

struct admin {
	const struct palabre_options *options;
	struct store *store;
	FILE *out, *err;
	/* What --json will print, an object; NULL: lines for people. */
	struct json_object *json;
};

/* One line per breach of what the store promises, with its conversation, then
 * the count. 0: none, 1: some, 2: the store could not be read. */
int admin_verify(struct store *store, FILE *out);

/* ---- admin_say.c ---- */

/* A line of many, which --json has otherwise. 0 */
int admin_line(struct admin *admin, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What was done, which is `message` of --json. 0 */
int admin_done(struct admin *admin, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Why it was not, on standard error, and `error` of --json. code */
int admin_fail(struct admin *admin, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same of what the store said about name. */
int admin_fail_store(struct admin *admin, const char *name,
		     enum store_status status);
/* At the end, once. */
void admin_print_json(struct admin *admin, int code);

/* ---- admin_copy.c: called as the owner of the store; words are what comes
 * after the command's own, here and below ---- */

int admin_backup(struct admin *admin, char **words);
int admin_restore(struct admin *admin, char **words);
/* NULL, or that palabre-api runs, whose workers open the store when they are
 * asked for something; the caller frees it. As root, if we are. */
char *admin_find_server(struct admin *admin);

/* ---- admin_transfer.c ---- */

int admin_copy(struct admin *admin, char **words);

/* ---- admin_localnet.c, admin_mevn.c ---- */

int admin_import_localnet(struct admin *admin, char **words);
int admin_import_mevn(struct admin *admin, char **words);

/* ---- admin_act.c ---- */

/* What palabrectl is in the store. */
extern const struct store_viewer admin_viewer;
/* Done and written down, or neither. 0, or it was said, about name. */
int admin_act(struct admin *admin, const char *name,
	      const struct store_deed *deed);

int admin_kick(struct admin *admin, char **words);
int admin_mute(struct admin *admin, char **words);
int admin_block(struct admin *admin, char **words);
int admin_unblock(struct admin *admin, char **words);
int admin_blocks(struct admin *admin, char **words);
int admin_broadcast(struct admin *admin, char **words);

/* ---- admin_clients.c ---- */

int admin_clients(struct admin *admin, char **words);

/* ---- admin_token.c ---- */

int admin_token_issue(struct admin *admin, char **words);
int admin_token_rotate(struct admin *admin, char **words);

/* ---- admin_user.c ---- */

int admin_user_add(struct admin *admin, char **words);
int admin_user_password(struct admin *admin, char **words);
int admin_user_role(struct admin *admin, char **words);
int admin_user_disable(struct admin *admin, char **words);
int admin_user_enable(struct admin *admin, char **words);
int admin_user_unlock(struct admin *admin, char **words);

/* Who is meant. 0: out is the caller's; else it was said. */
int admin_find_user(struct admin *admin, const char *name,
		    struct store_user *out);

/* 0: all who may hold sockets that this concerns have confirmed it. 1: it was
 * said that they have not, although it is done. */
int admin_tell(struct admin *admin, const char *name, const char *done,
	       const struct buf *news);

/* ---- admin_show.c ---- */

int admin_user_list(struct admin *admin, char **words);
int admin_user_show(struct admin *admin, char **words);

/* ---- admin_erase.c, admin_export.c ---- */

int admin_user_delete(struct admin *admin, char **words);
int admin_user_export(struct admin *admin, char **words);

#endif
