/*
 * sqlite_group - one act in a group, from its beginning to its end: what the
 * verbs of groups (store_sqlite_groups.c), the acts themselves
 * (sqlite_group_acts.c) and links (store_sqlite_links.c) have in common.
 */
#ifndef SQLITE_GROUP_H
#define SQLITE_GROUP_H

#include "sqlite_members.h"
#include "store_sqlite.h"
#include "store_system.h"

/* One act under way. */
struct sqlite_group {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_group_act *act; /* NULL: of a link */
	struct sqlite_conversation c;
	struct store_member me; /* before; all zeros: no member */
	int64_t members;	/* how many there are by now */
	struct store_system system;
	struct store_group_done *out; /* the same */
};

/* For writing; sqlite_end() ends it. */
struct sqlite_group sqlite_group_begin(struct store *store,
				       const struct store_viewer *viewer);

/* False: there is no such group; or the viewer is not in it. */
bool sqlite_group_find(struct sqlite_group *g, const char *id);
bool sqlite_group_find_own(struct sqlite_group *g, const char *id);
/* The one that a link leads to at that time, and the viewer's row there, if
 * there is one; else what to answer. */
enum store_status sqlite_group_find_by_link(struct sqlite_group *g,
					    const char *code, int64_t now_ms);

/* The act's message, which has the seq that newcomers see from. */
static inline int64_t sqlite_group_next_seq(const struct sqlite_group *g)
{
	return g->c.last_seq + 1;
}

/* The act with its message, within a verb. OK also when nothing was to be
 * done. */
enum store_status sqlite_group_run(struct sqlite_group *g);

/* What an act changes, but for its message. REUSED: nothing was to be done;
 * after all but OK nothing was written. */
enum store_status sqlite_group_change(struct sqlite_group *g);

/* A verb: store_sqlite_members.c. */
enum store_status sqlite_group_members(struct store *store,
				       const struct store_viewer *viewer,
				       const char *id,
				       const struct store_members *asked,
				       store_each_member *each, void *context,
				       struct store_members_found *found);

#endif
