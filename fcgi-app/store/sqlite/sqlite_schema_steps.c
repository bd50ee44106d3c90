#include "sqlite_schema_steps.h"

#include "mem.h"

/*
 * Ids are 12 bytes. Each conversation has a number n besides, and a message's
 * place, its key, is n and seq in one number:
 *
 *     place = n << 32 | seq
 *
 * So messages are clustered by (conversation, seq), as are changes by
 * (conversation, change): a page of history is one range. Whole numbers as
 * keys keep the trees flat, for only their leaves hold rows.
 *
 * What a send has to write is kept small (bench/store counts it): a message and
 * its entries in two indexes, whose purposes are to be found by id, in the
 * order of the writes, and to be there once per clientId. lastSeq is the newest
 * message's. Who writes has read all before it, which their message says, too:
 *
 *     other_own      direct: the newest seq that the other one had written
 *     passed_unread  1: its sender had not read all before it
 *     hidden         direct: the other one blocked its sender and sees nothing
 *                    of it; one more than the newest seq that they saw then
 *
 * so in a direct conversation the read marks in the row of the conversation are
 * those that were moved by reading, and the newest own message counts as well.
 *
 * low and high are the two users of a direct conversation, smaller id first (of
 * one's notes both are oneself); any other has its members, and their marks, in
 * member. inbox is what each user's list is made of, in any kind of
 * conversation.
 *
 * event is what happened besides messages, in order: a change, or a mark that
 * moved by reading. Housekeeping forgets it after a while.
 *
 * message.edited and .deleted are the number of the change that did it, 0 for
 * never. No key points at user: guests go, what they wrote stays. Texts of
 * edits are folded into the message and kept nowhere else, so that what is
 * deleted is gone. A client_id that is a UUID is kept as its 16 bytes.
 *
 * Numbers of enums are those of store_types.h, pinned here. BETWEEN, not IN,
 * which makes a table for each row that is written.
 */
