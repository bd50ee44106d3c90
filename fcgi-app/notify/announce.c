#include "announce.h"

#include <string.h>

#include "buf.h"
#include "json.h"
#include "notify_frame.h"
#include "store_types.h"
#include "user_view.h"

/* Takes head. */
static void add_frame(struct buf *out, enum notify_kind kind,
		      struct json_object *head, const struct buf *payload)
{
	struct notify_parts parts = {0};

	parts.head = json_print(head, &parts.head_len);
	if (payload != NULL) {
		parts.payload = payload->data;
		parts.payload_len = payload->len;
	}
	if ((payload != NULL && payload->overflow) ||
	    !notify_frame_add(out, kind, &parts))
		out->overflow = true;
	json_free(head);
}

static void put_request(struct json_object *head, const char *request_id)
{
	if (request_id != NULL)
		json_put_string(head, "requestId", request_id);
}

static struct json_object *event_head(const struct announce_event *event)
{
	struct json_object *head = json_new_object();
	struct json_object *rooms = json_new_array();

	for (size_t i = 0; i < event->room_count; i++)
		json_push(rooms, json_new_string(event->rooms[i]));
	json_put(head, "rooms", rooms);
	if (event->conversation != NULL)
		json_put_string(head, "conversationId", event->conversation);
	if (event->seq > 0)
		json_put_int(head, "seq", event->seq);
	if (event->change > 0)
		json_put_int(head, "change", event->change);
	if (event->user != NULL)
		json_put_string(head, "userId", event->user);
	if (event->received > 0)
		json_put_int(head, "received", event->received);
	if (event->read > 0)
		json_put_int(head, "read", event->read);
	if (event->from != NULL)
		json_put_string(head, "from", event->from);
	put_request(head, event->request_id);
	return head;
}

void announce_event(struct buf *out, const struct announce_event *event,
		    struct json_object *const *args, size_t count)
{
	struct buf payload;

	buf_init(&payload, NOTIFY_BODY_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t len;
		const char *text = json_print(args[i], &len);

		if (i > 0)
			buf_adds(&payload, "\n");
		buf_add(&payload, text, len);
	}
	add_frame(out, NOTIFY_EVENT, event_head(event), &payload);
	buf_done(&payload);
}

struct json_object *announce_args(const char *name, struct json_object *data)
{
	struct json_object *args = json_new_array();

	json_push(args, json_new_string(name));
	json_push(args, data);
	return args;
}

static void add_room_frame(struct buf *out, enum notify_kind kind,
			   const char *user, const char *room)
{
	struct json_object *head = json_new_object();

	json_put_string(head, "userId", user);
	json_put_string(head, "room", room);
	add_frame(out, kind, head, NULL);
}

void announce_join(struct buf *out, const char *user, const char *room)
{
	add_room_frame(out, NOTIFY_JOIN, user, room);
}

void announce_leave(struct buf *out, const char *user, const char *room)
{
	add_room_frame(out, NOTIFY_LEAVE, user, room);
}

/* which: the member that names the session. */
static void add_revoke(struct buf *out, const char *user, const char *which,
		       const char *session, const char *reason,
		       const char *request_id)
{
	struct json_object *head = json_new_object();

	json_put_string(head, "userId", user);
	if (session != NULL)
		json_put_string(head, which, session);
	json_put_string(head, "reason", reason);
	put_request(head, request_id);
	add_frame(out, NOTIFY_REVOKE, head, NULL);
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

void announce_settings(struct buf *out, const struct store_user *user,
		       const char *request_id)
{
	struct json_object *head = json_new_object();

	json_put_string(head, "userId", user->id);
	json_put_string(head, "statusText", user->status_text);
	json_put_int(head, "lastSeen", user_view_last_seen(user));
	put_request(head, request_id);
	add_frame(out, NOTIFY_SETTINGS, head, NULL);
}
