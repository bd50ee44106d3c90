#include "sqlite_members.h"

#include <assert.h>
#include <string.h>

#include "mem.h"
#include "sqlite_schema.h"
#include "store_sqlite.h"

/* Where one alone writes, all messages are theirs: not looked through for
 * ever. */
#define LOOK_BACK 1000

static bool conversation_read(struct sqlite_db *db, const char *id,
			      struct sqlite_conversation *out)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		CONVERSATION_COLUMNS) ", " NEWEST_COLUMNS
				      " FROM conversation c" JOIN_NEWEST
				      " WHERE c.id = ?";
	struct query q = QUERY(db, sql, ID(id));
	bool found = query_row(&q);

	*out = (struct sqlite_conversation){.id = ""};
	if (found) {
		sqlite_conversation_row(&q, 0, out);
		sqlite_conversation_last(&q, CONVERSATION_COLUMN_COUNT, out);
	}
	query_close(&q);
	return found;
}

void sqlite_conversation_found(struct sqlite_db *db,
			       const struct sqlite_conversation *c)
{
	assert(c->made[0] != '\0'); /* else it is of a list */
	if (db->span != SPAN_SNAPSHOT)
		return;
	if (db->found == NULL)
		db->found = xmalloc(sizeof(*db->found));
	*db->found = *c;
	db->found_one = true;
}

bool sqlite_conversation_find(struct sqlite_db *db, const char *id,
			      struct sqlite_conversation *out)
{
	if (db->found_one && strcmp(db->found->id, id) == 0) {
		*out = *db->found;
		return true;
	}
	if (!conversation_read(db, id, out))
		return false;
	sqlite_conversation_found(db, out);
	return true;
}

/* ---- one member ---- */

/* The newest seq that a user of a direct conversation wrote. */
static int64_t newest_own(const struct sqlite_conversation *c, const char *user)
{
	return strcmp(c->last_sender, user) == 0 ? c->last_seq
						 : c->last_other_own;
}

static void direct_member(const struct sqlite_conversation *c, bool low,
			  struct store_member *out)
{
	const char *user = low ? c->low : c->high;
	int64_t own = newest_own(c, user);

	*out = (struct store_member){
		.joined_seq = 1,
		.received_seq = store_larger(
			low ? c->low_received : c->high_received, own),
		.read_seq = store_larger(low ? c->low_read : c->high_read, own),
	};
	memcpy(out->user_id, user, ID_SIZE);
}

static bool find_row(struct sqlite_db *db, int64_t n, const char *user,
		     struct store_member *out)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(MEMBER_COLUMNS) " FROM member g"
						     " WHERE g.n = ?"
						     " AND g.user_id = ?";
	struct query q = QUERY(db, sql, INT(n), ID(user));
	bool found = query_row(&q);

	if (found)
		sqlite_member_row(&q, 0, out);
	query_close(&q);
	return found;
}

bool sqlite_member_find(struct sqlite_db *db,
			const struct sqlite_conversation *c, const char *user,
			struct store_member *out)
{
	bool low = strcmp(user, c->low) == 0;

	if (c->kind != CONVERSATION_DIRECT)
		return find_row(db, c->n, user, out);
	if (!low && strcmp(user, c->high) != 0)
		return false;
	direct_member(c, low, out);
	return true;
}

bool sqlite_member_of(struct sqlite_db *db, const struct sqlite_conversation *c,
		      const struct store_viewer *viewer,
		      struct store_member *out)
{
	if (sqlite_member_find(db, c, viewer->id, out))
		return true;
	return c->kind == CONVERSATION_SUPPORT &&
	       viewer->role == ROLE_OPERATOR &&
	       find_row(db, c->n, ID_SERVER, out);
}

int64_t sqlite_sight_of(const struct sqlite_db *db,
			const struct sqlite_conversation *c,
			const struct store_viewer *viewer,
			const struct store_member *me)
{
	if (c->kind != CONVERSATION_LOBBY)
		return store_sight(viewer, c->kind, me);
	return db->lobby ? store_larger(1, c->last_seq - LIMIT_LOBBY + 1) : 0;
}

