/*
 * mongo_group - one act in a group, from its beginning to its end: what the
 * verbs of groups (store_mongo_groups.c), what acts ask (mongo_group_reads.c)
 * and links (store_mongo_links.c) have in common.
 *
 * An act is decided on what is read, and carried by its message, which has the
 * next seq only if nothing has happened meanwhile: else all is looked at anew
 * (mongo_schema.c has the whole scheme).
 */
#ifndef MONGO_GROUP_H
#define MONGO_GROUP_H

#include "mongo_conversation.h"
#include "mongo_invited.h"
#include "store_grouping.h"
#include "store_mongo.h"

/* One act under way. */
struct mongo_group {
	struct store_grouping base;
	struct mongo_db *db;
	struct mongo_conversation c;
	struct mongo_invited invited;
};

/* What it is asked. */
extern const struct store_grouping_reads mongo_grouping_reads;

/* False: there is no such group; or the viewer is not in it. Either way, and
 * whatever was found before, mongo_group_done() ends it. */
bool mongo_group_find(struct mongo_group *g, const char *id);
bool mongo_group_find_own(struct mongo_group *g, const char *id);
void mongo_group_done(struct mongo_group *g);
/* The one that a link leads to at that time, and the viewer's row there, if
 * there is one; else what to answer. */
enum store_status mongo_group_find_by_link(struct mongo_group *g,
					   const char *code, int64_t now_ms);

/* How a verb finds its group. */
typedef enum store_status mongo_group_find_how(struct mongo_group *g,
					       const char *key);
/* The act with its message, within a verb. OK also when nothing was to be
 * done. Frees what is in out unless it answers OK, but for out->refused. */
enum store_status mongo_group_run(struct mongo_group *g,
				  mongo_group_find_how *find, const char *key);
enum store_status mongo_group_by_id(struct mongo_group *g, const char *id);

/* ---- verbs that have files of their own ---- */

enum store_status mongo_link_make(struct store *store,
				  const struct store_viewer *viewer,
				  const char *id, struct store_link *link,
				  int64_t now_ms);
enum store_status mongo_link_end(struct store *store,
				 const struct store_viewer *viewer,
				 const char *id);
enum store_status mongo_group_members(struct store *store,
				      const struct store_viewer *viewer,
				      const char *id,
				      const struct store_members *asked,
				      store_each_member *each, void *context,
				      struct store_members_found *found);

#endif
