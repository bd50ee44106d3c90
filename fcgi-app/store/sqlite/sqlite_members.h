/*
 * sqlite_members - a conversation as it is found, its members and how far they
 * have read, and what of it a viewer sees.
 */
#ifndef SQLITE_MEMBERS_H
#define SQLITE_MEMBERS_H

#include "palabre_limits.h"
#include "sqlite_columns.h"

/* For conversation c: LEFT JOIN its newest message as m. */
#define JOIN_NEWEST                                                            \
	" LEFT JOIN message m ON m.place = (SELECT max(place) FROM message"    \
	"  WHERE place BETWEEN c.n << 32 AND (c.n << 32 | 4294967295))"

/* All of one is known: of a snapshot the next who looks for it need not read it
 * again. */
void sqlite_conversation_found(struct sqlite_db *db,
			       const struct sqlite_conversation *c);
/* By id; false: there is none. */
bool sqlite_conversation_find(struct sqlite_db *db, const char *id,
			      struct sqlite_conversation *out);

/* A user's row there; false: they are no member. */
bool sqlite_member_find(struct sqlite_db *db,
			const struct sqlite_conversation *c, const char *user,
			struct store_member *out);
/* Does everyone who is named see the conversation? client: in whose support
 * conversation, which their message opens, or NULL. */
bool sqlite_mentions_seen(struct sqlite_db *db,
			  const struct sqlite_conversation *c,
			  const char *client,
			  const struct store_mention *mentions, size_t count);
/* ... or that of the server, in whose name operators read support. */
bool sqlite_member_of(struct sqlite_db *db, const struct sqlite_conversation *c,
		      const struct store_viewer *viewer,
		      struct store_member *out);
/* The first seq that the viewer sees; 0: nothing. */
int64_t sqlite_sight(struct sqlite_db *db, const struct sqlite_conversation *c,
		     const struct store_viewer *viewer);

/* The same, of who has that row there; NULL: none. */
int64_t sqlite_sight_of(const struct sqlite_db *db,
			const struct sqlite_conversation *c,
			const struct store_viewer *viewer,
			const struct store_member *me);

/* What its members, up to the number that is shown, see of a conversation:
 * kind, counters and members. Where either of two blocks the other one, the
 * marks that this one sees stand where they did then. */
struct sqlite_members {
	struct store_conversation conversation;
	struct store_member members[LIMIT_MEMBERS_SHOWN];
};
void sqlite_members_read(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const char *viewer, struct sqlite_members *out);
/* So with the other one's marks alone, where there is a block. */
void sqlite_member_hold(struct sqlite_db *db,
			const struct sqlite_conversation *c, const char *viewer,
			struct store_member *other);

/* The newest seq of a direct conversation that is not hidden from them. */
int64_t sqlite_last_seen(const struct sqlite_conversation *c,
			 const char *viewer);
/* How many behind that seq are. */
int64_t sqlite_hidden_behind(struct sqlite_db *db,
			     const struct sqlite_conversation *c,
			     const char *viewer, int64_t seq);

/* Who joined a group behind that message: their ids, one behind the other, for
 * the caller to free. NULL: nobody. */
char *sqlite_members_later(struct sqlite_db *db,
			   const struct sqlite_conversation *c, int64_t seq);

/* Write how far a member has read. */
void sqlite_member_write(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const struct store_member *member);

/* Whether they are their user's own business: so many are in it, one of the two
 * blocks the other one, or hides what they read. */
void sqlite_marks_for(struct sqlite_db *db, const struct sqlite_conversation *c,
		      struct store_read_marks *marks);

/* Both message ids of read marks. newest: of the conversation, where it is
 * known; else "". */
void sqlite_members_name(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const char *newest, struct store_read_marks *marks);

#endif
