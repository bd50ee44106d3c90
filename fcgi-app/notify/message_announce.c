#include "message_announce.h"

#include <stdlib.h>
#include <string.h>

#include "announce.h"
#include "room.h"
#include "system_view.h"
#include "view.h"

struct rooms {
	char names[2][ROOM_SIZE];
	const char *list[2];
	size_t count;
};

static char *rooms_add(struct rooms *rooms)
{
	char *name = rooms->names[rooms->count];

	rooms->list[rooms->count++] = name;
	return name;
}

static void rooms_of_user(struct rooms *rooms, const char *user)
{
	rooms->count = 0;
	room_of_user(user, rooms_add(rooms));
}

static void rooms_of(struct rooms *rooms, enum store_conversation_kind kind,
		     const char *conversation, const char *user,
		     const char *other)
{
	if (kind == CONVERSATION_LOBBY) {
		rooms->count = 0;
		strcpy(rooms_add(rooms), ROOM_LOBBY);
		return;
	}
	if (kind != CONVERSATION_DIRECT) {
		rooms->count = 0;
		room_of_conversation(conversation, rooms_add(rooms));
		if (kind == CONVERSATION_SUPPORT)
			strcpy(rooms_add(rooms), ROOM_OPERATOR);
		return;
	}
	rooms_of_user(rooms, user);
	if (other[0] != '\0' && strcmp(user, other) != 0)
		room_of_user(other, rooms_add(rooms));
}

static struct json_text *begin_to(struct announce_frame *frame, struct buf *out,
				  struct announce_event *event,
				  const struct rooms *rooms, const char *name)
{
	event->rooms = rooms->list;
	event->room_count = rooms->count;
	return announce_event_begin(frame, out, event, name);
}

/* What clients of the Flask chat hear of it, who hear of nothing else. */
static void add_broadcast(struct announce_frame *frame,
			  const struct store_message *message)
{
	struct json_text *text =
		announce_event_next(frame, "broadcast_message");
	const char *client =
		message->client[0] != '\0' ? message->client : NULL;
	char *sentence = message->kind == MESSAGE_SYSTEM
				 ? system_view_sentence(message)
				 : NULL;

	json_text_open(text, NULL, '{');
	json_text_word(text, "id", message->id);
	json_text_word(text, "from", message->sender);
	json_text_string(text, "username", message->sender_name);
	json_text_string(text, "message",
			 sentence != NULL ? sentence : message->content);
	json_text_time(text, "timestamp", message->created_at);
	json_text_string(text, "client_id", client);
	json_text_close(text, '}');
	free(sentence);
}

static bool is_broadcast(const struct store_message *message)
{
	return message->conversation_kind == CONVERSATION_SUPPORT ||
	       message->conversation_kind == CONVERSATION_LOBBY;
}

static void rooms_of_message(struct rooms *rooms,
			     const struct store_message *message)
{
	if (message->hidden)
		rooms_of_user(rooms, message->sender);
	else
		rooms_of(rooms, message->conversation_kind,
			 message->conversation, message->sender,
			 message->recipient);
}

/* What is hidden is for whoever did it alone, as such a message is. */
static void rooms_of_change(struct rooms *rooms,
			    const struct store_change *change, const char *by)
{
	if (change->hidden)
		rooms_of_user(rooms, by);
	else
		rooms_of_message(rooms, &change->message);
}

/* As the one argument of what was begun. */
static struct message_rendered
write_message(struct json_text *text, const struct store_message *message,
	      const struct store_conversation *conversation)
{
	size_t at = text->buf.len + 1; /* a comma comes first */

	view_message_write(text, NULL, message, conversation);
	return (struct message_rendered){at, text->buf.len - at};
}

static struct message_rendered end_message(struct announce_frame *frame,
					   struct message_rendered rendered)
{
	announce_event_end(frame);
	if (frame->out->overflow)
		rendered.len = 0;
	return rendered;
}

struct message_rendered
message_announce_new(struct buf *out, const struct store_message *message,
		     const char *request_id)
{
	struct announce_event event = {
		.conversation = message->conversation,
		.seq = message->seq,
		.position = message->id,
		.from = message->sender,
		.request_id = request_id,
	};

	struct announce_frame frame;
	struct rooms rooms;

	rooms_of_message(&rooms, message);
	struct message_rendered rendered = write_message(
		begin_to(&frame, out, &event, &rooms, "message:new"), message,
		NULL);

	if (is_broadcast(message))
		add_broadcast(&frame, message);
	return end_message(&frame, rendered);
}

