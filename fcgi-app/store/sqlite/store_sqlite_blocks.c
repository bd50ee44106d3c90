#include "store_sqlite.h"

#include <string.h>

#include "sqlite_members.h"

bool sqlite_is_blocked(struct sqlite_db *db, const char *blocker,
		       const char *blocked)
{
	static const char sql[] =
		"SELECT 1 FROM user_block WHERE blocker = ? AND blocked = ?";

	return QUERY_INT(db, sql, ID(blocker), ID(blocked)) != 0;
}

int sqlite_blocks_of(struct sqlite_db *db, const struct sqlite_conversation *c)
{
	return sqlite_is_blocked(db, c->low, c->high) * LOW_BLOCKS |
	       sqlite_is_blocked(db, c->high, c->low) * HIGH_BLOCKS;
}

/* ---- a block begins and ends ---- */

/* What each has seen of the other's so far is all that they see from now on. */
static void read_marks(struct sqlite_db *db, const struct store_viewer *viewer,
		       const struct store_block *block, const char *id,
		       struct store_member *me, struct store_member *other)
{
	struct sqlite_conversation c;

	if (!sqlite_conversation_find(db, id, &c))
		return;
	sqlite_member_find(db, &c, viewer->id, me);
	sqlite_member_find(db, &c, block->user, other);
	sqlite_member_hold(db, &c, viewer->id, other);
}

static bool insert_block(struct sqlite_db *db,
			 const struct store_viewer *viewer,
			 const struct store_block *block, const char *id)
{
	static const char sql[] =
		"INSERT INTO user_block (blocker, blocked, received_seq,"
		" read_seq, other_received_seq, other_read_seq, created_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
	struct store_member me = {.read_seq = 0}, other = {.read_seq = 0};

	read_marks(db, viewer, block, id, &me, &other);
	return QUERY_RUN(db, sql, ID(viewer->id), ID(block->user),
			 INT(me.received_seq), INT(me.read_seq),
			 INT(other.received_seq), INT(other.read_seq),
			 INT(block->now_ms)) > 0;
}

static bool delete_block(struct sqlite_db *db,
			 const struct store_viewer *viewer,
			 const struct store_block *block)
{
	static const char sql[] =
		"DELETE FROM user_block WHERE blocker = ? AND blocked = ?";

	return QUERY_RUN(db, sql, ID(viewer->id), ID(block->user)) > 0;
}

static void note_in_conversation(struct sqlite_db *db,
				 const struct store_viewer *viewer,
				 const struct store_block *block,
				 const char *id)
{
	static const char set[] =
		"UPDATE conversation SET blocks = blocks | ? WHERE id = ?";
	static const char clear[] =
		"UPDATE conversation SET blocks = blocks & ~? WHERE id = ?";
	bool low = strcmp(viewer->id, block->user) < 0;

	QUERY_RUN(db, block->blocked ? set : clear,
		  INT(low ? LOW_BLOCKS : HIGH_BLOCKS), ID(id));
}

static enum store_status judge(struct sqlite_db *db,
			       const struct store_viewer *viewer,
			       const struct store_block *block)
{
	static const char exists[] = "SELECT 1 FROM user WHERE id = ?";
	static const char count[] =
		"SELECT count(*) FROM user_block WHERE blocker = ?";

	if (sqlite_is_blocked(db, viewer->id, block->user))
		return STORE_OK;
	if (QUERY_INT(db, exists, ID(block->user)) == 0)
		return STORE_NOT_FOUND;
	if (!block->blocked)
		return STORE_OK;
	return QUERY_INT(db, count, ID(viewer->id)) < LIMIT_BLOCKS ? STORE_OK
								   : STORE_FULL;
}

static enum store_status block_set(struct store *store,
				   const struct store_viewer *viewer,
				   const struct store_block *block,
				   bool *changed)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	enum store_status status = judge(db, viewer, block);
	char id[ID_SIZE];

	id_direct(viewer->id, block->user, id);
	if (status == STORE_OK)
		*changed = block->blocked ? insert_block(db, viewer, block, id)
					  : delete_block(db, viewer, block);
	if (*changed)
		note_in_conversation(db, viewer, block, id);
	return sqlite_end(db, status);
}

/* ---- who ---- */

static enum store_status block_list(struct store *store,
				    const struct store_viewer *viewer,
				    store_each_user *each, void *context)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(USER_SHOWN_COLUMNS) " FROM user_block b"
							 " JOIN user u"
							 " ON u.id = b.blocked"
							 " WHERE b.blocker = ?"
							 " ORDER BY"
							 " b.created_at DESC,"
							 " u.id";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(viewer->id));

	while (query_row(&q)) {
		struct store_user user;

		sqlite_user_shown_row(&q, 0, &user);
		each(&user, context);
	}
	return sqlite_end(db, STORE_OK);
}

static enum store_status block_hidden(struct store *store,
				      const struct store_viewer *viewer,
				      size_t limit, store_each_id *each,
				      void *context)
{
	/* A UNION would make a table to find those who are in both, each time:
	 * for most there is nobody in either. */
	static const char sql[] =
		"SELECT blocked FROM user_block WHERE blocker = ?1 UNION ALL"
		" SELECT blocker FROM user_block b WHERE blocked = ?1"
		"  AND NOT EXISTS (SELECT 1 FROM user_block"
		"   WHERE blocker = ?1 AND blocked = b.blocker)"
		" LIMIT ?2";

	return sqlite_each_id(store, sql, viewer, limit, each, context);
}

const struct store_block_verbs sqlite_block_verbs = {
	.set = block_set,
	.list = block_list,
	.hidden = block_hidden,
};
