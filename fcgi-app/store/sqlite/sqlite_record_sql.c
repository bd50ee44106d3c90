#include "sqlite_record_sql.h"

#include "ids.h"

/* clang-format off */
#define HEX(column) "lower(hex(" column "))"
#define HEX_OR_NULL(column) "nullif(lower(hex(" column ")), '')"
/* Of the record that is written, ?1; of an element of an array in it. */
#define J(name) "json_extract(?1, '$." name "')"
#define JID(name) "palabre_id(" J(name) ")"
#define E(name) "json_extract(value, '$." name "')"
#define EID(name) "palabre_id(" E(name) ")"
/* ?1: the key that they come behind, ?2: how many. */
#define AFTER "ifnull(palabre_id(?1), x'')"
#define PAGE(column) \
	" WHERE " column " > " AFTER " ORDER BY " column " LIMIT ?2"
/* ?1: the key of one. */
#define KEYED(column) " WHERE " column " = palabre_id(?1)"
#define PLACES(n) "BETWEEN " n " << 32 AND (" n " << 32 | 4294967295)"
#define IS_USER(name) "EXISTS (SELECT 1 FROM user WHERE id = " JID(name) ")"
#define DIRECT J("kind") " = 0"

static const char read_users[] =
	"SELECT " HEX("u.id") ", json_object('id', " HEX("u.id") ","
	" 'username', u.username, 'folded', u.username_folded,"
	" 'seek', u.name_seek, 'shape', u.name_shape, 'email', u.email,"
	" 'displayName', u.display_name, 'displaySeek', u.display_seek,"
	" 'avatar', u.avatar, 'statusText', u.status_text,"
	" 'passwordHash', u.password_hash, 'role', u.role,"
	" 'disabled', u.disabled, 'contactsAdd', u.contacts_add,"
	" 'hidesLastSeen', u.hides_last_seen,"
	" 'hidesReceipts', u.hides_receipts,"
	" 'mutedUntil', u.muted_until, 'own', u.own,"
	" 'createdAt', u.created_at, 'lastSeen', u.last_seen,"
	" 'networks', json((SELECT json_group_array(json_object("
	"   'network', network, 'at', at)) FROM (SELECT network, at"
	"   FROM network WHERE user_id = u.id ORDER BY network))),"
	" 'oldNames', json((SELECT json_group_array(json_object("
	"   'name', name_folded, 'at', at)) FROM (SELECT name_folded, at"
	"   FROM old_name WHERE user_id = u.id ORDER BY at, name_folded))))"
	" FROM user u" PAGE("u.id");
/* Whoever else has a name of theirs by now is written anew, too. */
static const char write_user_1[] =
	"INSERT OR REPLACE INTO user (id, username, username_folded, name_seek,"
	" name_shape, email, display_name, display_seek, avatar, status_text,"
	" password_hash, role, disabled, contacts_add, hides_last_seen,"
	" hides_receipts, muted_until, own, created_at, last_seen) VALUES (" JID("id") ", " J("username") ", "
	J("folded") ", " J("seek") ", " J("shape") ", " J("email") ", "
	J("displayName") ", " J("displaySeek") ", " J("avatar") ", "
	J("statusText") ", " J("passwordHash") ", " J("role") ", "
	J("disabled") ", " J("contactsAdd") ", " J("hidesLastSeen") ", "
	J("hidesReceipts") ", " J("mutedUntil") ", "
	J("own") ", " J("createdAt") ", " J("lastSeen") ")";
static const char write_user_2[] =
	"INSERT INTO network (user_id, network, at) SELECT " JID("id") ", "
	E("network") ", " E("at") " FROM json_each(?1, '$.networks')";
static const char write_user_3[] =
	"INSERT INTO old_name (user_id, name_folded, at) SELECT " JID("id")
	", " E("name") ", " E("at") " FROM json_each(?1, '$.oldNames')";

static const char drop_user[] = "DELETE FROM user" KEYED("id");

static const char read_sessions[] =
	"SELECT " HEX("s.id") ", json_object('id', " HEX("s.id") ","
	" 'user', " HEX("s.user_id") ", 'createdAt', s.created_at,"
	" 'lastUsed', s.last_used, 'expiresAt', s.expires_at,"
	" 'agent', s.agent, 'address', s.address) FROM session s" PAGE("s.id");