static const char schema_1[] =
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	" STRICT, WITHOUT ROWID;"

	"CREATE TABLE user ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" username TEXT NOT NULL, username_folded TEXT NOT NULL UNIQUE,"
	" email TEXT UNIQUE,"
	" name_seek TEXT NOT NULL, name_shape TEXT NOT NULL,"
	" display_name TEXT NOT NULL, display_seek TEXT NOT NULL,"
	" avatar TEXT NOT NULL, status_text TEXT NOT NULL,"
	" password_hash TEXT,"
	" role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),"
	" disabled INTEGER NOT NULL DEFAULT 0"
	"  CHECK (disabled BETWEEN 0 AND 1),"
	" contacts_add INTEGER NOT NULL DEFAULT 0"
	"  CHECK (contacts_add BETWEEN 0 AND 1),"
	" muted_until INTEGER NOT NULL DEFAULT 0,"
	" own INTEGER NOT NULL DEFAULT 0," /* counts changes in the inbox */
	" created_at INTEGER NOT NULL, last_seen INTEGER NOT NULL DEFAULT 0"
	") STRICT, WITHOUT ROWID;"
	/* The directory is counted for each page of it: by the index alone.
	 * Its own condition counts as two columns that it must have. */
	"CREATE INDEX user_listed"
	" ON user (username_folded, name_seek, display_seek, role, disabled)"
	" WHERE role <> 2 AND disabled = 0;"
	"CREATE INDEX user_shape ON user (name_shape);"

	"CREATE TABLE session ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" user_id BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
	" created_at INTEGER NOT NULL, last_used INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL,"
	" agent TEXT NOT NULL, address TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX session_user ON session (user_id);"

	/* At passwords; key is a hash of whose and from where. */
	"CREATE TABLE guess ("
	" n INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
	" failures INTEGER NOT NULL, locked_until INTEGER NOT NULL,"
	" at INTEGER NOT NULL) STRICT;"

	/* From where a user signed in, and when last. */
	"CREATE TABLE network ("
	" user_id BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
	" network TEXT NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (user_id, network)) STRICT, WITHOUT ROWID;"

	/* Names that users had, reserved for them for a while. */
	"CREATE TABLE old_name ("
	" user_id BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
	" name_folded TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX old_name_user ON old_name (user_id, at);"
	"CREATE INDEX old_name_name ON old_name (name_folded);"

	"CREATE TABLE conversation ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" n INTEGER NOT NULL UNIQUE CHECK (n BETWEEN 1 AND 2147483647),"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),"
	" made BLOB NOT NULL CHECK (length(made) = 12)," /* a position */
	" title TEXT NOT NULL DEFAULT '',"
	" avatar TEXT NOT NULL DEFAULT '',"
	" low BLOB, high BLOB,"
	/* 1: low blocks high, 2: high low. How many messages are hidden. */
	" blocks INTEGER NOT NULL DEFAULT 0 CHECK (blocks BETWEEN 0 AND 3),"
	" hidden INTEGER NOT NULL DEFAULT 0,"
	" last_change INTEGER NOT NULL DEFAULT 0,"
	" low_received INTEGER NOT NULL DEFAULT 0,"
	" low_read INTEGER NOT NULL DEFAULT 0,"
	" high_received INTEGER NOT NULL DEFAULT 0,"
	" high_read INTEGER NOT NULL DEFAULT 0,"
	" CHECK (iif(kind = 0, low < high,"
	"  coalesce(low, high) IS NULL))"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE member ("
	" n INTEGER NOT NULL, user_id BLOB NOT NULL,"
	" owner INTEGER NOT NULL DEFAULT 0 CHECK (owner BETWEEN 0 AND 1),"
	" joined_seq INTEGER NOT NULL DEFAULT 1,"
	" received_seq INTEGER NOT NULL DEFAULT 0,"
	" read_seq INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (n, user_id)"
	") STRICT, WITHOUT ROWID;"

	/* To join a group by. One is revoked by the next. */
	"CREATE TABLE link ("
	" code TEXT PRIMARY KEY, n INTEGER NOT NULL, by BLOB NOT NULL,"
	" created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
	" revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked BETWEEN 0 AND 1)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX link_group ON link (n);"

	/* kind, other and n are the conversation's, which never change. */
	"CREATE TABLE inbox ("
	" user_id BLOB NOT NULL, conversation BLOB NOT NULL,"
	" n INTEGER NOT NULL,"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),"
	" other BLOB," /* direct: the other one */
	" muted_until INTEGER NOT NULL DEFAULT 0,"
	" pinned INTEGER NOT NULL DEFAULT 0,"
	" archived INTEGER NOT NULL DEFAULT 0 CHECK (archived BETWEEN 0 AND 1),"
	" marked_unread INTEGER NOT NULL DEFAULT 0"
	"  CHECK (marked_unread BETWEEN 0 AND 1),"
	" own INTEGER NOT NULL DEFAULT 0," /* user.own of its last change */
	" PRIMARY KEY (user_id, conversation)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE message ("
	" place INTEGER PRIMARY KEY,"
	" n INTEGER NOT NULL AS (place >> 32) VIRTUAL,"
	" seq INTEGER NOT NULL AS (place & 4294967295) VIRTUAL,"
	" id BLOB NOT NULL CHECK (length(id) = 12),"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),"
	" sender BLOB NOT NULL, other_own INTEGER NOT NULL,"
	" passed_unread INTEGER NOT NULL,"
	" hidden INTEGER NOT NULL DEFAULT 0,"
	" created_at INTEGER NOT NULL,"
	" edited INTEGER NOT NULL DEFAULT 0,"
	" deleted INTEGER NOT NULL DEFAULT 0,"
	" sender_name TEXT NOT NULL, content TEXT NOT NULL,"
	" client_id ANY, request_hash BLOB, reply_to BLOB,"
	/* 1: its sender was erased. 2: somebody in it was. */
	" erased INTEGER NOT NULL DEFAULT 0 CHECK (erased BETWEEN 0 AND 2),"
	" attachment TEXT, mentions TEXT" /* as they are shown, in JSON */
	") STRICT;"
	"CREATE UNIQUE INDEX message_id ON message (id);"
	"CREATE UNIQUE INDEX message_client ON message (n, client_id, sender)"
	" WHERE client_id IS NOT NULL;"

	"CREATE INDEX message_hidden ON message (place, sender)"
	" WHERE hidden > 0;"

	/* In direct conversations. The marks are those of who blocks that the
	 * other one goes on seeing. */
	"CREATE TABLE user_block ("
	" blocker BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
	" blocked BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
	" received_seq INTEGER NOT NULL, read_seq INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" PRIMARY KEY (blocker, blocked)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX user_block_blocked ON user_block (blocked);"

	/* Who is being erased, and how far messages were gone through: up to
	 * that place. n: a conversation where there was something. */
	"CREATE TABLE erasure ("
	" user_id BLOB PRIMARY KEY, place INTEGER NOT NULL DEFAULT 0,"
	" n INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE file ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" owner BLOB NOT NULL, hash TEXT NOT NULL,"
	" name TEXT NOT NULL, mime TEXT NOT NULL, size INTEGER NOT NULL,"
	" width INTEGER NOT NULL, height INTEGER NOT NULL,"
	" duration INTEGER NOT NULL," /* ms */
	" preview INTEGER NOT NULL CHECK (preview BETWEEN 0 AND 1),"
	" created_at INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX file_owner ON file (owner, size);"
	"CREATE INDEX file_hash ON file (hash);"
	/* Which messages name which files, and whose picture one is. */
	"CREATE TABLE attached ("
	" file BLOB NOT NULL, place INTEGER NOT NULL,"
	" PRIMARY KEY (file, place)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX user_avatar ON user (avatar)"
	" WHERE length(avatar) = 24;"
	"CREATE INDEX conversation_avatar ON conversation (avatar)"
	" WHERE length(avatar) = 24;"

	"CREATE TABLE change ("
	" place INTEGER PRIMARY KEY," /* n << 32 | change */
	" n INTEGER NOT NULL AS (place >> 32) VIRTUAL,"
	" change INTEGER NOT NULL AS (place & 4294967295) VIRTUAL,"
	" seq INTEGER NOT NULL,"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),"
	" by BLOB NOT NULL, created_at INTEGER NOT NULL"
	") STRICT;"

	"CREATE TABLE event ("
	" position BLOB PRIMARY KEY CHECK (length(position) = 12),"
	" n INTEGER NOT NULL,"
	" change INTEGER, user_id BLOB,"
	" CHECK ((change IS NULL) <> (user_id IS NULL))"
	") STRICT, WITHOUT ROWID;";

