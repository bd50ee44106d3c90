#include "store_rules.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* ---- messages ---- */

void store_message_show(struct store_message *message, const char *viewer)
{
	static char nothing[] = "";

	if (!message->hidden || strcmp(message->sender, viewer) == 0)
		return;
	message->kind = MESSAGE_HIDDEN;
	message->sender_name = message->content = nothing;
	message->client_id = message->attachment = message->mentions = NULL;
	message->reply_to[0] = '\0';
	message->edited = message->deleted = message->reacted = false;
	message->hidden = message->unseen = false;
	message->change = 0;
}

/* ---- a send ---- */

const char *store_send_client(const struct store_send *send,
			      const struct store_viewer *viewer)
{
	if (send->client != NULL)
		return send->client;
	if (send->to != NULL && strcmp(send->to, ID_SERVER) == 0)
		return viewer->id;
	return NULL;
}

bool store_send_guest_strays(const struct store_send *send,
			     const struct store_viewer *viewer,
			     enum store_conversation_kind kind)
{
	return viewer->role == ROLE_GUEST && kind == CONVERSATION_DIRECT &&
	       !send->guest_direct;
}

void store_send_fill(const struct store_send *send,
		     const struct store_viewer *viewer,
		     struct store_message *message)
{
	memcpy(message->sender, viewer->id, ID_SIZE);
	if (send->reply_to != NULL)
		memcpy(message->reply_to, send->reply_to, ID_SIZE);
	message->kind = send->kind;
	message->created_at = send->now_ms;
	message->sender_name = xstrdup(send->sender_name);
	message->content = xstrdup(send->content);
	if (send->client_id != NULL)
		message->client_id = xstrdup(send->client_id);
}

bool store_send_passes(const struct store_member *sender, int64_t last_seq)
{
	return sender->read_seq < last_seq ||
	       strcmp(sender->user_id, ID_SERVER) == 0;
}

void store_send_mark(const struct store_member *sender, int64_t last_seq,
		     struct store_sent *out)
{
	const struct store_message *message = &out->message;
	struct store_read_marks *marks = &out->marks;

	marks->conversation_kind = message->conversation_kind;
	memcpy(marks->conversation, message->conversation, ID_SIZE);
	memcpy(marks->user_id, sender->user_id, ID_SIZE);
	memcpy(marks->other, message->recipient, ID_SIZE);
	marks->received_seq = marks->read_seq = message->seq;
	marks->received_moved = sender->received_seq < last_seq;
	marks->read_moved = store_send_passes(sender, last_seq);
}

/* ---- an edit or a deletion ---- */

bool store_edit_may(const struct store_edit *edit,
		    const struct store_viewer *viewer,
		    const struct store_message *message, bool deleted)
{
	return strcmp(message->sender, viewer->id) == 0 &&
	       message->kind != MESSAGE_SYSTEM &&
	       (!deleted || edit->kind != CHANGE_EDIT);
}

bool store_edit_hides(const struct store_edit *edit,
		      const struct store_message *message, bool blocks)
{
	return edit->kind == CHANGE_EDIT && !message->hidden &&
	       message->conversation_kind == CONVERSATION_DIRECT && blocks;
}

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int64_t store_edit_earlier(const struct store_edit *edit, const char *mentions,
			   const struct store_message *message, int64_t edited,
			   int64_t deleted)
{
	if (edit->kind == CHANGE_DELETE)
		return deleted;
	if (edit->content == NULL ||
	    (strcmp(edit->content, message->content) == 0 &&
	     is_same(mentions, message->mentions)))
		return edited;
	return 0;
}

const char *store_edit_text(const struct store_edit *edit, const char *mentions,
			    const struct store_message *message, bool splits,
			    const char **named)
{
	*named = mentions;
	if (edit->kind == CHANGE_DELETE)
		return "";
	if (edit->content != NULL || !splits)
		return edit->content;
	*named = message->mentions;
	return message->content;
}

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

void store_edit_fold(const struct store_edit *edit, char **mentions,
		     struct store_change *out)
{
	struct store_message *message = &out->message;
	bool deletes = edit->kind == CHANGE_DELETE;
	const char *content = deletes ? "" : edit->content;

