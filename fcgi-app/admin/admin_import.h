/*
 * admin_import - what imports from other systems have in common: what they
 * report, how far they are, and the batches that they write in.
 *
 * Nobody else can write to a file while a batch is open, and people do: there
 * is none while something is said, and none may be while the old store is asked
 * over a network.
 */
#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

#include "admin.h"
#include "store_import.h"

#define ADMIN_IMPORT_AT_ONCE 500 /* messages in one commit */
#define ADMIN_IMPORT_NOTES 256	 /* that wait to be said at most */

struct admin_import {
	struct admin *admin;
	int64_t now_ms;
	int code;	   /* 0, or it was said why it ends here */
	int64_t all, done; /* of what is to be gone through */
	int64_t messages;  /* that came */
	int64_t shown_ms;  /* when it is time to show it again */
	char *notes[ADMIN_IMPORT_NOTES]; /* not said yet */
	size_t noted;
	size_t batched; /* given to the store, not committed */
	bool batch;
};

void admin_import_begin(struct admin_import *i, struct admin *admin);
/* The code. What was given is in the store, or may be. */
int admin_import_end(struct admin_import *i);

/* What is not as it was: a line, said once no batch is open, and one of `notes`
 * of --json. */
void admin_import_note(struct admin_import *i, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* done of all, on a terminal; what is given so far is committed now and then.
 */
void admin_import_show(struct admin_import *i);
/* Why it ends here: code is 2, and what is not committed is given up. */
void admin_import_fail(struct admin_import *i, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* False: there is a code. It is said what a store says. */
bool admin_import_goes_on(struct admin_import *i, enum store_status status);

/* So many are about to be given, in a batch with others; what is full of it is
 * committed first. False: there is a code. */
bool admin_import_into_batch(struct admin_import *i, size_t count);
/* The same of messages; how many came. */
size_t admin_import_give(struct admin_import *i,
			 const struct store_import *import);
/* No batch is open then, and all notes are said. */
void admin_import_commit(struct admin_import *i);

#endif