int64_t sqlite_sight(struct sqlite_db *db, const struct sqlite_conversation *c,
		     const struct store_viewer *viewer)
{
	struct store_member me;
	bool member = sqlite_member_of(db, c, viewer, &me);

	return sqlite_sight_of(db, c, viewer, member ? &me : NULL);
}

/* By membership, or by role. */
static bool sees(struct sqlite_db *db, const struct sqlite_conversation *c,
		 const char *id)
{
	struct store_viewer viewer = {id, ROLE_USER};
	struct store_user user;

	if (c->kind == CONVERSATION_DIRECT || c->kind == CONVERSATION_GROUP)
		return sqlite_sight(db, c, &viewer) > 0;
	if (!sqlite_user_find(db, id, &user))
		return false;
	viewer.role = user.role;
	store_user_done(&user);
	return sqlite_sight(db, c, &viewer) > 0;
}

bool sqlite_mentions_seen(struct sqlite_db *db,
			  const struct sqlite_conversation *c,
			  const char *client,
			  const struct store_mention *mentions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *user = mentions[i].user;

		if (client != NULL &&
		    (strcmp(user, client) == 0 || strcmp(user, ID_SERVER) == 0))
			continue;
		if (!sees(db, c, user))
			return false;
	}
	return true;
}

void sqlite_member_write(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const struct store_member *member)
{
	static const char low[] = "UPDATE conversation SET low_received = ?2,"
				  " low_read = ?3 WHERE id = ?1";
	static const char high[] = "UPDATE conversation SET high_received = ?2,"
				   " high_read = ?3 WHERE id = ?1";
	static const char others[] =
		"UPDATE member SET received_seq = ?, read_seq = ?"
		" WHERE n = ? AND user_id = ?";

	if (c->kind == CONVERSATION_DIRECT)
		QUERY_RUN(db, strcmp(member->user_id, c->low) == 0 ? low : high,
			  ID(c->id), INT(member->received_seq),
			  INT(member->read_seq));
	else
		QUERY_RUN(db, others, INT(member->received_seq),
			  INT(member->read_seq), INT(c->n),
			  ID(member->user_id));
}

/* ---- all of them ---- */

#define HIDES(user)                                                            \
	"EXISTS (SELECT 1 FROM user INDEXED BY user_hides_receipts"            \
	" WHERE id = " user " AND hides_receipts = 1)"

/* Hardly anybody does, and a list would ask for each of its conversations. */
static bool some_hide(struct sqlite_db *db)
{
	static const char sql[] =
		"SELECT 1 FROM user INDEXED BY user_hides_receipts"
		" WHERE hides_receipts = 1 LIMIT 1";

	if (!db->hiders_asked)
		db->hiders = QUERY_INT(db, sql) != 0;
	db->hiders_asked = true;
	return db->hiders;
}

static bool hides_receipts(struct sqlite_db *db, const char *user)
{
	static const char sql[] = "SELECT " HIDES("?");

	return some_hide(db) && QUERY_INT(db, sql, ID(user)) != 0;
}

static void read_direct(struct sqlite_db *db,
			const struct sqlite_conversation *c,
			struct sqlite_members *out)
{
	static const char sql[] = "SELECT " HIDES("?1") " + 2 * " HIDES("?2");
	int64_t hides =
		some_hide(db) ? QUERY_INT(db, sql, ID(c->low), ID(c->high)) : 0;

	direct_member(c, true, &out->members[0]);
	direct_member(c, false, &out->members[1]);
	out->conversation.member_count =
		sqlite_conversation_is_notes(c) ? 1 : 2;
	out->members[0].hides_receipts = hides & 1;
	out->members[1].hides_receipts = hides & 2;
}

