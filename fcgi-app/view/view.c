#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "store_reactions.h"
#include "system_view.h"
#include "user_view.h"

/* ---- people ---- */

void view_people_init(struct view_people *people, struct json_text *text)
{
	*people = (struct view_people){.text = text};
}

static void people_add(struct view_people *people, const char *id, size_t at)
{
	if (people->count == people->cap) {
		people->cap = people->cap > 0 ? 2 * people->cap : 16;
		people->shown = xrealloc(people->shown,
					 people->cap * sizeof(*people->shown));
	}
	struct view_person *person = &people->shown[people->count++];

	*person = (struct view_person){.at = at};
	memcpy(person->id, id, ID_SIZE);
}

void view_people_done(struct view_people *people)
{
	free(people->shown);
	free(people->hidden);
	view_people_init(people, NULL);
}

void view_people_hide(struct view_people *people, const char *id)
{
	people->hidden =
		xrealloc(people->hidden, (people->hidden_count + 1) * ID_SIZE);
	memcpy(people->hidden[people->hidden_count++], id, ID_SIZE);
}

bool view_people_is_hidden(const struct view_people *people, const char *id)
{
	for (size_t i = 0; i < people->hidden_count; i++) {
		if (strcmp(people->hidden[i], id) == 0)
			return true;
	}
	return false;
}

void view_people_online(struct view_people *people, size_t index)
{
	user_view_set_online(people->text, people->shown[index].at);
}

void view_user_write(struct view_people *people, const char *key,
		     const struct store_user *user)
{
	struct store_user shown = *user;
	bool hidden = view_people_is_hidden(people, user->id);

	if (hidden)
		shown.last_seen = 0;

	size_t at = user_view_write(people->text, key, &shown, false);

	if (!hidden)
		people_add(people, user->id, at);
}

/* ---- messages ---- */

enum view_ticks view_ticks(const struct store_member *members, size_t count,
			   const char *sender, int64_t seq)
{
	enum view_ticks least = TICKS_READ;
	size_t others = 0;

	for (size_t i = 0; members != NULL && i < count; i++) {
		enum view_ticks one = members[i].read_seq >= seq ? TICKS_READ
				      : members[i].received_seq >= seq
					      ? TICKS_RECEIVED
					      : TICKS_SENT;

		if (strcmp(members[i].user_id, sender) == 0 ||
		    members[i].joined_seq > seq)
			continue;
		others++;
		if (one < least)
			least = one;
	}
	return others > 0 ? least : TICKS_SENT;
}

static enum view_ticks ticks_of(const struct store_message *message,
				const struct store_conversation *conversation)
{
	if (conversation == NULL)
		return TICKS_SENT;
	return view_ticks(conversation->members, conversation->member_count,
			  message->sender, message->seq);
}

/* Of a block that goes on it is not said; but what marks say was seen although
 * an earlier one hid it would be taken for read. */
static bool is_unseen(const struct store_message *message,
		      const struct store_conversation *conversation)
{
	return message->unseen ||
	       (message->hidden &&
		ticks_of(message, conversation) != TICKS_SENT);
}

static const char *status_of(const struct store_message *message,
			     const struct store_conversation *conversation)
{
	static const char *const words[] = {
		[TICKS_SENT] = "sent",
		[TICKS_RECEIVED] = "received",
		[TICKS_READ] = "read",
	};

	return words[message->hidden ? TICKS_SENT
				     : ticks_of(message, conversation)];
}

/* All but its end, for what some say of it besides. */
static void open_message(struct json_text *text, const char *key,
			 const struct store_message *message,
			 const struct store_conversation *conversation)
{
	json_text_open(text, key, '{');
	json_text_id(text, "_id", message->id);
	json_text_id(text, "conversationId", message->conversation);
	json_text_int(text, "seq", message->seq);
	json_text_word(text, "kind", store_message_kind_name(message->kind));
	json_text_id(text, "sender", message->sender);
	json_text_string(text, "senderName", message->sender_name);
	json_text_id_or_null(text, "recipient", message->recipient);
	if (message->kind == MESSAGE_SYSTEM)
		system_view_write(text, message);
	else
		json_text_string(text, "content",
				 message->deleted ? "" : message->content);
	json_text_time(text, "createdAt", message->created_at);
	json_text_word(text, "status", status_of(message, conversation));
	json_text_bool(text, "edited", message->edited);
	json_text_bool(text, "deleted", message->deleted);
	json_text_int(text, "change", message->change);
	json_text_string(text, "clientId", message->client_id);
	json_text_id_or_null(text, "replyTo", message->reply_to);
	json_text_json(text, "attachment", message->attachment, "null");
	json_text_json(text, "mentions", message->mentions, "[]");
	json_text_json(text, "reactions", message->reactions, "[]");
	if (is_unseen(message, conversation))
		json_text_bool(text, "unseen", true);
}