/* To find who is to be swept. */
static const char schema_2[] =
	"CREATE INDEX user_guest ON user (id) WHERE role = 2;";

/* The server, a user like others: who writes to it writes to its operators.
 * Nobody signs in as it, it is in no directory (disabled), and no user could
 * have its name. */
static const char schema_3[] =
	"INSERT INTO user (id, username, username_folded, name_seek,"
	" name_shape, display_name, display_seek, avatar, status_text, role,"
	" disabled, created_at) VALUES (x'000000000000000000000001', '@server',"
	" '@server', '@server', '@server', 'Serveur', 'serveur',"
	" '\xf0\x9f\x99\x82', 'Disponible', 0, 1, 0);";

/* What operators look at and do: only ever added to, by whatever goes about
 * the file; and the networks that they block. */
static const char schema_4[] =
	"CREATE TABLE audit ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" by BLOB NOT NULL, act TEXT NOT NULL, user_id BLOB,"
	" until INTEGER NOT NULL, detail TEXT NOT NULL, at INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE TRIGGER audit_stays BEFORE UPDATE ON audit"
	" BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;"
	"CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit"
	" BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;"
	"CREATE TABLE address_block ("
	" network TEXT PRIMARY KEY, until INTEGER NOT NULL, by BLOB NOT NULL,"
	" at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX address_block_until ON address_block (until, network);";

/* All that was ever written to support is one list of many: where each of it
 * stands there, as a position, is kept for the server alone. */
static const char schema_5[] =
	"ALTER TABLE inbox ADD COLUMN newest BLOB;"
	"UPDATE inbox SET newest = (SELECT id FROM message WHERE place"
	"  BETWEEN inbox.n << 32 AND (inbox.n << 32 | 4294967295)"
	"  ORDER BY place DESC LIMIT 1)"
	" WHERE user_id = x'000000000000000000000001';"
	"CREATE INDEX inbox_newest ON inbox (user_id, newest)"
	" WHERE newest IS NOT NULL;";

/* Which message of support says that somebody has reported which message. */
static const char schema_6[] =
	"CREATE TABLE report ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" message BLOB NOT NULL, by BLOB NOT NULL, at INTEGER NOT NULL,"
	" copies INTEGER NOT NULL," /* that come behind it */
	" UNIQUE (message, by)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX report_by ON report (by, at);";

/* Of a conversation that one put away: its newest message then. And what one is
 * writing there, as it is shown, in JSON. */
static const char schema_7[] =
	"ALTER TABLE inbox ADD COLUMN archived_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE inbox ADD COLUMN draft TEXT;";

/* Who reacted to a message, in the order of the changes by which they did (of
 * somebody who was erased others have taken the place; what came by a copy has
 * 1, 2, 3). message.reacted: the newest change that is a reaction to it, 0 for
 * never; change.emoji: which one, of a reaction of somebody who was not erased;
 * taken: it was taken away. hidden: nobody but who reacted sees it. */
static const char schema_8[] =
	"CREATE TABLE reaction ("
	" place INTEGER NOT NULL, change INTEGER NOT NULL,"
	" emoji TEXT NOT NULL, user_id BLOB NOT NULL,"
	" hidden INTEGER NOT NULL CHECK (hidden BETWEEN 0 AND 1),"
	" PRIMARY KEY (place, change)) STRICT, WITHOUT ROWID;"
	"ALTER TABLE message ADD COLUMN reacted INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE change ADD COLUMN emoji TEXT;"
	"ALTER TABLE change ADD COLUMN taken INTEGER NOT NULL DEFAULT 0"
	" CHECK (taken BETWEEN 0 AND 1);"
	"ALTER TABLE change ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0"
	" CHECK (hidden BETWEEN 0 AND 1);";

