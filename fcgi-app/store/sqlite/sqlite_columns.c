#include "sqlite_columns.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sqlite_schema.h"

/* ---- users and sessions ---- */

void sqlite_user_face_row(const struct query *q, int at, struct store_user *out)
{
	out->username = query_text(q, at + u_username);
	out->display_name = query_text(q, at + u_display_name);
	out->avatar = query_text(q, at + u_avatar);
	out->status_text = query_text(q, at + u_status_text);
	out->role = (enum store_role)query_int(q, at + u_role);
	out->created_at = query_int(q, at + u_created_at);
	out->last_seen = query_int(q, at + u_last_seen);
	out->hides_last_seen = query_int(q, at + u_hides_last_seen) != 0;
}

void sqlite_user_shown_row(const struct query *q, int at,
			   struct store_user *out)
{
	*out = (struct store_user){.id = ""};
	sqlite_user_face_row(q, at, out);
	query_id(q, at + u_id, out->id);
}

void sqlite_user_row(const struct query *q, int at, struct store_user *out)
{
	sqlite_user_shown_row(q, at, out);
	out->email = query_text(q, at + u_email);
	out->disabled = query_int(q, at + u_disabled) != 0;
	out->contacts_add = query_int(q, at + u_contacts_add) != 0;
	out->hides_receipts = query_int(q, at + u_hides_receipts) != 0;
	out->muted_until = query_int(q, at + u_muted_until);
	out->password_hash = query_text(q, at + u_password_hash);
}

void sqlite_session_life(const struct query *q, int at,
			 struct store_session *out)
{
	*out = (struct store_session){
		.created_at = query_int(q, at + s_created_at),
		.last_used = query_int(q, at + s_last_used),
		.expires_at = query_int(q, at + s_expires_at),
	};
	query_id(q, at + s_user_id, out->user_id);
}

void sqlite_session_row(const struct query *q, int at,
			struct store_session *out)
{
	sqlite_session_life(q, at, out);
	query_id(q, at + s_id, out->id);
	out->agent = query_text(q, at + s_agent);
	out->address = query_text(q, at + s_address);
}

/* ---- conversations ---- */

void sqlite_conversation_state(const struct query *q, int at,
			       struct sqlite_conversation *out)
{
	*out = (struct sqlite_conversation){
		.n = query_int(q, at + c_n),
		.kind = (enum store_conversation_kind)query_int(q, at + c_kind),
		.last_change = query_int(q, at + c_last_change),
		.blocks = (int)query_int(q, at + c_blocks),
		.low_received = query_int(q, at + c_low_received),
		.low_read = query_int(q, at + c_low_read),
		.high_received = query_int(q, at + c_high_received),
		.high_read = query_int(q, at + c_high_read),
	};
	query_id(q, at + c_id, out->id);
}

void sqlite_conversation_row(const struct query *q, int at,
			     struct sqlite_conversation *out)
{
	sqlite_conversation_state(q, at, out);
	query_id(q, at + c_low, out->low);
	query_id(q, at + c_high, out->high);
	query_id(q, at + c_made, out->made);
	out->hidden = query_int(q, at + c_hidden);
}

void sqlite_conversation_last(const struct query *q, int at,
			      struct sqlite_conversation *out)
{
	out->last_seq = query_int(q, at + m_place) & SQLITE_SEQ_MAX;
	query_id(q, at + m_sender, out->last_sender);
	out->last_other_own = query_int(q, at + STEP_COLUMN_COUNT);
	out->last_hidden = query_int(q, at + m_hidden);
}

void sqlite_conversation_pair(struct sqlite_conversation *c, const char *user,
			      const char *other)
{
	bool low = strcmp(user, other) < 0;

	memcpy(c->low, low ? user : other, ID_SIZE);
	memcpy(c->high, low ? other : user, ID_SIZE);
}

const char *sqlite_conversation_other(const struct sqlite_conversation *c,
				      const char *user)
{
	return strcmp(c->low, user) == 0 ? c->high : c->low;
}

bool sqlite_conversation_is_notes(const struct sqlite_conversation *c)
{
	return c->kind == CONVERSATION_DIRECT && strcmp(c->low, c->high) == 0;
}

bool sqlite_conversation_blocks(const struct sqlite_conversation *c,
				const char *user)
{
	return c->blocks &
	       (strcmp(c->low, user) == 0 ? LOW_BLOCKS : HIGH_BLOCKS);
}

/* ---- messages and changes ---- */

