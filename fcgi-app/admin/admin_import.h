/*
 * admin_import - what imports from other systems have in common: what they
 * report, how far they are, and the batches that they write in.
 */
#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

#include "admin.h"
#include "store_import.h"

#define ADMIN_IMPORT_AT_ONCE 500 /* messages in one commit */

struct admin_import {
	struct admin *admin;
	int64_t now_ms;
	int code;	   /* 0, or it was said why it ends here */
	int64_t all, done; /* of what is to be gone through */
	int64_t messages;  /* that came */
	int64_t shown_ms;  /* when it is time to show it again */
	size_t batched;	   /* given to the store, not committed */
	bool batch;
};

void admin_import_begin(struct admin_import *i, struct admin *admin);
/* The code. What was given is in the store, or may be. */
int admin_import_end(struct admin_import *i);

/* What is not as it was: a line, and one of `notes` of --json. */
void admin_import_note(struct admin_import *i, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* done of all, on a terminal. */
void admin_import_show(struct admin_import *i);

/* False: there is a code. It is said what a store says. */
bool admin_import_goes_on(struct admin_import *i, enum store_status status);

/* So many are about to be given, in a batch with others; what is full of it is
 * committed first. False: there is a code. */
bool admin_import_into_batch(struct admin_import *i, size_t count);
/* The same of messages; how many came. */
size_t admin_import_give(struct admin_import *i,
			 const struct store_import *import);
void admin_import_commit(struct admin_import *i);

#endif
