#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "mongo_durable.h"
#include "mongo_file.h"
#include "mongo_message.h"
#include "mongo_opening.h"
#include "mongo_reactions.h"
#include "mongo_read_marks.h"
#include "mongo_search.h"
#include "mongo_step.h"
#include "store_mentions.h"
#include "store_rules.h"

/* One send under way: what it was asked, and where it goes. */
struct sending {
	struct mongo_db *db;
	const struct store_viewer *viewer; /* who sends */
	const struct store_send *send;
	const char *id; /* of the conversation */
	uint8_t hash[STORE_HASH_SIZE];
	struct mongo_conversation c;
	bool opens; /* the conversation is not there yet */
	bool member;
	bool judged;		/* in an earlier try */
	int64_t taken;		/* by whom came first in it; 0: nothing */
	struct mongo_member me; /* before; all zeros: no member */
	int64_t first_seq;	/* that the sender sees */
	char *attachment;	/* as it is shown; NULL: none */
	char *mentions;		/* the same */
	struct mongo_tokens words;
	struct store_sent *out;
};

/* ---- where to ---- */

static bool is_operator(const struct sending *s)
{
	return s->viewer->role == ROLE_OPERATOR;
}

/* Whose marks move by it: an operator's are the server's. */
static void plan_support(struct sending *s, const char *client)
{
	bool own = strcmp(client, s->viewer->id) == 0;

	if ((!own && !is_operator(s)) ||
	    !mongo_opening_support(s->db, client, &s->c))
		return;
	s->member = true;
	s->me = (struct mongo_member){.row = {.joined_seq = 1}};
	memcpy(s->me.row.user_id, own ? client : ID_SERVER, ID_SIZE);
}

/* A conversation that its first message makes. */
static void plan(struct sending *s)
{
	const char *client = store_send_client(s->send, s->viewer);

	s->opens = true;
	if (strcmp(s->id, ID_LOBBY) == 0) {
		mongo_opening_lobby(&s->c);
	} else if (client != NULL) {
		plan_support(s, client);
	} else if (s->send->to != NULL) {
		mongo_opening_direct(s->db, s->viewer->id, s->send->to, &s->c);
		s->member =
			mongo_member_find(s->db, &s->c, s->viewer->id, &s->me);
	}
}

/* False: it is not there yet. Whoever came first in an earlier try may have
 * made their step by now; else it is made for them. */
static bool find_conversation(struct sending *s)
{
	if (!mongo_conversation_find(s->db, s->id, &s->c))
		return s->taken > 0 && mongo_step_first(s->db, s->id, &s->c);
	mongo_step_await(s->db, &s->c, s->taken);
	return true;
}

/* False: there is nothing that the sender may write to. */
static bool find_target(struct sending *s)
{
	mongo_conversation_done(&s->c);
	s->opens = s->member = false;
	if (find_conversation(s))
		s->member = mongo_member_of(s->db, &s->c, s->viewer, &s->me);
	else
		plan(s);
	s->first_seq = s->c.id[0] == '\0'
			       ? 0
			       : mongo_sight_of(s->db, &s->c, s->viewer,
						s->member ? &s->me : NULL);
	return s->first_seq > 0;
}

/* ---- the same request before ---- */

/* What is answered for it must be as durable as if it were written now, also
 * where whoever wrote it did not live to see that. False: it was lost. */
static bool finish_duplicate(struct sending *s,
			     const struct store_message *message)
{
	if (!mongo_durable(s->db, IN_MESSAGE,
			   DOC(ID("c", s->c.id), INT("seq", message->seq),
			       ID("_id", message->id)),
			   "seq"))
		return false;
	mongo_step_reach(s->db, s->c.id, message->seq);
	return true;
}

static bool read_duplicate(struct sending *s, const bson_t *row,
			   enum store_status *status)
{
	struct store_message message;
	uint8_t hash[STORE_HASH_SIZE];

	*status = STORE_REUSED;
	if (!mongo_read_bytes(row, "hash", hash, sizeof(hash)) ||
	    memcmp(hash, s->hash, sizeof(hash)) != 0)
		return true;
	*status = STORE_OK;
	mongo_message_read(row, &s->c, s->viewer->id, &message);
	if (!finish_duplicate(s, &message))
		return false;
	if (s->first_seq > 0) /* else they have left */
		mongo_reactions_read(s->db, row, s->viewer->id, &message);
	store_message_own(&message);
	s->out->message = message;
	s->out->duplicate = true;
	return true;
}