static const char write_session[] =
	"INSERT OR IGNORE INTO session (id, user_id, created_at, last_used,"
	" expires_at, agent, address) SELECT " JID("id") ", " JID("user") ", "
	J("createdAt") ", " J("lastUsed") ", " J("expiresAt") ", "
	J("agent") ", " J("address") " WHERE " IS_USER("user");
static const char drop_session[] = "DELETE FROM session" KEYED("id");

static const char read_files[] =
	"SELECT " HEX("f.id") ", json_object('id', " HEX("f.id") ","
	" 'owner', " HEX("f.owner") ", 'hash', f.hash, 'name', f.name,"
	" 'mime', f.mime, 'size', f.size, 'width', f.width,"
	" 'height', f.height, 'duration', f.duration, 'preview', f.preview,"
	" 'createdAt', f.created_at) FROM file f" PAGE("f.id");
static const char write_file[] =
	"INSERT OR IGNORE INTO file (id, owner, hash, name, mime, size, width,"
	" height, duration, preview, created_at) VALUES (" JID("id") ", "
	JID("owner") ", " J("hash") ", " J("name") ", " J("mime") ", "
	J("size") ", " J("width") ", " J("height") ", " J("duration") ", "
	J("preview") ", " J("createdAt") ")";
static const char drop_file[] = "DELETE FROM file" KEYED("id");

/* In direct who wrote has read on: the newest message says so. */
#define OWN(who) "iif(m.sender = c." who ", m.seq, m.other_own)"
#define DIRECT_MEMBER(who, other) \
	"json_object('u', " HEX("c." who) ", 'owner', 0, 'joined', 1," \
	" 'received', max(c." who "_received, " OWN(who) ")," \
	" 'read', max(c." who "_read, " OWN(who) ")," \
	" 'hidden', (SELECT count(*) FROM message INDEXED BY message_hidden" \
	"  WHERE place " PLACES("c.n") " AND sender = c." other \
	"  AND hidden > 0))"
static const char read_conversations[] =
	"SELECT " HEX("c.id") ", json_object('id', " HEX("c.id") ","
	" 'kind', c.kind, 'made', " HEX("c.made") ", 'title', c.title,"
	" 'avatar', c.avatar, 'blocks', c.blocks, 'lastChange', c.last_change,"
	" 'last', json_object('seq', m.seq, 'id', " HEX("m.id") ","
	"  'sender', " HEX("m.sender") ", 'at', m.created_at,"
	"  'hidden', m.hidden),"
	" 'at', lower(hex(iif(m.hidden = 0, m.id, coalesce((SELECT id"
	"  FROM message WHERE place = (m.place >> 32 << 32) + m.hidden - 1),"
	"  c.made)))),"
	" 'members', json(CASE WHEN c.low = c.high THEN json_array("
	DIRECT_MEMBER("low", "high") ") WHEN c.kind = 0 THEN json_array("
	DIRECT_MEMBER("low", "high") ", " DIRECT_MEMBER("high", "low") ")"
	" ELSE (SELECT json_group_array(json_object('u', " HEX("user_id") ","
	"  'owner', owner, 'joined', joined_seq, 'received', received_seq,"
	"  'read', read_seq, 'hidden', 0)) FROM (SELECT * FROM member"
	"  WHERE n = c.n ORDER BY user_id)) END))"
	" FROM conversation c JOIN message m ON m.place ="
	"  (SELECT max(place) FROM message WHERE place " PLACES("c.n") ")"
	PAGE("c.id");
/* Of one's notes both are oneself. */
#define OF_HIGH(name) \
	"coalesce(" J("members[1]." name) ", " J("members[0]." name) ")"
#define IF_DIRECT(value, otherwise) \
	"iif(" DIRECT ", " value ", " otherwise ")"
