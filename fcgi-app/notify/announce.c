#include "announce.h"

#include <string.h>

#include "buf.h"
#include "room.h"
#include "store_types.h"
#include "user_view.h"

/* ---- a frame is written where it leaves from ---- */

static struct json_text *begin(struct announce_frame *frame, struct buf *out,
			       enum notify_kind kind)
{
	frame->out = out;
	frame->begun = notify_frame_begin(out, kind);
	frame->text.buf = *out;
	json_text_start(&frame->text, '{');
	return &frame->text;
}

static void end(struct announce_frame *frame)
{
	*frame->out = frame->text.buf;
	if (!notify_frame_end(frame->out, frame->begun))
		frame->out->overflow = true;
}

static void end_head(struct announce_frame *frame, const char *request_id)
{
	if (request_id != NULL)
		json_text_string(&frame->text, "requestId", request_id);
	json_text_close(&frame->text, '}');
}

/* ---- events ---- */

static void write_position(struct json_text *head, const char *position)
{
	if (position != NULL && position[0] != '\0')
		json_text_word(head, "position", position);
}

static void write_rooms(struct json_text *head,
			const struct announce_event *event)
{
	json_text_open(head, "rooms", '[');
	for (size_t i = 0; i < event->room_count; i++)
		json_text_word(head, NULL, event->rooms[i]);
	json_text_close(head, ']');
}

static void write_head(struct json_text *head,
		       const struct announce_event *event)
{
	write_rooms(head, event);
	if (event->conversation != NULL)
		json_text_word(head, "conversationId", event->conversation);
	if (event->seq > 0)
		json_text_int(head, "seq", event->seq);
	if (event->change > 0)
		json_text_int(head, "change", event->change);
	if (event->user != NULL)
		json_text_word(head, "userId", event->user);
	write_position(head, event->position);
	if (event->received > 0)
		json_text_int(head, "received", event->received);
	if (event->read > 0)
		json_text_int(head, "read", event->read);
	if (event->from != NULL)
		json_text_word(head, "from", event->from);
	if (event->except != NULL)
		json_text_word(head, "except", event->except);
}

struct json_text *announce_event_begin(struct announce_frame *frame,
				       struct buf *out,
				       const struct announce_event *event,
				       const char *name)
{
	struct json_text *text = begin(frame, out, NOTIFY_EVENT);

	write_head(text, event);
	end_head(frame, event->request_id);
	buf_adds(&text->buf, "\n");
	json_text_start(text, '[');
	json_text_word(text, NULL, name);
	return text;
}

struct json_text *announce_event_next(struct announce_frame *frame,
				      const char *name)
{
	struct json_text *text = &frame->text;

	json_text_close(text, ']');
	buf_adds(&text->buf, "\n");
	json_text_start(text, '[');
	json_text_word(text, NULL, name);
	return text;
}

void announce_event_end(struct announce_frame *frame)
{
	json_text_close(&frame->text, ']');
	end(frame);
}

void announce_server(struct buf *out, const struct store_user *server,
		     const char *request_id)
{
	static const char *const rooms[] = {ROOM_LINE};
	const struct announce_event event = {
		.rooms = rooms, .room_count = 1, .request_id = request_id};
	struct announce_frame frame;
	struct json_text *text =
		announce_event_begin(&frame, out, &event, "server");

	json_text_open(text, NULL, '{');
	json_text_string(text, "displayName", server->display_name);
	json_text_string(text, "statusText", server->status_text);
	json_text_string(text, "avatar", server->avatar);
	json_text_close(text, '}');
	announce_event_end(&frame);
}

/* ---- frames that are only a head ---- */

static void add_room_frame(struct buf *out, enum notify_kind kind,
			   const char *user, const char *room,
			   const char *position)
{
	struct announce_frame frame;
	struct json_text *head = begin(&frame, out, kind);

	json_text_word(head, "userId", user);
	json_text_word(head, "room", room);
	write_position(head, position);
	end_head(&frame, NULL);
	end(&frame);
}

void announce_join(struct buf *out, const char *user, const char *room)
{
	add_room_frame(out, NOTIFY_JOIN, user, room, NULL);
}