/* The message that this clientId made already. True: *status says what that
 * means, and it is in out. */
static bool find_duplicate(struct sending *s, enum store_status *status)
{
	bson_t row;
	bool found;

	if (s->send->client_id == NULL || s->c.id[0] == '\0' ||
	    !mongo_find_one(s->db, IN_MESSAGE,
			    DOC(ID("c", s->c.id), ID("sender", s->viewer->id),
				TEXT("clientId", s->send->client_id)),
			    NULL, &row))
		return false;
	found = read_duplicate(s, &row, status);
	bson_destroy(&row);
	return found;
}

/* ---- what may be refused ---- */

static bool can_reply(struct sending *s)
{
	bson_t row;
	char sender[ID_SIZE];
	bool can;

	if (s->send->reply_to == NULL)
		return true;
	if (!mongo_find_one(s->db, IN_MESSAGE,
			    DOC(ID("_id", s->send->reply_to), ID("c", s->c.id),
				SUB("seq", INT("$gte", s->first_seq),
				    INT("$lte", s->c.last_seq))),
			    DOC(INT("sender", 1), INT("hidden", 1)), &row))
		return false;
	mongo_read_id(&row, "sender", sender);
	can = !mongo_has(&row, "hidden") || strcmp(sender, s->viewer->id) == 0;
	bson_destroy(&row);
	return can;
}

/* A message names only files that its sender may read. */
static bool can_attach(struct sending *s)
{
	struct store_file file;
	bool can;

	if (s->send->attachment == NULL || s->attachment != NULL)
		return true;
	can = mongo_file_find(s->db, s->send->attachment, &file) &&
	      mongo_file_readable(s->db, s->viewer, &file) &&
	      mongo_file_hold(s->db, file.id);
	if (can)
		s->attachment = store_file_attachment(&file);
	store_file_done(&file);
	return can;
}

/* Whether the other one of a direct conversation may be written to. */
static bool can_reach(struct sending *s)
{
	const char *other = mongo_conversation_other(&s->c, s->viewer->id);
	struct store_user user;
	bool can;

	if (!mongo_user_find(s->db, other, &user))
		return false;
	can = !user.disabled &&
	      (s->send->guest_direct || user.role != ROLE_GUEST);
	store_user_done(&user);
	return can;
}

/* An operator answers nobody who is gone. */
static bool has_client(struct sending *s)
{
	if (s->opens || s->c.kind != CONVERSATION_SUPPORT || !is_operator(s))
		return true;
	return mongo_user_verified(s->db, mongo_conversation_client(&s->c),
				   NULL);
}

static bool can_all(struct sending *s)
{
	s->judged = s->judged ||
		    ((s->c.kind != CONVERSATION_DIRECT || can_reach(s)) &&
		     has_client(s) && can_reply(s) && can_attach(s));
	return s->judged;
}

static enum store_status judge(struct sending *s)
{
	const struct store_send *send = s->send;

	if (!find_target(s))
		return STORE_NOT_FOUND;
	if (send->muted)
		return STORE_MUTED;
	if (store_send_guest_strays(send, s->viewer, s->c.kind))
		return STORE_FORBIDDEN;
	if (!can_all(s))
		return STORE_NOT_FOUND;
	if (s->c.blocks != 0 && mongo_conversation_blocks(&s->c, s->viewer->id))
		return STORE_BLOCKING;
	return mongo_mentions_seen(s->db, &s->c, send->mentions,
				   send->mention_count)
		       ? STORE_OK
		       : STORE_STRANGER;
}

/* ---- writing ---- */

/* As the row has it: 0, or one more than the newest seq that the other one,
 * who blocks the sender, sees. */
static int64_t hidden_of(const struct sending *s)
{
	const char *other = mongo_conversation_other(&s->c, s->viewer->id);

	if (s->c.blocks == 0 || !mongo_conversation_blocks(&s->c, other))
		return 0;
	return mongo_last_seen(&s->c, other) + 1;
}

