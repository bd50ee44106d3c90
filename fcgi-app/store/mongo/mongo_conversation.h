/*
 * mongo_conversation - a conversation as it is found, its members and how far
 * they have read, and what of it a viewer sees. Its row is described in
 * mongo_schema.c.
 */
#ifndef MONGO_CONVERSATION_H
#define MONGO_CONVERSATION_H

#include "mongo_hiding.h"
#include "palabre_limits.h"

struct mongo_member {
	struct store_member row;
	int64_t hidden; /* messages that are hidden from them */
};

struct mongo_conversation {
	char id[ID_SIZE];
	enum store_conversation_kind kind;
	char made[ID_SIZE], at[ID_SIZE]; /* at "": no message yet */
	char *title, *avatar;
	int blocks;
	int64_t last_change;
	int64_t last_seq; /* 0: it is not there yet, and nothing below */
	char last_id[ID_SIZE], last_sender[ID_SIZE];
	int64_t last_at, last_hidden;
	char ahead_user[ID_SIZE], ahead_at[ID_SIZE]; /* "": none */
	int64_t count; /* of members, of whom so many are here */
	size_t loaded;
	struct mongo_member *members;
};

/* What is read of a row, as a projection: more members than are shown stay
 * there. */
#define MONGO_CONVERSATION_FIELDS                                              \
	DOC(SUB("members", INT("$slice", LIMIT_MEMBERS_SHOWN)))
void mongo_conversation_read(const bson_t *row, struct mongo_conversation *out);
void mongo_conversation_done(struct mongo_conversation *c);

/* By id; false: there is none, or none yet. Done with it in any case. */
bool mongo_conversation_find(struct mongo_db *db, const char *id,
			     struct mongo_conversation *out);

/* ... also when it is none yet. */
bool mongo_conversation_find_unborn(struct mongo_db *db, const char *id,
				    struct mongo_conversation *out);

/* The other one of a direct conversation, of one's notes oneself; "" for any
 * other. */
const char *mongo_conversation_other(const struct mongo_conversation *c,
				     const char *user);
/* The same of support: whose it is; "" for any other. */
const char *mongo_conversation_client(const struct mongo_conversation *c);
/* Does that user block the other one there? */
bool mongo_conversation_blocks(const struct mongo_conversation *c,
			       const char *user);

/* A user's row there; false: they are no member. */
bool mongo_member_find(struct mongo_db *db, const struct mongo_conversation *c,
		       const char *user, struct mongo_member *out);
/* ... or that of the server, in whose name operators read support. */
bool mongo_member_of(struct mongo_db *db, const struct mongo_conversation *c,
		     const struct store_viewer *viewer,
		     struct mongo_member *out);
/* All members, LIMIT_MEMBERS at most, of whom only who, owner and joined are
 * read. The caller frees *out, also when it answers 0. */
size_t mongo_members_read(struct mongo_db *db, const char *id,
			  struct store_member **out);
/* Who joined a group behind that message: their ids, one behind the other, for
 * the caller to free. NULL: nobody. */
char *mongo_members_later(struct mongo_db *db,
			  const struct mongo_conversation *c, int64_t seq);

/* The first seq that the viewer sees; 0: nothing. The second: of who has that
 * row there; NULL: none. */
int64_t mongo_sight(struct mongo_db *db, const struct mongo_conversation *c,
		    const struct store_viewer *viewer);
int64_t mongo_sight_of(const struct mongo_db *db,
		       const struct mongo_conversation *c,
		       const struct store_viewer *viewer,
		       const struct mongo_member *me);
/* By id, and the first seq that the viewer sees. False: nothing, and nothing to
 * be done with. */
bool mongo_sight_find(struct mongo_db *db, const char *id,
		      const struct store_viewer *viewer,
		      struct mongo_conversation *c, int64_t *first);
/* Does everyone who is named see the conversation? */
bool mongo_mentions_seen(struct mongo_db *db,
			 const struct mongo_conversation *c,
			 const struct store_mention *mentions, size_t count);

/* Who of their members hides how far they have read: of so many conversations,
 * each that far behind the one before. A crowd's marks nobody sees anyway. */
void mongo_conversations_hiding(struct mongo_db *db,
				const struct mongo_conversation *first,
				size_t count, size_t stride,
				struct mongo_hiding *out);

/* What its members, up to the number that is shown, see of a conversation:
 * kind, counters and members. Where either of two blocks the other one, the
 * marks that this one sees stand where they did then; who hides how far they
 * have read is among hiding. */
struct mongo_view {
	struct store_conversation conversation;
	struct store_member members[LIMIT_MEMBERS_SHOWN];
};
void mongo_view_read(struct mongo_db *db, const struct mongo_conversation *c,
		     const struct mongo_hiding *hiding, const char *viewer,
		     struct mongo_view *out);
/* So with the other one's marks alone, where there is a block. */
void mongo_member_hold(struct mongo_db *db, const struct mongo_conversation *c,
		       const char *viewer, struct store_member *other);

/* The newest seq that is not hidden from them, and where they have it in their
 * list: the id of that message, or "made" when there is none. */
int64_t mongo_last_seen(const struct mongo_conversation *c, const char *user);
const char *mongo_position_of(const struct mongo_conversation *c,
			      const char *user);
/* How many behind that seq are hidden. */
int64_t mongo_hidden_behind(struct mongo_db *db,
			    const struct mongo_conversation *c,
			    const struct mongo_member *me, int64_t seq);

#endif
