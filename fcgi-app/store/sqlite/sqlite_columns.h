/*
 * sqlite_columns - rows as entities: which columns a query asks for, and what
 * becomes of them.
 *
 * A list of columns makes both the words of a query and their numbers:
 *
 *	"SELECT " COLUMNS_OF(MESSAGE_COLUMNS) " FROM message m ..."
 *	out->created_at = query_int(q, at + m_created_at);
 *
 * where at is the number of the first of them in the query. A _row() function
 * borrows its texts from the row; an _own() makes them the entity's.
 */
#ifndef SQLITE_COLUMNS_H
#define SQLITE_COLUMNS_H

#include "sqlite_query.h"

#define COLUMN_FIRST(alias, name) #alias "." #name
#define COLUMN_NEXT(alias, name) ", " #alias "." #name
#define COLUMN_NUMBER(alias, name) alias##_##name,
#define COLUMNS_OF(list) list(COLUMN_FIRST, COLUMN_NEXT)
#define COLUMN_NUMBERS(list) list(COLUMN_NUMBER, COLUMN_NUMBER)

/* Of user u, what everyone may see, of whom the id is known or not; and the
 * rest. */
#define USER_FACE_COLUMNS(FIRST, NEXT)                                         \
	FIRST(u, username)                                                     \
	NEXT(u, display_name)                                                  \
	NEXT(u, avatar)                                                        \
	NEXT(u, status_text)                                                   \
	NEXT(u, role)                                                          \
	NEXT(u, created_at) NEXT(u, last_seen) NEXT(u, hides_last_seen)
#define USER_SHOWN_COLUMNS(FIRST, NEXT)                                        \
	USER_FACE_COLUMNS(FIRST, NEXT) NEXT(u, id)
#define USER_COLUMNS(FIRST, NEXT)                                              \
	USER_SHOWN_COLUMNS(FIRST, NEXT)                                        \
	NEXT(u, email)                                                         \
	NEXT(u, disabled)                                                      \
	NEXT(u, contacts_add)                                                  \
	NEXT(u, hides_receipts)                                                \
	NEXT(u, muted_until)                                                   \
	NEXT(u, password_hash)
/* Of session s, whose it is and how long it lives; and the rest. */
#define SESSION_LIFE_COLUMNS(FIRST, NEXT)                                      \
	FIRST(s, user_id)                                                      \
	NEXT(s, created_at) NEXT(s, last_used) NEXT(s, expires_at)
#define SESSION_COLUMNS(FIRST, NEXT)                                           \
	SESSION_LIFE_COLUMNS(FIRST, NEXT)                                      \
	NEXT(s, id) NEXT(s, agent) NEXT(s, address)
/* Of conversation c, how it stands, and which it is; and all but its title. */
#define MARK_COLUMNS(FIRST, NEXT)                                              \
	FIRST(c, last_change)                                                  \
	NEXT(c, blocks)                                                        \
	NEXT(c, low_received)                                                  \
	NEXT(c, low_read) NEXT(c, high_received) NEXT(c, high_read)
#define STATE_COLUMNS(FIRST, NEXT)                                             \
	FIRST(c, id) NEXT(c, n) NEXT(c, kind) MARK_COLUMNS(NEXT, NEXT)
#define CONVERSATION_COLUMNS(FIRST, NEXT)                                      \
	STATE_COLUMNS(FIRST, NEXT)                                             \
	NEXT(c, low) NEXT(c, high) NEXT(c, made) NEXT(c, hidden)
/* Of message m, what its place in the conversation says; and the rest. */
#define STEP_COLUMNS(FIRST, NEXT)                                              \
	FIRST(m, place) NEXT(m, sender) NEXT(m, hidden)
#define MESSAGE_COLUMNS(FIRST, NEXT)                                           \
	STEP_COLUMNS(FIRST, NEXT)                                              \
	NEXT(m, created_at)                                                    \
	NEXT(m, id)                                                            \
	NEXT(m, kind)                                                          \
	NEXT(m, sender_name)                                                   \
	NEXT(m, content)                                                       \
	NEXT(m, client_id)                                                     \
	NEXT(m, reply_to)                                                      \
	NEXT(m, edited)                                                        \
	NEXT(m, deleted)                                                       \
	NEXT(m, attachment)                                                    \
	NEXT(m, mentions)                                                      \
	NEXT(m, erased) NEXT(m, reacted) NEXT(m, hidden_content)
/* Of file f. */
#define FILE_COLUMNS(FIRST, NEXT)                                              \
	FIRST(f, id)                                                           \
	NEXT(f, owner)                                                         \
	NEXT(f, hash)                                                          \
	NEXT(f, name)                                                          \
	NEXT(f, mime)                                                          \
	NEXT(f, size)                                                          \
	NEXT(f, width)                                                         \
	NEXT(f, height) NEXT(f, duration) NEXT(f, preview) NEXT(f, created_at)
/* Of change h. */
#define CHANGE_COLUMNS(FIRST, NEXT)                                            \
	FIRST(h, place)                                                        \
	NEXT(h, kind)                                                          \
	NEXT(h, by)                                                            \
	NEXT(h, created_at) NEXT(h, emoji) NEXT(h, taken) NEXT(h, hidden)
