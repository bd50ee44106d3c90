/*
 * admin_transfer - all of one store into another one, of any backend, shown as
 * it goes. A URI may have a password in it, so none is ever said.
 */
#ifndef ADMIN_TRANSFER_H
#define ADMIN_TRANSFER_H

#include "admin.h"

struct admin_transfer {
	struct admin *admin;
	struct store *from, *to;
	bool live;  /* the first is in use, and is not to be held */
	bool moves; /* the second takes its place (store_copy.h) */
	bool terminal;
	int64_t next_ms, records;
};

/* Both; the one to copy to is made where there is none. Neither is used by
 * anybody else from here on, where a store can know that, unless it is live:
 * t->live and t->moves are the caller's, all else is made here. NULL, or one
 * clear line that the caller frees; close it either way. */
char *admin_transfer_open(struct admin_transfer *t, struct admin *admin,
			  const char *from, const char *to);
/* The same, also where an earlier call was interrupted; what is there then was
 * compared, and verified, unless it is live. */
char *admin_transfer_run(struct admin_transfer *t);
void admin_transfer_close(struct admin_transfer *t);

#endif
