#include "message_announce.h"

#include <stdio.h>
#include <string.h>

#include "announce.h"
#include "json.h"
#include "view.h"

#define ROOM_SIZE (2 + ID_SIZE)

struct rooms {
	char names[2][ROOM_SIZE];
	const char *list[2];
	size_t count;
};

static void rooms_add(struct rooms *rooms, char kind, const char *id)
{
	char *name = rooms->names[rooms->count];

	snprintf(name, ROOM_SIZE, "%c:%s", kind, id);
	rooms->list[rooms->count++] = name;
}

static void rooms_of(struct rooms *rooms, enum store_conversation_kind kind,
		     const char *conversation, const char *user,
		     const char *other)
{
	rooms->count = 0;
	if (kind != CONVERSATION_DIRECT) {
		rooms_add(rooms, 'c', conversation);
		return;
	}
	rooms_add(rooms, 'u', user);
	if (other[0] != '\0' && strcmp(user, other) != 0)
		rooms_add(rooms, 'u', other);
}

/* Takes data. */
static void send_to(struct buf *out, struct announce_event *event,
		    const struct rooms *rooms, const char *name,
		    struct json_object *data)
{
	struct json_object *args = announce_args(name, data);

	event->rooms = rooms->list;
	event->room_count = rooms->count;
	announce_event(out, event, &args, 1);
	json_free(args);
}

void message_announce_new(struct buf *out, const struct store_message *message,
			  const char *request_id)
{
	struct rooms rooms;
	struct announce_event event = {
		.conversation = message->conversation,
		.seq = message->seq,
		.from = message->sender,
		.request_id = request_id,
	};

	rooms_of(&rooms, message->conversation_kind, message->conversation,
		 message->sender, message->recipient);
	send_to(out, &event, &rooms, "message:new",
		view_message(message, NULL));
}

void message_announce_change(struct buf *out, const struct store_change *change,
			     const struct store_conversation *conversation,
			     const char *request_id)
{
	struct store_message message = change->message;
	struct rooms rooms;
	struct announce_event event = {
		.conversation = change->conversation,
		.change = change->change,
		.request_id = request_id,
	};

	rooms_of(&rooms, message.conversation_kind, message.conversation,
		 message.sender, message.recipient);

	/* An older change that is told late says so: its message may have
	 * been changed again, and that change is yet to come. */
	message.change = change->change;
	send_to(out, &event, &rooms, view_change_event(change->kind),
		view_message(&message, conversation));
}

/* One event, so that pushd may let a newer one stand for it. */
static void announce_receipt(struct buf *out,
			     const struct store_read_marks *marks, bool read,
			     const char *request_id)
{
	struct rooms rooms;
	struct announce_event event = {
		.conversation = marks->conversation,
		.user = marks->user_id,
		.received = read ? 0 : marks->received_seq,
		.read = read ? marks->read_seq : 0,
		.request_id = request_id,
	};

	rooms_of(&rooms, marks->conversation_kind, marks->conversation,
		 marks->user_id, marks->other);
	send_to(out, &event, &rooms, read ? "message:read" : "message:received",
		view_receipt(marks, read));
}

void message_announce_marks(struct buf *out,
			    const struct store_read_marks *marks,
			    const char *request_id)
{
	/* What is read was received: one event says both. */
	if (marks->received_moved &&
	    !(marks->read_moved && marks->received_seq == marks->read_seq))
		announce_receipt(out, marks, false, request_id);
	if (marks->read_moved)
		announce_receipt(out, marks, true, request_id);
}

void message_announce_opened(struct buf *out, const char *conversation,
			     const char *user, struct json_object *view,
			     const char *request_id)
{
	struct rooms rooms = {.count = 0};
	struct announce_event event = {
		.conversation = conversation,
		.request_id = request_id,
	};

	rooms_add(&rooms, 'u', user);
	send_to(out, &event, &rooms, "conversation:new", view);
}