/* room, and position with it, may be NULL. */
static void add_join(struct buf *out, const char *user, const char *room,
		     const char *position, const char *const *contacts,
		     size_t count)
{
	struct announce_frame frame;
	struct json_text *head = begin(&frame, out, NOTIFY_JOIN);

	json_text_word(head, "userId", user);
	if (room != NULL)
		json_text_word(head, "room", room);
	write_position(head, position);
	json_text_open(head, "contacts", '[');
	for (size_t i = 0; i < count; i++) {
		if (strcmp(contacts[i], user) != 0)
			json_text_word(head, NULL, contacts[i]);
	}
	json_text_close(head, ']');
	end_head(&frame, NULL);
	end(&frame);
}

void announce_join_with(struct buf *out, const char *user, const char *room,
			const char *position, const char *const *contacts,
			size_t count)
{
	add_join(out, user, room, position, contacts, count);
}

void announce_contact(struct buf *out, const char *user, const char *other)
{
	add_join(out, user, NULL, NULL, &other, 1);
}

void announce_leave(struct buf *out, const char *user, const char *room,
		    const char *position)
{
	add_room_frame(out, NOTIFY_LEAVE, user, room, position);
}

/* which: the member that names the session. */
static void add_revoke(struct buf *out, const char *user, const char *which,
		       const char *session, const char *reason,
		       const char *request_id)
{
	struct announce_frame frame;
	struct json_text *head = begin(&frame, out, NOTIFY_REVOKE);

	json_text_word(head, "userId", user);
	if (session != NULL)
		json_text_word(head, which, session);
	json_text_word(head, "reason", reason);
	end_head(&frame, request_id);
	end(&frame);
}

void announce_revoke(struct buf *out, const char *user, const char *session,
		     const char *reason, const char *request_id)
{
	add_revoke(out, user, "sid", session, reason, request_id);
}

void announce_revoke_others(struct buf *out, const char *user,
			    const char *session, const char *reason,
			    const char *request_id)
{
	add_revoke(out, user, "except", session, reason, request_id);
}

static void add_hide(struct buf *out, const char *user, const char *other,
		     bool hidden)
{
	struct announce_frame frame;
	struct json_text *head = begin(&frame, out, NOTIFY_HIDE);

	json_text_word(head, "userId", user);
	json_text_word(head, "other", other);
	json_text_bool(head, "hidden", hidden);
	end_head(&frame, NULL);
	end(&frame);
}

void announce_hide(struct buf *out, const char *user, const char *other,
		   bool hidden)
{
	add_hide(out, user, other, hidden);
	add_hide(out, other, user, hidden);
}

void announce_revoke_network(struct buf *out, const char *network,
			     const char *reason, const char *request_id)
{
	struct announce_frame frame;
	struct json_text *head = begin(&frame, out, NOTIFY_REVOKE);

	json_text_string(head, "network", network);
	json_text_word(head, "reason", reason);
	end_head(&frame, request_id);
	end(&frame);
}

static void add_settings(struct buf *out, const struct store_user *user,
			 const char *to, const char *request_id)
{
	struct announce_frame frame;
	struct json_text *head = begin(&frame, out, NOTIFY_SETTINGS);

	json_text_word(head, "userId", user->id);
	if (to != NULL)
		json_text_word(head, "to", to);
	json_text_string(head, "statusText", user->status_text);
	json_text_string(head, "username", user->username);
	json_text_string(head, "avatar", user->avatar);
	json_text_int(head, "lastSeen", user_view_last_seen(user));
	json_text_bool(head, "hidesLastSeen", user->hides_last_seen);
	json_text_bool(head, "hidesReceipts", user->hides_receipts);
	end_head(&frame, request_id);
	end(&frame);
}

void announce_settings(struct buf *out, const struct store_user *user,
		       const char *request_id)
{
	add_settings(out, user, NULL, request_id);
}

void announce_settings_to(struct buf *out, const struct store_user *user,
			  const char *viewer, const char *request_id)
{
	add_settings(out, user, viewer, request_id);
}