#define KN "(SELECT n FROM conversation" KEYED("id") ")"
#define JN "(SELECT n FROM conversation WHERE id = " JID("id") ")"
/* Its place stays, which its messages have, too. */
static const char write_conversation_1[] =
	"INSERT OR REPLACE INTO conversation (id, n, kind, made, title, avatar, low, high,"
	" blocks, hidden, last_change, low_received, low_read, high_received,"
	" high_read) SELECT " JID("id") ", coalesce(" JN ", (SELECT"
	"  coalesce(max(n), 0) + 1 FROM conversation)), "
	J("kind") ", " JID("made") ", " J("title")
	", " J("avatar") ", " IF_DIRECT(JID("members[0].u"), "NULL") ", "
	IF_DIRECT("palabre_id(" OF_HIGH("u") ")", "NULL") ", " J("blocks") ", "
	IF_DIRECT(J("members[0].hidden") " + " OF_HIGH("hidden"), "0")
	", " J("lastChange") ", "
	IF_DIRECT(J("members[0].received"), "0") ", "
	IF_DIRECT(J("members[0].read"), "0") ", "
	IF_DIRECT(OF_HIGH("received"), "0") ", "
	IF_DIRECT(OF_HIGH("read"), "0");
static const char write_conversation_2[] =
	"INSERT OR IGNORE INTO member (n, user_id, owner, joined_seq,"
	" received_seq, read_seq) SELECT " JN ", " EID("u") ", " E("owner")
	", " E("joined") ", " E("received") ", " E("read")
	" FROM json_each(?1, '$.members') WHERE NOT " DIRECT;
static const char write_conversation_3[] =
	"INSERT OR IGNORE INTO inbox (user_id, conversation, n, kind, other,"
	" newest) SELECT " EID("u") ", " JID("id") ", " JN ", " J("kind") ", "
	IF_DIRECT("palabre_id(iif(key = 0, " OF_HIGH("u") ", "
		  J("members[0].u") "))", "NULL")
	", iif(" E("u") " = '" ID_SERVER "', " JID("last.id") ", NULL)"
	" FROM json_each(?1, '$.members')";
/* Of one that is written anew: none is ever gone. Until then it is unlike any
 * other. */
static const char drop_conversation_1[] =
	"DELETE FROM inbox WHERE conversation = palabre_id(?1) AND user_id IN ("
	" SELECT user_id FROM member WHERE n = " KN
	" UNION SELECT low FROM conversation" KEYED("id")
	" UNION SELECT high FROM conversation" KEYED("id") ")";
static const char drop_conversation_2[] =
	"DELETE FROM member WHERE n = " KN;
static const char drop_conversation_3[] =
	"UPDATE conversation SET last_change = -1" KEYED("id");

#define UUID \
	"(SELECT substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' ||" \
	" substr(h, 13, 4) || '-' || substr(h, 17, 4) || '-' || substr(h, 21)" \
	" FROM (SELECT " HEX("m.client_id") " AS h))"
static const char read_messages[] =
	"SELECT " HEX("m.id") ", json_object('id', " HEX("m.id") ","
	" 'c', " HEX("c.id") ", 'seq', m.seq, 'kind', m.kind,"
	" 'sender', " HEX("m.sender") ", 'name', m.sender_name,"
	" 'content', m.content, 'at', m.created_at,"
	" 'clientId', iif(typeof(m.client_id) = 'blob', " UUID ","
	"  m.client_id),"
	" 'hash', " HEX_OR_NULL("m.request_hash") ","
	" 'replyTo', " HEX_OR_NULL("m.reply_to") ","
	" 'attachment', m.attachment, 'mentions', m.mentions,"
	" 'hiddenContent', m.hidden_content,"
	" 'hiddenMentions', m.hidden_mentions, 'shownEdited', m.shown_edited,"
	" 'edited', m.edited, 'deleted', m.deleted, 'erased', m.erased,"
	" 'hidden', m.hidden, 'passed', m.passed_unread, 'reacted', m.reacted,"
	" 'reactions', json((SELECT json_group_array(json_object("
	"  'emoji', emoji, 'u', " HEX("user_id") ", 'hidden', hidden))"
	"  FROM (SELECT * FROM reaction WHERE place = m.place ORDER BY change))))"
	" FROM message m JOIN conversation c ON c.n = m.n" PAGE("m.id");
#define KPLACE "(SELECT place FROM message" KEYED("id") ")"
static const char drop_message_1[] =
	"DELETE FROM attached WHERE place = " KPLACE;
static const char drop_message_2[] =
	"DELETE FROM reaction WHERE place = " KPLACE;
static const char drop_message_3[] = "DELETE FROM message" KEYED("id");
/* Only their order counts. Each came by a change, so whoever reacts next has a
 * higher number than there are. */
const char sqlite_record_reactions[] =
	"INSERT OR IGNORE INTO reaction (place, change, emoji, user_id, hidden)"
	" SELECT ?2, key + 1, " E("emoji") ", " EID("u") ", " E("hidden")
	" FROM json_each(?1, '$.reactions')";