struct message_rendered
message_announce_change(struct buf *out, const struct store_change *change,
			const struct store_conversation *conversation,
			const char *request_id)
{
	struct store_message message = change->message;
	struct announce_event event = {
		.conversation = change->conversation,
		.change = change->change,
		.position = change->position,
		.except = change->later,
		.request_id = request_id,
	};

	/* An older change that is announced late says so: its message may have
	 * been changed again, and that change is yet to come. */
	message.change = change->change;
	struct announce_frame frame;
	struct rooms rooms;

	rooms_of_change(&rooms, change, message.sender);
	struct message_rendered rendered =
		write_message(begin_to(&frame, out, &event, &rooms,
				       view_change_event(change->kind)),
			      &message, conversation);

	return end_message(&frame, rendered);
}

void message_announce_reaction(struct buf *out,
			       const struct store_change *change,
			       const char *request_id)
{
	struct announce_frame frame;
	struct rooms rooms;
	struct announce_event event = {
		.conversation = change->conversation,
		.change = change->change,
		.position = change->position,
		.except = change->later,
		.request_id = request_id,
	};

	if (change->emoji == NULL)
		return; /* of somebody who was erased since */
	rooms_of_change(&rooms, change, change->by);
	view_reaction_write(begin_to(&frame, out, &event, &rooms,
				     view_change_event(change->kind)),
			    change);
	announce_event_end(&frame);
}

/* One event, so that pushd may let a newer one stand for it. */
static void announce_receipt(struct buf *out,
			     const struct store_read_marks *marks, bool read,
			     const char *request_id)
{
	struct announce_frame frame;
	struct rooms rooms;
	struct announce_event event = {
		.conversation = marks->conversation,
		.user = marks->user_id,
		.received = read ? 0 : marks->received_seq,
		.read = read ? marks->read_seq : 0,
		.request_id = request_id,
	};

	if (marks->own_only || (read && marks->read_own_only))
		rooms_of_user(&rooms, marks->user_id);
	else
		rooms_of(&rooms, marks->conversation_kind, marks->conversation,
			 marks->user_id, marks->other);
	view_receipt_write(begin_to(&frame, out, &event, &rooms,
				    read ? "message:read" : "message:received"),
			   NULL, marks, read);
	announce_event_end(&frame);
}

void message_announce_marks(struct buf *out,
			    const struct store_read_marks *marks,
			    const char *request_id)
{
	/* What is read was received: one event says both, to who hears it. */
	bool both = marks->read_moved && !marks->read_own_only &&
		    !marks->read_partly &&
		    marks->received_seq == marks->read_seq;

	if (marks->received_moved && !both)
		announce_receipt(out, marks, false, request_id);
	if (marks->read_moved)
		announce_receipt(out, marks, true, request_id);
}

/* Whose support conversation it is comes into its room; operators need not. */
static void announce_client(struct buf *out,
			    const struct store_conversation *conversation)
{
	char room[ROOM_SIZE];

	room_of_conversation(conversation->id, room);
	for (size_t i = 0; i < conversation->member_count; i++) {
		const char *user = conversation->members[i].user_id;

		if (strcmp(user, ID_SERVER) != 0)
			announce_join(out, user, room);
	}
}

void message_announce_opened(struct buf *out,
			     const struct store_conversation *conversation,
			     const struct announce_pair *between,
			     const char *request_id)
{
	struct announce_frame frame;
	struct rooms rooms;
	struct announce_event event = {
		.conversation = conversation->id,
		.request_id = request_id,
	};

	if (conversation->kind == CONVERSATION_SUPPORT)
		announce_client(out, conversation);
	if (between->hidden)
		rooms_of_user(&rooms, between->sender);
	else
		rooms_of(&rooms, conversation->kind, conversation->id,
			 between->sender, between->recipient);
	view_shared_conversation_write(
		begin_to(&frame, out, &event, &rooms, "conversation:new"), NULL,
		conversation);
	announce_event_end(&frame);
	if (conversation->kind == CONVERSATION_DIRECT && !between->hidden &&
	    strcmp(between->sender, between->recipient) != 0)
		announce_contact(out, between->sender, between->recipient);
}

void message_announce_own(struct buf *out, const char *user,
			  const struct store_own *own, const char *request_id)
{
	struct announce_frame frame;
	struct rooms rooms;
	struct announce_event event = {
		.conversation = own->conversation,
		.request_id = request_id,
	};

	rooms_of_user(&rooms, user);
	view_own_write(
		begin_to(&frame, out, &event, &rooms, "conversation:own"), NULL,
		own);
	announce_event_end(&frame);
}

void message_announce_erase(struct buf *out, const struct store_change *change,
			    const char *request_id)
{
	const struct store_message *message = &change->message;
	struct announce_frame frame;
	struct rooms rooms;
	struct announce_event event = {
		.conversation = change->conversation,
		.change = change->change,
		.position = change->position,
		.request_id = request_id,
	};

	rooms_of(&rooms, message->conversation_kind, change->conversation,
		 message->sender, message->recipient);
	view_erase_write(
		begin_to(&frame, out, &event, &rooms, "conversation:erased"),
		NULL, change);
	announce_event_end(&frame);
}
