/*
 * contract_rows - collectors for what the verbs give row by row; they own what
 * they hold.
 */
#ifndef CONTRACT_ROWS_H
#define CONTRACT_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store.h"

#define CONTRACT_MAX 1000 /* rows that one keeps */

struct contract_rows {
	size_t messages, changes, marks, ids, conversations, users;
	struct store_message message[CONTRACT_MAX];
	struct store_change change[CONTRACT_MAX];
	struct store_read_marks mark[CONTRACT_MAX];
	char id[CONTRACT_MAX][ID_SIZE];
	struct store_conversation conversation[CONTRACT_MAX]; /* flat parts */
	char *username[CONTRACT_MAX];
};
struct contract_rows *contract_rows_new(void);
void contract_rows_free(struct contract_rows *rows);
bool contract_each_message(const struct store_message *message, void *rows);
bool contract_each_change(const struct store_change *change, void *rows);
bool contract_each_marks(const struct store_read_marks *marks, void *rows);
void contract_each_id(const char *id, void *rows);
bool contract_each_conversation(const struct store_conversation *conversation,
				void *rows);
void contract_each_user(const struct store_user *user, void *rows);

/* The first ten that were written behind that position (NULL: since ever). */
enum store_status contract_rows_recent(struct store *store, const char *after,
				       struct contract_rows *rows, bool *more);

#endif