/* The key: 24 digits of the conversation and 10 of the change. */
static const char read_changes[] =
	"SELECT " HEX("c.id") " || printf('%010d', h.change),"
	" json_object('c', " HEX("c.id") ", 'change', h.change, 'seq', h.seq,"
	" 'kind', h.kind, 'by', " HEX("h.by") ", 'at', h.created_at,"
	" 'emoji', h.emoji, 'taken', h.taken, 'hidden', h.hidden)"
	" FROM conversation c JOIN change h ON h.place " PLACES("c.n")
	" WHERE c.id >= ifnull(palabre_id(substr(?1, 1, 24)), x'')"
	" AND (c.id > ifnull(palabre_id(substr(?1, 1, 24)), x'')"
	"  OR h.change > CAST(substr(?1, 25) AS INTEGER))"
	" ORDER BY c.id, h.change LIMIT ?2";
static const char write_change[] =
	"INSERT OR IGNORE INTO change (place, seq, kind, by, created_at, emoji,"
	" taken, hidden) SELECT n << 32 | " J("change") ", " J("seq") ", "
	J("kind") ", " JID("by") ", " J("at") ", " J("emoji") ", " J("taken")
	", " J("hidden") " FROM conversation WHERE id = " JID("c");
static const char drop_change[] =
	"DELETE FROM change WHERE place = (SELECT n << 32 |"
	"  CAST(substr(?1, 25) AS INTEGER) FROM conversation"
	"  WHERE id = palabre_id(substr(?1, 1, 24)))";

static const char read_own[] =
	"SELECT " HEX("u.id") ", json_object('id', " HEX("u.id") ","
	" 'mine', json((SELECT json_group_array(json_object("
	"  'c', " HEX("conversation") ", 'n', own, 'muted', muted_until,"
	"  'pinned', pinned, 'archived', archived,"
	"  'archivedSeq', archived_seq, 'unread', marked_unread,"
	"  'draft', draft)) FROM (SELECT * FROM inbox"
	"  WHERE user_id = u.id AND own > 0 ORDER BY conversation))))"
	" FROM user u WHERE u.id > " AFTER " AND EXISTS (SELECT 1 FROM inbox"
	"  WHERE user_id = u.id AND own > 0) ORDER BY u.id LIMIT ?2";
static const char write_own[] =
	"UPDATE inbox SET own = " E("n") ", muted_until = " E("muted") ","
	" pinned = " E("pinned") ", archived = " E("archived") ","
	" archived_seq = " E("archivedSeq") ", marked_unread = " E("unread") ","
	" draft = " E("draft") " FROM json_each(?1, '$.mine') AS e"
	" WHERE inbox.user_id = " JID("id")
	" AND inbox.conversation = palabre_id(json_extract(e.value, '$.c'))";
static const char drop_own[] =
	"UPDATE inbox SET own = 0, muted_until = 0, pinned = 0, archived = 0,"
	" archived_seq = 0, marked_unread = 0, draft = NULL"
	KEYED("user_id") " AND own > 0";

static const char read_links[] =
	"SELECT l.code, json_object('code', l.code, 'c', " HEX("c.id") ","
	" 'by', " HEX("l.by") ", 'at', l.created_at,"
	" 'expiresAt', l.expires_at, 'revoked', l.revoked)"
	" FROM link l JOIN conversation c ON c.n = l.n WHERE l.code > ?1"
	" ORDER BY l.code LIMIT ?2";
static const char write_link[] =
	"INSERT OR IGNORE INTO link (code, n, by, created_at, expires_at,"
	" revoked) SELECT " J("code") ", n, " JID("by") ", " J("at") ", "
	J("expiresAt") ", " J("revoked") " FROM conversation WHERE id = "
	JID("c");
static const char drop_link[] = "DELETE FROM link WHERE code = ?1";

static const char read_blocks[] =
	"SELECT " HEX("blocker") " || " HEX("blocked") ","
	" json_object('blocker', " HEX("blocker") ","
	" 'blocked', " HEX("blocked") ", 'received', received_seq,"
	" 'read', read_seq, 'otherReceived', other_received_seq,"
	" 'otherRead', other_read_seq, 'at', created_at) FROM user_block"
	" WHERE " HEX("blocker") " || " HEX("blocked") " > ?1"
	" ORDER BY blocker, blocked LIMIT ?2";