/* A direct conversation with one member: what they note for themselves. */
#define CONVERSATION_NAMES                                                     \
	"id, n, kind, made, title, avatar, low, high, blocks, hidden,"         \
	" last_change, low_received, low_read, high_received, high_read"
static const char schema_9[] =
	"CREATE TABLE conversation_next ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 12),"
	" n INTEGER NOT NULL UNIQUE CHECK (n BETWEEN 1 AND 2147483647),"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),"
	" made BLOB NOT NULL CHECK (length(made) = 12),"
	" title TEXT NOT NULL DEFAULT '',"
	" avatar TEXT NOT NULL DEFAULT '',"
	" low BLOB, high BLOB,"
	" blocks INTEGER NOT NULL DEFAULT 0 CHECK (blocks BETWEEN 0 AND 3),"
	" hidden INTEGER NOT NULL DEFAULT 0,"
	" last_change INTEGER NOT NULL DEFAULT 0,"
	" low_received INTEGER NOT NULL DEFAULT 0,"
	" low_read INTEGER NOT NULL DEFAULT 0,"
	" high_received INTEGER NOT NULL DEFAULT 0,"
	" high_read INTEGER NOT NULL DEFAULT 0,"
	" CHECK (iif(kind = 0, low <= high,"
	"  coalesce(low, high) IS NULL))"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO conversation_next (" CONVERSATION_NAMES ")"
	" SELECT " CONVERSATION_NAMES " FROM conversation;"
	"DROP TABLE conversation;"
	"ALTER TABLE conversation_next RENAME TO conversation;"
	"CREATE INDEX conversation_avatar ON conversation (avatar)"
	" WHERE length(avatar) = 24;";

/* What messages say (sqlite_search.h), by place. */
static const char schema_10[] =
	"CREATE VIRTUAL TABLE search USING fts5 (words, content = '',"
	" columnsize = 0, prefix = '2 4', tokenize = 'ascii');";

/* To find what a conversation shows of files. */
static const char schema_11[] =
	"CREATE INDEX attached_place ON attached (place);";

/* What people show of themselves. Few hide what they read: the index holds
 * who. */
static const char schema_12[] =
	"ALTER TABLE user ADD COLUMN hides_last_seen INTEGER NOT NULL"
	" DEFAULT 0 CHECK (hides_last_seen BETWEEN 0 AND 1);"
	"ALTER TABLE user ADD COLUMN hides_receipts INTEGER NOT NULL"
	" DEFAULT 0 CHECK (hides_receipts BETWEEN 0 AND 1);"
	"CREATE INDEX user_hides_receipts ON user (id)"
	" WHERE hides_receipts = 1;";

/* Direct: the last edit, where the other one blocked its sender then, who alone
 * sees it; the other one sees content and mentions still, and whether it had
 * been edited before. */
static const char schema_13[] =
	"ALTER TABLE message ADD COLUMN hidden_content TEXT;"
	"ALTER TABLE message ADD COLUMN hidden_mentions TEXT;"
	"ALTER TABLE message ADD COLUMN"
	" shown_edited INTEGER NOT NULL DEFAULT 0"
	"  CHECK (shown_edited BETWEEN 0 AND 1);";

/* Who was erased: whoever brings in what they wrote has to know. Of those
 * before that each conversation in which there was something says so (kind 3).
 */
static const char schema_14[] =
	"CREATE TABLE erased ("
	" user_id BLOB PRIMARY KEY CHECK (length(user_id) = 12)"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO erased SELECT by FROM change WHERE kind = 3"
	" UNION SELECT user_id FROM erasure;";

/* And those of who is blocked that the blocker goes on seeing. */
static const char schema_15[] =
	"ALTER TABLE user_block ADD COLUMN"
	" other_received_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE user_block ADD COLUMN"
	" other_read_seq INTEGER NOT NULL DEFAULT 0;";

const char *const sqlite_schema_steps[] = {
	schema_1,	  schema_2,  schema_3,	schema_4,  schema_5,
	schema_6,	  schema_7,  schema_8,	schema_9,  schema_10,
	schema_11,	  schema_12, schema_13, schema_14, schema_15,
#ifdef SCHEMA_TEST_STEP /* tests/next-schema.c */
	SCHEMA_TEST_STEP,
#endif
};
const int sqlite_schema_newest = COUNT_OF(sqlite_schema_steps);