void view_message_write(struct json_text *text, const char *key,
			const struct store_message *message,
			const struct store_conversation *conversation)
{
	open_message(text, key, message, conversation);
	json_text_close(text, '}');
}

struct json_object *view_message(const struct store_message *message,
				 const struct store_conversation *conversation)
{
	struct json_text text;

	json_text_init(&text);
	view_message_write(&text, NULL, message, conversation);
	return json_text_take(&text);
}

void view_duplicate_write(struct json_text *text, const char *key,
			  const struct store_message *message,
			  const struct store_conversation *conversation)
{
	open_message(text, key, message, conversation);
	json_text_bool(text, "duplicate", true);
	json_text_close(text, '}');
}

void view_erase_write(struct json_text *text, const char *key,
		      const struct store_change *change)
{
	json_text_open(text, key, '{');
	json_text_id(text, "conversationId", change->conversation);
	json_text_int(text, "change", change->change);
	json_text_word(text, "kind", "erase");
	json_text_id(text, "userId", change->message.sender);
	json_text_close(text, '}');
}

/* Of a reaction that is not to be known there is the message as it is. */
static bool is_told(const struct store_change *change)
{
	return change->kind == CHANGE_REACTION && change->emoji != NULL;
}

static const char *change_name(const struct store_change *change)
{
	if (is_told(change))
		return "reaction";
	return change->kind == CHANGE_DELETE ? "delete" : "edit";
}

void view_change_write(struct json_text *text,
		       const struct store_change *change,
		       const struct store_conversation *conversation)
{
	if (change->kind == CHANGE_ERASE) {
		view_erase_write(text, NULL, change);
		return;
	}
	json_text_open(text, NULL, '{');
	json_text_id(text, "conversationId", change->conversation);
	json_text_int(text, "change", change->change);
	json_text_word(text, "kind", change_name(change));
	if (is_told(change)) {
		json_text_id(text, "userId", change->by);
		json_text_string(text, "emoji", change->emoji);
		json_text_bool(text, "on", change->on);
	}
	view_message_write(text, "message", &change->message, conversation);
	json_text_close(text, '}');
}

void view_reaction_write(struct json_text *text,
			 const struct store_change *change)
{
	const struct store_message *message = &change->message;

	json_text_open(text, NULL, '{');
	json_text_id(text, "conversationId", change->conversation);
	json_text_id(text, "messageId", message->id);
	json_text_int(text, "seq", message->seq);
	json_text_int(text, "change", change->change);
	json_text_id(text, "userId", change->by);
	json_text_string(text, "emoji", change->emoji);
	json_text_bool(text, "on", change->on);
	json_text_json(text, "reactions", message->reactions, "[]");
	json_text_close(text, '}');
}

const char *view_change_event(enum store_change_kind kind)
{
	static const char *const names[] = {
		[CHANGE_EDIT] = "message:updated",
		[CHANGE_DELETE] = "message:deleted",
		[CHANGE_REACTION] = "message:reaction",
		[CHANGE_ERASE] = "conversation:erased",
	};

	return names[kind];
}

/* ---- conversations ---- */

static void write_reach(struct json_text *text, const struct store_member *of)
{
	json_text_int(text, "receivedSeq", of->received_seq);
	json_text_int(text, "readSeq", of->read_seq);
}

void view_marks_write(struct json_text *text, const char *key,
		      const struct store_conversation *conversation)
{
	bool shown = conversation->members != NULL;
	const struct store_member *members =
		shown ? conversation->members : &conversation->me;
	size_t count = shown ? conversation->member_count : 1;

	json_text_open(text, key, '[');
	for (size_t i = 0; i < count; i++) {
		json_text_open(text, NULL, '{');
		json_text_id(text, "userId", members[i].user_id);
		write_reach(text, &members[i]);
		json_text_close(text, '}');
	}
	json_text_close(text, ']');
}

static bool hides_receipts(const struct store_conversation *conversation)
{
	for (size_t i = 0;
	     conversation->members != NULL && i < conversation->member_count;
	     i++) {
		if (conversation->members[i].hides_receipts)
			return true;
	}
	return false;
}

/* shared: who sees it is not known, so that where one of them hides how far
 * they have read it is said of nobody. */
static void view_members_write(struct json_text *text,
			       const struct store_conversation *conversation,
			       bool shared)
{
	bool hidden = shared && hides_receipts(conversation);

	if (conversation->members == NULL) {
		json_text_string(text, "members", NULL);
		return;
	}
	json_text_open(text, "members", '[');
	for (size_t i = 0; i < conversation->member_count; i++) {
		const struct store_member *member = &conversation->members[i];

		json_text_open(text, NULL, '{');
		json_text_id(text, "userId", member->user_id);
		if (member->owner)
			json_text_word(text, "role", "owner");
		else
			json_text_word(text, "role", "member");
		json_text_int(text, "joinedSeq", member->joined_seq);
		json_text_int(text, "receivedSeq", member->received_seq);
		json_text_int(text, "readSeq",
			      hidden ? member->joined_seq - 1
				     : member->read_seq);
		json_text_close(text, '}');
	}
	json_text_close(text, ']');
}