static const char write_block[] =
	"INSERT OR IGNORE INTO user_block (blocker, blocked, received_seq,"
	" read_seq, other_received_seq, other_read_seq, created_at) SELECT "
	JID("blocker") ", " JID("blocked") ", " J("received") ", " J("read")
	", coalesce(" J("otherReceived") ", 0), coalesce(" J("otherRead")
	", 0), " J("at")
	" WHERE " IS_USER("blocker") " AND " IS_USER("blocked");
static const char drop_block[] =
	"DELETE FROM user_block WHERE blocker = palabre_id(substr(?1, 1, 24))"
	" AND blocked = palabre_id(substr(?1, 25))";

static const char read_reports[] =
	"SELECT " HEX("p.id") ", json_object('id', " HEX("p.id") ","
	" 'message', " HEX("p.message") ", 'by', " HEX("p.by") ","
	" 'at', p.at, 'copies', p.copies) FROM report p" PAGE("p.id");
static const char write_report[] =
	"INSERT OR IGNORE INTO report (id, message, by, at, copies) VALUES ("
	JID("id") ", " JID("message") ", " JID("by") ", " J("at") ", "
	J("copies") ")";
static const char drop_report[] = "DELETE FROM report" KEYED("id");

static const char read_audit[] =
	"SELECT " HEX("a.id") ", json_object('id', " HEX("a.id") ","
	" 'by', " HEX("a.by") ", 'act', a.act,"
	" 'user', " HEX_OR_NULL("a.user_id") ", 'until', a.until,"
	" 'detail', a.detail, 'at', a.at) FROM audit a" PAGE("a.id");
static const char write_audit[] =
	"INSERT OR IGNORE INTO audit (id, by, act, user_id, until, detail, at)"
	" VALUES (" JID("id") ", " JID("by") ", " J("act") ", " JID("user")
	", " J("until") ", " J("detail") ", " J("at") ")";

static const char read_addresses[] =
	"SELECT network, json_object('network', network, 'until', until,"
	" 'by', " HEX("by") ", 'at', at) FROM address_block"
	" WHERE network > ?1 ORDER BY network LIMIT ?2";
static const char write_address[] =
	"INSERT OR IGNORE INTO address_block (network, until, by, at) VALUES ("
	J("network") ", " J("until") ", " JID("by") ", " J("at") ")";
static const char drop_address[] =
	"DELETE FROM address_block WHERE network = ?1";

static const char read_erased[] =
	"SELECT " HEX("e.user_id") ", json_object('id', " HEX("e.user_id") ")"
	" FROM erased e" PAGE("e.user_id");
static const char write_erased[] =
	"INSERT OR IGNORE INTO erased (user_id) VALUES (" JID("id") ")";
static const char drop_erased[] = "DELETE FROM erased" KEYED("user_id");
/* clang-format on */

/* Audit rows never become others. */
const struct sqlite_record_sql sqlite_record_sql[STORE_PARTS] = {
	[PART_USERS] = {read_users,
			{write_user_1, write_user_2, write_user_3},
			{drop_user}},
	[PART_SESSIONS] = {read_sessions, {write_session}, {drop_session}},
	[PART_FILES] = {read_files, {write_file}, {drop_file}},
	[PART_CONVERSATIONS] = {read_conversations,
				{write_conversation_1, write_conversation_2,
				 write_conversation_3},
				{drop_conversation_1, drop_conversation_2,
				 drop_conversation_3}},
	[PART_MESSAGES] = {read_messages,
			   {NULL},
			   {drop_message_1, drop_message_2, drop_message_3}},
	[PART_CHANGES] = {read_changes, {write_change}, {drop_change}},
	[PART_OWN] = {read_own, {write_own}, {drop_own}},
	[PART_LINKS] = {read_links, {write_link}, {drop_link}},
	[PART_BLOCKS] = {read_blocks, {write_block}, {drop_block}},
	[PART_REPORTS] = {read_reports, {write_report}, {drop_report}},
	[PART_AUDIT] = {read_audit, {write_audit}, {NULL}},
	[PART_ADDRESSES] = {read_addresses, {write_address}, {drop_address}},
	[PART_ERASED] = {read_erased, {write_erased}, {drop_erased}},
};
