/*
 * sqlite_scope - the conversations that a search goes through, each down from
 * its newest message that was not looked at yet. Next is always the one whose
 * such message is the newest.
 */
#ifndef SQLITE_SCOPE_H
#define SQLITE_SCOPE_H

#include "sqlite_members.h"

struct sqlite_scope_part {
	struct sqlite_conversation c;
	int64_t first; /* that the viewer sees; 0: nothing; -1: not asked yet */
	int64_t last;  /* that was not looked at */
	char newest[ID_SIZE]; /* its position; "": there is none */
};

struct sqlite_scope {
	struct sqlite_db *db;
	/* Of no role: operators search no support by theirs, for each look at
	 * it is written down. */
	struct store_viewer viewer;
	char before[ID_SIZE]; /* nothing is newer; with it */
	struct sqlite_scope_part *list, **order;
	size_t count, cap;
};

/* By id, if the viewer is in it. */
bool sqlite_scope_add(struct sqlite_scope *p, const char *id);
/* All that the viewer is in, the newest LIMIT_CONVERSATIONS, and the lobby. */
void sqlite_scope_add_all(struct sqlite_scope *p);
void sqlite_scope_done(struct sqlite_scope *p);

/* By its number; NULL: it is none of them. */
struct sqlite_scope_part *sqlite_scope_find(struct sqlite_scope *p, int64_t n);

/* Its first seq that the viewer sees, asked once; 0: nothing. */
int64_t sqlite_scope_first(struct sqlite_scope *p,
			   struct sqlite_scope_part *one);

/* Once all are added, before the first one is looked at. */
void sqlite_scope_order(struct sqlite_scope *p);
/* Which to look at now; NULL: all were. */
struct sqlite_scope_part *sqlite_scope_next(struct sqlite_scope *p);
/* Nothing behind that place is looked at any more. */
void sqlite_scope_go_to(struct sqlite_scope *p, struct sqlite_scope_part *one,
			int64_t last);

#endif
