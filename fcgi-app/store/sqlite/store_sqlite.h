/*
 * store_sqlite - the SQLite backend: what its files share. Each verb is in
 * the file of its subject; none of this leaves the folder.
 *
 * Verbs begin and end as sqlite_db.h says, and look at nothing in between but
 * what their queries found.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "palabre_limits.h"
#include "sqlite_query.h"
#include "store_backend.h"

struct store_sqlite {
	struct store base;
	struct sqlite_db db;
};

static inline struct sqlite_db *store_sqlite_db(struct store *store)
{
	return &((struct store_sqlite *)store)->db;
}

static inline struct sqlite_db *sqlite_begin(struct store *store,
					     enum sqlite_access access)
{
	struct sqlite_db *db = store_sqlite_db(store);

	sqlite_db_begin(db, access);
	return db;
}

static inline enum store_status sqlite_end_found(struct sqlite_db *db,
						 bool found)
{
	return sqlite_db_end(db, found ? STORE_OK : STORE_NOT_FOUND);
}

/* ---- store_sqlite_rows.c: columns of a query as entities ----
 *
 * _row() borrows its texts from the row; _own() makes them the entity's. */

/* Of user u, what everyone may see. */
#define USER_SHOWN_COLUMNS                                                     \
	"u.id, u.username, u.display_name, u.avatar, u.status_text, u.role,"   \
	" u.created_at, u.last_seen"
#define USER_SHOWN_COLUMN_COUNT 8
#define USER_COLUMNS                                                           \
	USER_SHOWN_COLUMNS                                                     \
	", u.email, u.disabled, u.muted_until, u.failures, u.locked_until,"    \
	" u.password_hash"
/* Of message m. */
#define MESSAGE_OWN_COLUMNS                                                    \
	"m.id, m.seq, m.kind, m.sender, m.sender_name, m.content,"             \
	" m.client_id, m.reply_to, m.created_at, m.edited, m.deleted"
#define MESSAGE_OWN_COLUMN_COUNT 11
/* Of conversation c, what all its messages say alike. */
#define PLACE_COLUMNS "c.id, c.kind, c.low, c.high"
#define PLACE_COLUMN_COUNT 4
#define MESSAGE_COLUMNS MESSAGE_OWN_COLUMNS ", " PLACE_COLUMNS
#define MESSAGE_COLUMN_COUNT (MESSAGE_OWN_COLUMN_COUNT + PLACE_COLUMN_COUNT)
/* Of change h; its message's behind them. */
#define CHANGE_COLUMNS "h.change, h.kind, h.created_at, h.id, "
#define CHANGE_COLUMN_COUNT 4
#define CHANGE_ID_COLUMN 3
#define FROM_CHANGE                                                            \
	"SELECT " CHANGE_COLUMNS MESSAGE_COLUMNS " FROM change h"              \
	" JOIN message m ON m.conversation = h.conversation"                   \
	"  AND m.seq = h.seq"                                                  \
	" JOIN conversation c ON c.id = h.conversation"

struct sqlite_place {
	char conversation[ID_SIZE];
	enum store_conversation_kind kind;
	char low[ID_SIZE], high[ID_SIZE]; /* "" outside direct */
};

void sqlite_user_shown_row(const struct query *q, int column,
			   struct store_user *out);
void sqlite_user_row(const struct query *q, int column, struct store_user *out);
void sqlite_user_own(struct store_user *user);
void sqlite_place_row(const struct query *q, int column,
		      struct sqlite_place *out);
/* MESSAGE_OWN_COLUMNS of a message there. */
void sqlite_message_row_in(const struct query *q, int column,
			   const struct sqlite_place *place,
			   struct store_message *out);
void sqlite_message_row(const struct query *q, int column,
			struct store_message *out);
void sqlite_message_own(struct store_message *message);
void sqlite_change_row(const struct query *q, int column,
		       struct store_change *out);

/* ---- what one subject asks of another ---- */

/* False: there is none. */
bool sqlite_user_find(struct sqlite_db *db, const char *id,
		      struct store_user *out);
/* Which field belongs to somebody other than id ("": to anybody); NULL: none.
 * A name or address that is NULL is nobody's. */
const char *sqlite_user_taken(struct sqlite_db *db, const char *id,
			      const char *name_folded, const char *email_lower);
/* A living user who is not disabled. */
bool sqlite_user_active(struct sqlite_db *db, const char *id);

/* A member's row and what its conversation says; locked by the caller's
 * transaction. */
struct sqlite_member {
	enum store_conversation_kind kind;
	char other[ID_SIZE]; /* direct: the other one; else "" */
	int64_t last_seq, last_change;
	int64_t joined_seq, received_seq, read_seq;
};
bool sqlite_member_get(struct sqlite_db *db, const char *conversation,
		       const char *user, struct sqlite_member *out);

/* A message's conversation, as its members see it now: kind and members. */
struct sqlite_members {
	struct store_conversation in;
	struct store_member members[LIMIT_MEMBERS_SHOWN];
};
void sqlite_members_read(struct sqlite_db *db,
			 const struct store_message *message,
			 struct sqlite_members *out);

/* Both message ids of read marks. */
void sqlite_name_messages(struct sqlite_db *db, struct store_read_marks *marks);

enum store_status sqlite_mark(struct store *, const struct store_viewer *,
			      const char *id, const struct store_reach *,
			      int64_t now_ms, struct store_read_marks *);

/* The verb that is too long for the file of its table. */
enum store_status sqlite_send(struct store *, const struct store_viewer *,
			      const struct store_send *,
			      const char *conversation, struct store_sent *);

enum store_status sqlite_verify(struct store *, int64_t *checked,
				store_each_problem *, void *);

extern const struct store_user_verbs sqlite_user_verbs;
extern const struct store_account_verbs sqlite_account_verbs;
extern const struct store_session_verbs sqlite_session_verbs;
extern const struct store_conversation_verbs sqlite_conversation_verbs;
extern const struct store_message_verbs sqlite_message_verbs;
extern const struct store_event_verbs sqlite_event_verbs;

#endif
