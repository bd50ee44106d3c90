/*
 * sqlite_group - one act in a group, from its beginning to its end: what the
 * verbs of groups (store_sqlite_groups.c), what acts read and write
 * (sqlite_group_acts.c) and links (store_sqlite_links.c) have in common.
 */
#ifndef SQLITE_GROUP_H
#define SQLITE_GROUP_H

#include "sqlite_members.h"
#include "store_grouping.h"
#include "store_sqlite.h"

/* One act under way. */
struct sqlite_group {
	struct store_grouping base;
	struct sqlite_db *db;
	struct sqlite_conversation c;
};

/* What it is asked. */
extern const struct store_grouping_reads sqlite_grouping_reads;

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

/* What was planned, but for the act's message. */
void sqlite_group_write(struct sqlite_group *g);

/* A verb: store_sqlite_members.c. */
enum store_status sqlite_group_members(struct store *store,
				       const struct store_viewer *viewer,
				       const char *id,
				       const struct store_members *asked,
				       store_each_member *each, void *context,
				       struct store_members_found *found);

#endif
