#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_members.h"
#include "sqlite_reactions.h"
#include "sqlite_opening.h"
#include "sqlite_schema.h"
#include "store_mentions.h"
#include "store_rules.h"

/* One send under way: what it was asked, and where it goes. */
struct sending {
	struct sqlite_db *db;
	const struct store_viewer *viewer; /* who sends */
	const struct store_send *send;
	const char *id; /* of the conversation */
	uint8_t hash[STORE_HASH_SIZE];
	struct sqlite_conversation c;
	char newest[ID_SIZE]; /* message there; "": none, or not looked up */
	bool other_active;    /* direct: the other one may be written to */
	bool other_guest;
	bool opens; /* the conversation is not there yet */
	bool member;
	struct store_member me; /* before; all zeros: no member */
	int64_t first_seq;	/* that the sender sees */
	char *attachment;	/* as it is shown; NULL: none */
	char *mentions;		/* the same */
	struct store_sent *out;
};

/* ---- where to ---- */

static void find_conversation(struct sending *s)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		CONVERSATION_COLUMNS) ", " NEWEST_COLUMNS
				      ", m.id, u.disabled, u.role "
				      "FROM conversation "
				      "c" JOIN_NEWEST
				      " LEFT JOIN user u ON u.id = iif(c.low = "
				      "?2, c.high, c.low)"
				      " WHERE c.id = ?1";
	const int newest = CONVERSATION_COLUMN_COUNT;
	const int id = newest + NEWEST_COLUMN_COUNT;
	const int disabled = id + 1;
	struct query q = QUERY(s->db, sql, ID(s->id), ID(s->viewer->id));

	if (query_row(&q)) {
		sqlite_conversation_row(&q, 0, &s->c);
		sqlite_conversation_last(&q, newest, &s->c);
		query_id(&q, id, s->newest);
		s->other_active = !query_is_null(&q, disabled) &&
				  query_int(&q, disabled) == 0;
		s->other_guest = query_int(&q, disabled + 1) == ROLE_GUEST;
	}
	query_close(&q);
}

static void find_other(struct sending *s, const char *id)
{
	static const char sql[] =
		"SELECT role FROM user WHERE id = ? AND disabled = 0";
	struct query q = QUERY(s->db, sql, ID(id));

	s->other_active = query_row(&q);
	if (s->other_active)
		s->other_guest = query_int(&q, 0) == ROLE_GUEST;
	query_close(&q);
}

static bool is_operator(const struct sending *s)
{
	return s->viewer->role == ROLE_OPERATOR;
}

/* Whose marks move by it: an operator's are the server's. */
static void plan_support(struct sending *s, const char *client)
{
	bool own = strcmp(client, s->viewer->id) == 0;

	if ((!own && !is_operator(s)) ||
	    !sqlite_opening_support(s->db, client, &s->c))
		return;
	s->member = true;
	s->me.joined_seq = 1;
	memcpy(s->me.user_id, own ? client : ID_SERVER, ID_SIZE);
}

/* A conversation that its first message makes. */
static void plan(struct sending *s)
{
	const char *client = store_send_client(s->send, s->viewer);

	s->opens = true;
	if (strcmp(s->id, ID_LOBBY) == 0) {
		sqlite_opening_lobby(&s->c);
	} else if (client != NULL) {
		plan_support(s, client);
	} else if (s->send->to != NULL) {
		find_other(s, s->send->to);
		sqlite_opening_direct(s->viewer->id, s->send->to, &s->c);
		s->c.blocks = sqlite_blocks_of(s->db, &s->c);
		s->member =
			sqlite_member_find(s->db, &s->c, s->viewer->id, &s->me);
	}
}

/* False: there is nothing that the sender may write to. */
static bool find_target(struct sending *s)
{
	find_conversation(s);
	if (s->c.id[0] != '\0')
		s->member = sqlite_member_of(s->db, &s->c, s->viewer, &s->me);
	else
		plan(s);
	s->first_seq = s->c.id[0] == '\0'
			       ? 0
			       : sqlite_sight_of(s->db, &s->c, s->viewer,
						 s->member ? &s->me : NULL);
	return s->first_seq > 0;
}

/* ---- what may be refused ---- */

/* The message that this clientId made already. True: *status says what that
 * means, and it is in out. */