/* Of member g. */
#define MEMBER_COLUMNS(FIRST, NEXT)                                            \
	FIRST(g, user_id)                                                      \
	NEXT(g, owner)                                                         \
	NEXT(g, joined_seq) NEXT(g, received_seq) NEXT(g, read_seq)
/* Of what is in a user's list, i, what is theirs alone. */
#define OWN_COLUMNS(FIRST, NEXT)                                               \
	FIRST(i, conversation)                                                 \
	NEXT(i, muted_until)                                                   \
	NEXT(i, pinned)                                                        \
	NEXT(i, archived)                                                      \
	NEXT(i, archived_seq) NEXT(i, marked_unread) NEXT(i, draft) NEXT(i, own)

enum { COLUMN_NUMBERS(USER_COLUMNS) USER_COLUMN_COUNT };
enum { COLUMN_NUMBERS(SESSION_COLUMNS) SESSION_COLUMN_COUNT };
enum { COLUMN_NUMBERS(CONVERSATION_COLUMNS) CONVERSATION_COLUMN_COUNT };
enum { COLUMN_NUMBERS(MESSAGE_COLUMNS) MESSAGE_COLUMN_COUNT };
enum { COLUMN_NUMBERS(FILE_COLUMNS) FILE_COLUMN_COUNT };
enum { COLUMN_NUMBERS(CHANGE_COLUMNS) CHANGE_COLUMN_COUNT };
enum { COLUMN_NUMBERS(MEMBER_COLUMNS) MEMBER_COLUMN_COUNT };
enum { COLUMN_NUMBERS(OWN_COLUMNS) OWN_COLUMN_COUNT };
#define USER_SHOWN_COLUMN_COUNT (u_id + 1)
#define SESSION_LIFE_COLUMN_COUNT (s_expires_at + 1)
#define STATE_COLUMN_COUNT (c_high_read + 1)
#define STEP_COLUMN_COUNT (m_hidden + 1)

/* One's own marks and draft in a conversation: user and id. */
#define SELECT_OWN                                                             \
	"SELECT " COLUMNS_OF(OWN_COLUMNS) " FROM inbox i"                      \
					  " WHERE i.user_id = ?"               \
					  " AND i.conversation = ?"

/* Of the newest message of a conversation. */
#define NEWEST_COLUMNS COLUMNS_OF(STEP_COLUMNS) ", m.other_own"
#define NEWEST_COLUMN_COUNT (STEP_COLUMN_COUNT + 1)

/* Its id stays as it is. */
void sqlite_user_face_row(const struct query *q, int at,
			  struct store_user *out);
void sqlite_user_shown_row(const struct query *q, int at,
			   struct store_user *out);
void sqlite_user_row(const struct query *q, int at, struct store_user *out);

/* All but id, agent and address. */
void sqlite_session_life(const struct query *q, int at,
			 struct store_session *out);
void sqlite_session_row(const struct query *q, int at,
			struct store_session *out);

/* Who of the two blocks the other one. */
enum sqlite_blocks { LOW_BLOCKS = 1, HIGH_BLOCKS = 2 };

/* A conversation, and its newest message. */
struct sqlite_conversation {
	char id[ID_SIZE];
	int64_t n;
	enum store_conversation_kind kind;
	char low[ID_SIZE], high[ID_SIZE]; /* "" outside direct */
	char made[ID_SIZE];
	int64_t last_change;
	int blocks;	/* enum sqlite_blocks */
	int64_t hidden; /* messages */
	/* Moved by reading; who wrote has read on (sqlite_members.h). */
	int64_t low_received, low_read, high_received, high_read;

	int64_t last_seq; /* 0: no message yet, and nothing below */
	char last_sender[ID_SIZE];
	int64_t last_other_own, last_hidden;
};
/* STATE_COLUMNS: with nobody in it, and nothing hidden. */
void sqlite_conversation_state(const struct query *q, int at,
			       struct sqlite_conversation *out);
void sqlite_conversation_row(const struct query *q, int at,
			     struct sqlite_conversation *out);
/* NEWEST_COLUMNS; NULL for none. */
void sqlite_conversation_last(const struct query *q, int at,
			      struct sqlite_conversation *out);
/* Whose a direct one is: the smaller id is low. */
void sqlite_conversation_pair(struct sqlite_conversation *c, const char *user,
			      const char *other);
/* Of one member alone, who writes it for themselves? */
bool sqlite_conversation_is_notes(const struct sqlite_conversation *c);
/* The other one of a direct conversation, of one's notes oneself; "" for any
 * other. */
const char *sqlite_conversation_other(const struct sqlite_conversation *c,
				      const char *user);

/* Its texts are those that the viewer sees; "": who did not write it. */
void sqlite_message_row(struct query *q, int at,
			const struct sqlite_conversation *c, const char *viewer,
			struct store_message *out);
/* Does that user block the other one there? */
bool sqlite_conversation_blocks(const struct sqlite_conversation *c,
				const char *user);

/* Its message only of an erase; of a reaction as everybody may know of it. */
void sqlite_change_row(const struct query *q, int at,
		       const struct sqlite_conversation *c,
		       struct store_change *out);

void sqlite_member_row(const struct query *q, int at, struct store_member *out);

void sqlite_own_row(const struct query *q, int at, struct store_own *out);

#endif