	message->edited = message->edited || !deletes;
	message->deleted = deletes;
	message->change = out->change;
	if (deletes) {
		replace(&message->attachment, NULL);
		replace(&message->reactions, NULL);
	}
	if (content == NULL)
		return;
	replace(&message->content, xstrdup(content));
	replace(&message->mentions, *mentions);
	*mentions = NULL;
}

/* ---- a reaction ---- */

enum store_status store_reaction_may(const struct store_reaction *reaction,
				     const struct store_viewer *viewer,
				     const struct store_message *message,
				     int64_t first, bool blocks)
{
	if (first == 0 || message->seq < first ||
	    (message->hidden && strcmp(message->sender, viewer->id) != 0))
		return STORE_NOT_FOUND;
	if (message->deleted || message->kind == MESSAGE_SYSTEM)
		return STORE_FORBIDDEN;
	return reaction->on && blocks ? STORE_BLOCKING : STORE_OK;
}

/* ---- read marks ---- */

void store_marks_reach(const struct store_member *before,
		       const struct store_reach *reach, int64_t last_seq,
		       struct store_read_marks *out)
{
	int64_t read = store_smaller(reach->read_seq, last_seq);
	int64_t received = store_smaller(
		store_larger(reach->received_seq, read), last_seq);

	out->read_seq = store_larger(before->read_seq, read);
	out->received_seq = store_larger(before->received_seq, received);
	out->read_moved = out->read_seq > before->read_seq;
	out->received_moved = out->received_seq > before->received_seq;
	memcpy(out->user_id, before->user_id, ID_SIZE);
}

/* ---- one's own matters ---- */

bool store_own_pins(const struct store_own *own,
		    const struct store_own_change *change)
{
	return change->pinned != NULL && *change->pinned && own->pinned_at == 0;
}

static bool own_archive(struct store_own *own, bool archived, int64_t newest)
{
	own->archived = archived;
	own->archived_seq = archived ? newest : 0;
	return true;
}

/* One that something newer has brought back stays, also when it is muted. */
static bool own_mute(struct store_own *own,
		     const struct store_own_change *change, int64_t newest)
{
	const int64_t *until = change->muted_until;

	if (until == NULL || *until == own->muted_until)
		return false;
	if (own->archived && own->muted_until <= change->now_ms &&
	    own->archived_seq < newest)
		own_archive(own, false, newest);
	own->muted_until = *until;
	return true;
}

static bool own_mark_unread(struct store_own *own, const bool *marked)
{
	if (marked == NULL || *marked == own->marked_unread)
		return false;
	own->marked_unread = *marked;
	return true;
}

static bool own_write_draft(struct store_own *own, const char *draft)
{
	if (draft == NULL ||
	    strcmp(draft, own->draft != NULL ? own->draft : "") == 0)
		return false;
	replace(&own->draft, draft[0] != '\0' ? xstrdup(draft) : NULL);
	return true;
}

/* Archived once more it stays where it is until something newer comes. */
static bool own_put_away(struct store_own *own, const bool *archived,
			 int64_t newest)
{
	if (archived == NULL || (!*archived && !own->archived) ||
	    (*archived && own->archived && own->archived_seq == newest))
		return false;
	if (*archived)
		own->pinned_at = 0;
	return own_archive(own, *archived, newest);
}

static bool own_pin(struct store_own *own,
		    const struct store_own_change *change)
{
	const bool *pinned = change->pinned;

	if (pinned == NULL || *pinned == (own->pinned_at > 0))
		return false;
	own->pinned_at = *pinned ? change->now_ms : 0;
	if (*pinned && own->archived)
		own_archive(own, false, 0);
	return true;
}

bool store_own_asks(const struct store_own_change *change)
{
	return change->archived != NULL || change->muted_until != NULL;
}

bool store_own_apply(struct store_own *own,
		     const struct store_own_change *change, int64_t newest)
{
	bool muted = own_mute(own, change, newest);
	bool marked = own_mark_unread(own, change->marked_unread);
	bool written = own_write_draft(own, change->draft);
	bool put_away = own_put_away(own, change->archived, newest);
	bool pinned = own_pin(own, change);

	return muted || marked || written || put_away || pinned;
}