static bool find_duplicate(struct sending *s, enum store_status *status)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(MESSAGE_COLUMNS) ", m.request_hash = ?4"
						      " FROM message m"
						      " WHERE m.n = ?1"
						      " AND m.client_id = ?2"
						      " AND m.sender = ?3";

	if (s->send->client_id == NULL || s->opens)
		return false;
	struct query q =
		QUERY(s->db, sql, INT(s->c.n), CLIENT_ID(s->send->client_id),
		      ID(s->viewer->id), BLOB(s->hash, sizeof(s->hash)));
	bool found = query_row(&q);

	if (found && query_int(&q, MESSAGE_COLUMN_COUNT) != 0) {
		sqlite_message_row(&q, 0, &s->c, s->viewer->id,
				   &s->out->message);
		if (s->first_seq > 0) /* else they have left */
			sqlite_reactions_read(s->db, &s->c, s->viewer->id,
					      &s->out->message);
		store_message_own(&s->out->message);
		s->out->duplicate = true;
		*status = STORE_OK;
	} else if (found) {
		*status = STORE_REUSED;
	}
	query_close(&q);
	return found;
}

static bool can_reply(struct sending *s)
{
	static const char sql[] =
		"SELECT 1 FROM message WHERE id = ? AND place BETWEEN ? AND ?"
		" AND (hidden = 0 OR sender = ?)";

	return s->send->reply_to == NULL ||
	       QUERY_INT(s->db, sql, ID(s->send->reply_to),
			 INT(sqlite_place_of(s->c.n, s->first_seq)),
			 INT(sqlite_place_of(s->c.n, SQLITE_SEQ_MAX)),
			 ID(s->viewer->id));
}

/* A message names only files that its sender may read. */
static bool can_attach(struct sending *s)
{
	struct store_file file;
	bool can;

	if (s->send->attachment == NULL)
		return true;
	can = sqlite_file_find(s->db, s->send->attachment, &file) &&
	      sqlite_file_readable(s->db, s->viewer, &file);
	if (can)
		s->attachment = store_file_attachment(&file);
	store_file_done(&file);
	return can;
}

/* Whether the other one of a direct conversation may be written to. */
static bool can_reach(const struct sending *s)
{
	return s->other_active && (s->send->guest_direct || !s->other_guest);
}

/* An operator answers nobody who is gone. */
static bool has_client(struct sending *s)
{
	char client[ID_SIZE];

	if (s->opens || s->c.kind != CONVERSATION_SUPPORT || !is_operator(s))
		return true;
	sqlite_support_client(s->db, &s->c, client);
	return sqlite_user_verified(s->db, client, NULL);
}

static enum store_status judge(struct sending *s)
{
	const struct store_send *send = s->send;
	const char *client;

	if (!find_target(s))
		return STORE_NOT_FOUND;
	if (send->muted)
		return STORE_MUTED;
	if (store_send_guest_strays(send, s->viewer, s->c.kind))
		return STORE_FORBIDDEN;
	if ((s->c.kind == CONVERSATION_DIRECT && !can_reach(s)) ||
	    !has_client(s) || !can_reply(s) || !can_attach(s))
		return STORE_NOT_FOUND;
	if (s->c.blocks != 0 &&
	    sqlite_conversation_blocks(&s->c, s->viewer->id))
		return STORE_BLOCKING;
	client = s->opens ? store_send_client(send, s->viewer) : NULL;
	return sqlite_mentions_seen(s->db, &s->c, client, send->mentions,
				    send->mention_count)
		       ? STORE_OK
		       : STORE_STRANGER;
}

/* ---- writing ---- */

static void open_conversation(struct sending *s)
{
	sqlite_opening_write(s->db, &s->c,
			     store_send_client(s->send, s->viewer),
			     s->out->message.id);
}

/* As the row has it: 0, or one more than the newest seq that the other one,
 * who blocks the sender, sees. */
static int64_t hidden_of(const struct sending *s)
{
	const char *other = sqlite_conversation_other(&s->c, s->viewer->id);

	if (s->c.blocks == 0 || !sqlite_conversation_blocks(&s->c, other))
		return 0;
	return sqlite_last_seen(&s->c, other) + 1;
}

/* Nothing but what was hidden from one of the two may be there before. */
static bool opens_for_one(const struct sending *s)
{
	const char *me = s->viewer->id;
	const char *other = sqlite_conversation_other(&s->c, me);

	return s->opens || (s->c.hidden > 0 && hidden_of(s) == 0 &&
			    (sqlite_last_seen(&s->c, me) == 0 ||
			     sqlite_last_seen(&s->c, other) == 0));
}

static void count_hidden(struct sending *s)
{
	static const char sql[] =
		"UPDATE conversation SET hidden = hidden + 1 WHERE id = ?";

	s->out->message.hidden = hidden_of(s) > 0;
	if (s->out->message.hidden)
		QUERY_RUN(s->db, sql, ID(s->c.id));
}

static bool passes_unread(const struct sending *s)
{
	return s->member && store_send_passes(&s->me, s->c.last_seq);
}