/* As everybody may see it. */
static void write_shared_last(struct json_text *text,
			      const struct store_conversation *conversation)
{
	struct store_message last = *conversation->last_message;

	last.reactions = store_reactions_shared(last.reactions);
	view_message_write(text, "lastMessage", &last, conversation);
	free(last.reactions);
}

static void write_last(struct json_text *text,
		       const struct store_conversation *conversation,
		       bool shared)
{
	if (conversation->last_message == NULL)
		json_text_string(text, "lastMessage", NULL);
	else if (shared)
		write_shared_last(text, conversation);
	else
		view_message_write(text, "lastMessage",
				   conversation->last_message, conversation);
}

static void open_conversation(struct json_text *text, const char *key,
			      const struct store_conversation *conversation,
			      bool shared)
{
	json_text_open(text, key, '{');
	json_text_id(text, "_id", conversation->id);
	json_text_word(text, "kind",
		       store_conversation_kind_name(conversation->kind));
	json_text_string(text, "title",
			 conversation->title != NULL ? conversation->title
						     : "");
	json_text_string(text, "avatar",
			 conversation->avatar != NULL ? conversation->avatar
						      : "");
	view_members_write(text, conversation, shared);
	write_last(text, conversation, shared);
	json_text_int(text, "lastSeq", conversation->last_seq);
	json_text_int(text, "lastChange", conversation->last_change);
	json_text_time(text, "updatedAt", conversation->updated_at);
}

void view_shared_conversation_write(
	struct json_text *text, const char *key,
	const struct store_conversation *conversation)
{
	open_conversation(text, key, conversation, true);
	json_text_close(text, '}');
}

static void write_time(struct json_text *text, const char *key, int64_t time)
{
	json_text_time(text, key, time > 0 ? time : -1);
}

static void write_own(struct json_text *text, const struct store_own *own)
{
	write_time(text, "mutedUntil", own->muted_until);
	write_time(text, "pinnedAt", own->pinned_at);
	if (own->archived)
		json_text_int(text, "archivedSeq", own->archived_seq);
	else
		json_text_string(text, "archivedSeq", NULL);
	json_text_bool(text, "markedUnread", own->marked_unread);
	json_text_json(text, "draft", own->draft, "null");
	json_text_int(text, "own", own->number);
}

void view_own_write(struct json_text *text, const char *key,
		    const struct store_own *own)
{
	json_text_open(text, key, '{');
	json_text_id(text, "conversationId", own->conversation);
	write_own(text, own);
	json_text_close(text, '}');
}

/* In the lobby nobody has marks. */
static int64_t unread_of(const struct store_conversation *conversation)
{
	if (conversation->kind == CONVERSATION_LOBBY)
		return 0;
	return conversation->unread;
}

void view_conversation_write(struct view_people *people, const char *key,
			     const struct store_conversation *conversation)
{
	struct json_text *text = people->text;

	open_conversation(text, key, conversation, false);
	if (conversation->other != NULL)
		view_user_write(people, "otherUser", conversation->other);
	else
		json_text_string(text, "otherUser", NULL);
	write_own(text, &conversation->own);
	json_text_int(text, "unread", unread_of(conversation));
	write_reach(text, &conversation->me);
	json_text_close(text, '}');
}

/* ---- read marks ---- */

struct json_object *view_marks(const struct store_read_marks *marks)
{
	struct json_object *out = json_new_object();

	json_put_string(out, "conversationId", marks->conversation);
	json_put_string(out, "userId", marks->user_id);
	json_put_int(out, "receivedSeq", marks->received_seq);
	json_put_int(out, "readSeq", marks->read_seq);
	return out;
}

void view_receipt_write(struct json_text *text, const char *key,
			const struct store_read_marks *marks, bool read)
{
	/* Old clients look for the message under any of these names. */
	static const char *const ids[] = {"messageId", "_id", "id"};
	const char *newest =
		read ? marks->read_message : marks->received_message;

	json_text_open(text, key, '{');
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		json_text_id_or_null(text, ids[i], newest);
	json_text_id(text, "conversationId", marks->conversation);
	json_text_id(text, "userId", marks->user_id);
	if (read)
		json_text_int(text, "readSeq", marks->read_seq);
	else
		json_text_int(text, "receivedSeq", marks->received_seq);
	json_text_close(text, '}');
}