/* Nothing but what was hidden from one of the two may be there before. */
static bool opens_for_one(const struct sending *s)
{
	const char *me = s->viewer->id;
	const char *other = mongo_conversation_other(&s->c, me);
	bool hides = s->c.kind == CONVERSATION_DIRECT && s->c.loaded > 1 &&
		     s->c.members[0].hidden + s->c.members[1].hidden > 0;

	return s->opens || (hides && hidden_of(s) == 0 &&
			    (mongo_last_seen(&s->c, me) == 0 ||
			     mongo_last_seen(&s->c, other) == 0));
}

static bool passes_unread(const struct sending *s)
{
	return s->member && store_send_passes(&s->me.row, s->c.last_seq);
}

/* False: another message has that seq or that clientId. */
static bool write_message(struct sending *s)
{
	const struct store_send *send = s->send;
	const char *file = s->attachment != NULL ? send->attachment : NULL;
	int64_t hidden = hidden_of(s);

	return mongo_step_write(
		s->db, &s->c,
		DOC(ID("_id", s->out->message.id), ID("c", s->c.id),
		    INT("seq", s->c.last_seq + 1), INT("kind", send->kind),
		    ID("sender", s->viewer->id),
		    TEXT("name", send->sender_name),
		    TEXT("content", send->content), INT("at", send->now_ms),
		    TEXT_IF("clientId", send->client_id),
		    IF(send->client_id != NULL,
		       BYTES("hash", s->hash, sizeof(s->hash))),
		    ID_IF("replyTo", send->reply_to),
		    TEXT_IF("attachment", s->attachment), ID_IF("file", file),
		    TEXT_IF("mentions", s->mentions), WORDS(&s->words),
		    IF(hidden > 0, INT("hidden", hidden)),
		    IF(passes_unread(s), BOOL("passed", true))));
}

/* ---- answering ---- */

static void fill_message(struct sending *s)
{
	struct store_message *message = &s->out->message;

	memcpy(message->conversation, s->c.id, ID_SIZE);
	memcpy(message->recipient,
	       mongo_conversation_other(&s->c, s->viewer->id), ID_SIZE);
	memcpy(message->client, mongo_conversation_client(&s->c), ID_SIZE);
	message->seq = s->c.last_seq + 1;
	message->conversation_kind = s->c.kind;
	message->hidden = hidden_of(s) > 0;
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
	store_send_mark(&s->me.row, s->c.last_seq, s->out);
	if (marks->read_moved) {
		mongo_marks_name(s->db, &s->c, marks);
		mongo_marks_for(s->db, &s->c, marks);
	}
}

/* One try. False: another message came first, so all is looked at anew. */
static bool try_send(struct sending *s, enum store_status *status)
{
	enum store_status duplicate;

	*status = judge(s);
	if (*status != STORE_OK) {
		if (find_duplicate(s, &duplicate))
			*status = duplicate;
		return true;
	}
	mongo_clock_next(s->db, s->send->now_ms, s->out->message.id);
	if (s->opens)
		mongo_opening_write(s->db, &s->c, s->out->message.id);
	mongo_kill_point(s->db, "before-commit");
	if (write_message(s)) {
		mongo_kill_point(s->db, "after-commit");
		s->out->opened = opens_for_one(s);
		fill_message(s);
		fill_marks(s);
		return true;
	}
	/* Most are none: the index that says so is gone to only once. */
	if (find_duplicate(s, status))
		return true;
	s->taken = s->c.last_seq + 1;
	return s->db->failed;
}

enum store_status mongo_send(struct store *store,
			     const struct store_viewer *viewer,
			     const struct store_send *send,
			     const char *conversation, struct store_sent *out)
{
	struct sending s = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.send = send,
		.id = conversation,
		.out = out,
	};
	enum store_status status = STORE_UNAVAILABLE;

	store_request_hash(send, conversation, s.hash);
	s.mentions = store_mentions_text(send->mentions, send->mention_count);
	mongo_tokens_of(send->kind, send->content, &s.words);
	while (!s.db->failed && !try_send(&s, &status))
		;
	status = mongo_end(s.db, status);
	mongo_conversation_done(&s.c);
	free(s.attachment);
	free(s.mentions);
	mongo_tokens_done(&s.words);
	return status;
}