/* False: this clientId has a message already. */
static bool insert_message(struct sending *s)
{
	static const char sql[] =
		"INSERT INTO message (place, id, kind, sender, other_own,"
		" passed_unread, hidden, created_at, sender_name, content,"
		" client_id, request_hash, reply_to, attachment, mentions)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT DO NOTHING";
	const struct store_send *send = s->send;
	bool keyed = send->client_id != NULL;
	int64_t seq = s->c.last_seq + 1;
	int64_t other_own = strcmp(s->c.last_sender, s->viewer->id) == 0
				    ? s->c.last_other_own
				    : s->c.last_seq;

	if (s->c.kind != CONVERSATION_DIRECT)
		other_own = 0;
	return QUERY_RUN(s->db, sql, INT(sqlite_place_of(s->c.n, seq)),
			 ID(s->out->message.id), INT(send->kind),
			 ID(s->viewer->id), INT(other_own),
			 INT(passes_unread(s)), INT(hidden_of(s)),
			 INT(send->now_ms), TEXT(send->sender_name),
			 TEXT(send->content), CLIENT_ID(send->client_id),
			 BLOB(keyed ? s->hash : NULL, sizeof(s->hash)),
			 ID(send->reply_to), TEXT(s->attachment),
			 TEXT(s->mentions)) > 0;
}

static void note_attachment(struct sending *s)
{
	static const char sql[] =
		"INSERT INTO attached (file, place) VALUES (?, ?)";

	if (s->attachment != NULL)
		QUERY_RUN(s->db, sql, ID(s->send->attachment),
			  INT(sqlite_place_of(s->c.n, s->c.last_seq + 1)));
}

/* In a direct conversation the message says it. */
static void move_sender(struct sending *s)
{
	struct store_member me = s->me;

	if (!s->member || s->c.kind == CONVERSATION_DIRECT)
		return;
	me.received_seq = me.read_seq = s->c.last_seq + 1;
	sqlite_member_write(s->db, &s->c, &me);
}

/* ---- answering ---- */

static void fill_message(struct sending *s)
{
	struct store_message *message = &s->out->message;

	memcpy(message->conversation, s->c.id, ID_SIZE);
	memcpy(message->recipient,
	       sqlite_conversation_other(&s->c, s->viewer->id), ID_SIZE);
	if (s->c.kind == CONVERSATION_SUPPORT)
		sqlite_support_client(s->db, &s->c, message->client);
	message->seq = s->c.last_seq + 1;
	message->conversation_kind = s->c.kind;
	store_send_fill(s->send, s->viewer, message);
	message->attachment = s->attachment;
	s->attachment = NULL;
	message->mentions = s->mentions;
	s->mentions = NULL;
}

static void fill_marks(struct sending *s)
{
	struct store_read_marks *marks = &s->out->marks;

	if (!s->member)
		return;
	store_send_mark(&s->me, s->c.last_seq, s->out);
	if (marks->read_moved) {
		sqlite_members_name(s->db, &s->c, s->newest, marks);
		sqlite_marks_for(s->db, &s->c, marks);
	}
}

static enum store_status send_locked(struct sending *s)
{
	enum store_status status, duplicate;

	status = judge(s);
	if (status != STORE_OK)
		return find_duplicate(s, &duplicate) ? duplicate : status;
	s->mentions =
		store_mentions_text(s->send->mentions, s->send->mention_count);
	sqlite_clock_next(s->db, s->send->now_ms, s->out->message.id);
	if (s->opens)
		open_conversation(s);
	/* Most are none: the index that says so is gone to only once. */
	if (!insert_message(s)) {
		if (find_duplicate(s, &status))
			return status;
		sqlite_db_fail(s->db, SQLITE_CONSTRAINT);
		return STORE_UNAVAILABLE;
	}
	note_attachment(s);
	if (s->c.kind == CONVERSATION_SUPPORT)
		sqlite_support_newest(s->db, s->c.id, s->out->message.id);
	s->out->opened = opens_for_one(s);
	count_hidden(s);
	move_sender(s);
	fill_message(s);
	fill_marks(s);
	s->db->kill_points = true;
	return STORE_OK;
}

enum store_status sqlite_send(struct store *store,
			      const struct store_viewer *viewer,
			      const struct store_send *send,
			      const char *conversation, struct store_sent *out)
{
	struct sending s = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.send = send,
		.id = conversation,
		.out = out,
	};

	store_request_hash(send, conversation, s.hash);

	enum store_status status = sqlite_end(s.db, send_locked(&s));

	free(s.attachment);
	free(s.mentions);

	return status;
}