static void read_rows(struct sqlite_db *db, int64_t n,
		      struct sqlite_members *out)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(MEMBER_COLUMNS) ", " HIDES(
			"g.user_id") " FROM member g WHERE g.n = ? ORDER BY "
				     "g.user_id";
	struct query q = QUERY(db, sql, INT(n));
	size_t *count = &out->conversation.member_count;

	for (; query_row(&q); (*count)++) {
		struct store_member *member = &out->members[*count];

		if (*count >= LIMIT_MEMBERS_SHOWN)
			continue;
		sqlite_member_row(&q, 0, member);
		member->hides_receipts =
			query_int(&q, MEMBER_COLUMN_COUNT) != 0;
	}
}

/* Who hides how far they have read sees it of nobody, and nobody of them. */
static void hide_receipts(const char *viewer, struct store_member *members,
			  size_t count)
{
	bool blind = false;

	for (size_t i = 0; i < count; i++)
		blind |= members[i].hides_receipts &&
			 strcmp(members[i].user_id, viewer) == 0;
	for (size_t i = 0; i < count; i++) {
		struct store_member *member = &members[i];

		if ((blind || member->hides_receipts) &&
		    strcmp(member->user_id, viewer) != 0)
			member->read_seq = member->joined_seq - 1;
	}
}

/* member: one of the two. */
static void hold_marks(struct sqlite_db *db, const char *blocker,
		       const char *blocked, struct store_member *member)
{
	int of = strcmp(member->user_id, blocker) == 0 ? 0 : 2;
	static const char sql[] = "SELECT received_seq, read_seq,"
				  " other_received_seq, other_read_seq"
				  " FROM user_block"
				  " WHERE blocker = ? AND blocked = ?";
	struct query q = QUERY(db, sql, ID(blocker), ID(blocked));

	if (query_row(&q)) {
		member->received_seq = query_int(&q, of);
		member->read_seq = query_int(&q, of + 1);
	}
	query_close(&q);
}

void sqlite_member_hold(struct sqlite_db *db,
			const struct sqlite_conversation *c, const char *viewer,
			struct store_member *other)
{
	if (strcmp(other->user_id, viewer) == 0)
		return;
	if (sqlite_conversation_blocks(c, viewer))
		hold_marks(db, viewer, other->user_id, other);
	else if (sqlite_conversation_blocks(c, other->user_id))
		hold_marks(db, other->user_id, viewer, other);
}

void sqlite_members_read(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const char *viewer, struct sqlite_members *out)
{
	out->conversation = (struct store_conversation){
		.kind = c->kind,
		.last_seq = c->last_seq,
		.last_change = c->last_change,
	};
	memcpy(out->conversation.id, c->id, ID_SIZE);
	if (c->kind == CONVERSATION_DIRECT)
		read_direct(db, c, out);
	else
		read_rows(db, c->n, out);
	if (c->blocks != 0) {
		sqlite_member_hold(db, c, viewer, &out->members[0]);
		sqlite_member_hold(db, c, viewer, &out->members[1]);
	}
	if (out->conversation.member_count <= LIMIT_MEMBERS_SHOWN)
		hide_receipts(viewer, out->members,
			      out->conversation.member_count);
	if (out->conversation.member_count <= LIMIT_MEMBERS_SHOWN)
		out->conversation.members = out->members;
}

char *sqlite_members_later(struct sqlite_db *db,
			   const struct sqlite_conversation *c, int64_t seq)
{
	static const char sql[] =
		"SELECT user_id FROM member WHERE n = ? AND joined_seq > ?";
	char *ids = NULL;
	size_t len = 0;

	if (c->kind != CONVERSATION_GROUP)
		return NULL;
	struct query q = QUERY(db, sql, INT(c->n), INT(seq));

	for (; query_row(&q); len += ID_LEN) {
		ids = xrealloc(ids, len + ID_SIZE);
		query_id(&q, 0, ids + len);
	}
	query_close(&q);
	return ids;
}

static bool own_only(struct sqlite_db *db, const struct sqlite_conversation *c)
{
	static const char sql[] =
		"SELECT 1 FROM member WHERE n = ? LIMIT 1 OFFSET ?";

	if (c->kind == CONVERSATION_DIRECT)
		return c->blocks != 0;
	return QUERY_INT(db, sql, INT(c->n), INT(LIMIT_MEMBERS_SHOWN)) != 0;
}