/* Its sender alone sees the edit that is hidden. Hardly any message has one, so
 * the rest of it is asked for where there is one. */
static void message_split(struct query *q, int at, const char *viewer,
			  struct store_message *out)
{
	static const char sql[] = "SELECT shown_edited, hidden_mentions"
				  " FROM message WHERE place = ?";
	struct sqlite_db *db = q->db;
	struct query rest = QUERY(db, sql, INT(query_int(q, at + m_place)));
	bool found = query_row(&rest);

	if (strcmp(out->sender, viewer) != 0) {
		out->edited = found && query_int(&rest, 0) != 0;
	} else {
		const char *mentions = found ? query_text(&rest, 1) : NULL;

		free(db->mentions);
		db->mentions = mentions != NULL ? xstrdup(mentions) : NULL;
		out->content = query_text(q, at + m_hidden_content);
		out->mentions = db->mentions;
	}
	query_close(&rest);
}

void sqlite_message_row(struct query *q, int at,
			const struct sqlite_conversation *c, const char *viewer,
			struct store_message *out)
{
	/* By which changes; 0: none. */
	int64_t edited = query_int(q, at + m_edited);
	int64_t deleted = query_int(q, at + m_deleted);
	int64_t reacted = query_int(q, at + m_reacted);

	*out = (struct store_message){
		.conversation_kind = c->kind,
		.seq = query_int(q, at + m_place) & SQLITE_SEQ_MAX,
		.kind = (enum store_message_kind)query_int(q, at + m_kind),
		.sender_name = query_text(q, at + m_sender_name),
		.content = query_text(q, at + m_content),
		.client_id = query_client_id(q, at + m_client_id),
		.attachment = query_text(q, at + m_attachment),
		.mentions = query_text(q, at + m_mentions),
		.created_at = query_int(q, at + m_created_at),
		.edited = edited != 0,
		.deleted = deleted != 0 || query_int(q, at + m_erased) == 1,
		.hidden = query_int(q, at + m_hidden) != 0,
		.reacted = reacted != 0,
		.change = store_larger(store_larger(edited, deleted), reacted),
	};
	memcpy(out->conversation, c->id, ID_SIZE);
	query_id(q, at + m_id, out->id);
	query_id(q, at + m_sender, out->sender);
	query_id(q, at + m_reply_to, out->reply_to);
	if (!query_is_null(q, at + m_hidden_content))
		message_split(q, at, viewer, out);
	memcpy(out->recipient, sqlite_conversation_other(c, out->sender),
	       ID_SIZE);
	out->unseen =
		out->hidden && !sqlite_conversation_blocks(c, out->recipient);
}

void sqlite_change_row(const struct query *q, int at,
		       const struct sqlite_conversation *c,
		       struct store_change *out)
{
	*out = (struct store_change){
		.change = query_int(q, at + h_place) & SQLITE_SEQ_MAX,
		.kind = (enum store_change_kind)query_int(q, at + h_kind),
		.emoji = query_text(q, at + h_emoji),
		.on = query_int(q, at + h_taken) == 0,
		.hidden = query_int(q, at + h_hidden) != 0,
		.created_at = query_int(q, at + h_created_at),
	};
	memcpy(out->conversation, c->id, ID_SIZE);
	query_id(q, at + h_by, out->by);
	out->message.conversation_kind = c->kind;
	memcpy(out->message.conversation, c->id, ID_SIZE);
	memcpy(out->message.sender, out->by, ID_SIZE);
	memcpy(out->message.recipient,
	       sqlite_conversation_other(c, out->message.sender), ID_SIZE);
}

void sqlite_member_row(const struct query *q, int at, struct store_member *out)
{
	*out = (struct store_member){
		.owner = query_int(q, at + g_owner) != 0,
		.joined_seq = query_int(q, at + g_joined_seq),
		.received_seq = query_int(q, at + g_received_seq),
		.read_seq = query_int(q, at + g_read_seq),
	};
	query_id(q, at + g_user_id, out->user_id);
}

void sqlite_own_row(const struct query *q, int at, struct store_own *out)
{
	*out = (struct store_own){
		.muted_until = query_int(q, at + i_muted_until),
		.pinned_at = query_int(q, at + i_pinned),
		.archived = query_int(q, at + i_archived) != 0,
		.archived_seq = query_int(q, at + i_archived_seq),
		.marked_unread = query_int(q, at + i_marked_unread) != 0,
		.draft = query_text(q, at + i_draft),
		.number = query_int(q, at + i_own),
	};
	query_id(q, at + i_conversation, out->conversation);
}
