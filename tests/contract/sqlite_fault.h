/*
 * sqlite_fault - what the tests of SQLite's faults share: a disturber's
 * connection of its own, and what the store says while it is disturbed.
 */
#ifndef SQLITE_FAULT_H
#define SQLITE_FAULT_H

#include "contract.h"

#include <sqlite3.h>

/* Of the store's file; and of one beside it, for the caller to free. */
const char *fault_path(const struct contract *c);
char *fault_beside(const struct contract *c, const char *suffix);
/* Its bytes; 0: there is none. */
int64_t fault_size(const struct contract *c, const char *suffix);

/* A message from Ann to Bob; and reading a user. */
enum store_status fault_send(struct contract *c, const char *client_id);
enum store_status fault_look(struct contract *c);

/* Housekeeping, as the process does it, but not by the clock: when again. */
int64_t fault_keep(struct store *store, int64_t now_ms);

/* Writing, and with reads_too reading, is UNAVAILABLE within 2 s, with a line
 * that names the file. */
void fault_assert_unavailable(struct contract *c, bool reads_too);
/* All is well again, without a new store. */
void fault_assert_back(struct contract *c);

/* The file behind the store's back; the caller closes it. */
sqlite3 *fault_open_raw(const struct contract *c);
void fault_run_raw(sqlite3 *raw, const char *sql);
/* The one number that it gives. */
int64_t fault_ask(const struct contract *c, const char *sql);

#endif