/* Of a direct conversation nobody has a row. */
static bool some_hide_receipts(struct sqlite_db *db,
			       const struct sqlite_conversation *c)
{
	static const char sql[] = "SELECT 1 FROM member g WHERE g.n = ?"
				  " AND " HIDES("g.user_id") " LIMIT 1";

	return some_hide(db) && QUERY_INT(db, sql, INT(c->n)) != 0;
}

void sqlite_marks_for(struct sqlite_db *db, const struct sqlite_conversation *c,
		      struct store_read_marks *marks)
{
	marks->own_only = own_only(db, c);
	marks->read_own_only =
		hides_receipts(db, marks->user_id) ||
		(c->kind == CONVERSATION_DIRECT &&
		 hides_receipts(db,
				sqlite_conversation_other(c, marks->user_id)));
	marks->read_partly = !marks->own_only && !marks->read_own_only &&
			     some_hide_receipts(db, c);
}

/* ---- what is hidden from a viewer ---- */

int64_t sqlite_last_seen(const struct sqlite_conversation *c,
			 const char *viewer)
{
	return c->last_hidden > 0 && strcmp(c->last_sender, viewer) != 0
		       ? c->last_hidden - 1
		       : c->last_seq;
}

int64_t sqlite_hidden_behind(struct sqlite_db *db,
			     const struct sqlite_conversation *c,
			     const char *viewer, int64_t seq)
{
	static const char sql[] =
		"SELECT count(*) FROM message INDEXED BY message_hidden"
		" WHERE place BETWEEN ? AND ? AND sender <> ? AND hidden > 0";

	return c->hidden == 0
		       ? 0
		       : QUERY_INT(db, sql, INT(sqlite_place_of(c->n, seq + 1)),
				   INT(sqlite_place_of(c->n, SQLITE_SEQ_MAX)),
				   ID(viewer));
}

/* ---- which messages they have read ---- */

/* The id of the newest message at or below seq that the marks' user did not
 * write; of those of the server, which operators share, that its client wrote.
 * "" if there is none. */
static void find_newest_of_others(struct sqlite_db *db, int64_t n, int64_t seq,
				  const char *user, char out[ID_SIZE])
{
	static const char others[] =
		"SELECT id FROM message WHERE place BETWEEN ?1 AND ?2"
		" AND sender <> ?3 AND hidden = 0 ORDER BY place DESC LIMIT 1";
	static const char clients[] =
		"SELECT id FROM message WHERE place BETWEEN ?1 AND ?2"
		" AND sender = (SELECT user_id FROM member"
		"  WHERE n = ?1 >> 32 AND user_id <> ?3)"
		" ORDER BY place DESC LIMIT 1";
	const char *sql = strcmp(user, ID_SERVER) == 0 ? clients : others;
	int64_t first = store_larger(seq - LOOK_BACK + 1, 1);
	struct query q = QUERY(db, sql, INT(sqlite_place_of(n, first)),
			       INT(sqlite_place_of(n, seq)), ID(user));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

/* Mostly it is the newest of all, which needs no looking for. */
static void newest_of_others(struct sqlite_db *db,
			     const struct sqlite_conversation *c,
			     const char *newest, int64_t seq, const char *user,
			     char out[ID_SIZE])
{
	if (newest[0] != '\0' && seq >= c->last_seq && c->last_hidden == 0 &&
	    c->kind != CONVERSATION_SUPPORT &&
	    strcmp(c->last_sender, user) != 0)
		memcpy(out, newest, ID_SIZE);
	else
		find_newest_of_others(db, c->n, seq, user, out);
}

void sqlite_members_name(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const char *newest, struct store_read_marks *marks)
{
	newest_of_others(db, c, newest, marks->read_seq, marks->user_id,
			 marks->read_message);
	if (marks->received_seq == marks->read_seq)
		memcpy(marks->received_message, marks->read_message, ID_SIZE);
	else
		newest_of_others(db, c, newest, marks->received_seq,
				 marks->user_id, marks->received_message);
}
