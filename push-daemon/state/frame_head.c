#include "frame_head.h"

#include <string.h>

#include "ids.h"
#include "json.h"
#include "room.h"

#define HEAD_DEPTH 8

/* A text that may be absent, but not wrong. */
static bool read_text(const struct json_object *json, const char *key,
		      const char **out)
{
	return json_get_string(json, key, out) != JSON_WRONG;
}

static bool read_id(const struct json_object *json, const char *key,
		    const char **out)
{
	return read_text(json, key, out) && (*out == NULL || id_valid(*out));
}

static bool read_rooms(struct frame_head *head)
{
	struct json_object *rooms;

	if (json_get_array(head->json, "rooms", &rooms) != JSON_FOUND)
		return false;
	head->room_count = json_length(rooms);
	if (head->room_count < 1 || head->room_count > FRAME_ROOMS_MAX)
		return false;
	for (size_t i = 0; i < head->room_count; i++) {
		head->rooms[i] = json_text_of(json_at(rooms, i));
		if (!room_valid(head->rooms[i]))
			return false;
	}
	return true;
}

static bool frame_read_number(const struct json_object *json, const char *key,
			      int64_t *out)
{
	return json_get_int(json, key, out) != JSON_WRONG && *out >= 0;
}

static bool frame_read_event(struct frame_head *head)
{
	if (!read_rooms(head) ||
	    !read_id(head->json, "conversationId", &head->conversation) ||
	    !read_id(head->json, "from", &head->from) ||
	    !read_id(head->json, "userId", &head->user) ||
	    !frame_read_number(head->json, "seq", &head->seq) ||
	    !frame_read_number(head->json, "change", &head->change) ||
	    !read_id(head->json, "position", &head->position) ||
	    !frame_read_number(head->json, "received", &head->received) ||
	    !frame_read_number(head->json, "read", &head->read))
		return false;

	bool receipt = head->received > 0 || head->read > 0;

	/* A number of no conversation has no window to go through. */
	return (head->conversation != NULL ||
		(head->seq == 0 && head->change == 0 && !receipt)) &&
	       (head->user != NULL || !receipt);
}

static bool frame_read_user(struct frame_head *head)
{
	return read_id(head->json, "userId", &head->user) && head->user != NULL;
}

static bool frame_read_leave(struct frame_head *head)
{
	return frame_read_user(head) &&
	       read_text(head->json, "room", &head->room) &&
	       room_valid(head->room);
}

static bool read_contacts(struct frame_head *head)
{
	if (json_get_array(head->json, "contacts", &head->contacts) ==
		    JSON_WRONG ||
	    json_length(head->contacts) > FRAME_CONTACTS_MAX)
		return false;
	for (size_t i = 0; i < json_length(head->contacts); i++) {
		const char *id = json_text_of(json_at(head->contacts, i));

		if (id == NULL || !id_valid(id))
			return false;
	}
	return true;
}

/* A room, contacts, or both. */
static bool frame_read_join(struct frame_head *head)
{
	return frame_read_user(head) && read_contacts(head) &&
	       read_text(head->json, "room", &head->room) &&
	       (head->room != NULL ? room_valid(head->room)
				   : head->contacts != NULL);
}

static bool frame_read_revoke(struct frame_head *head)
{
	return read_text(head->json, "network", &head->network) &&
	       (head->network != NULL || frame_read_user(head)) &&
	       read_text(head->json, "sid", &head->session_id) &&
	       read_text(head->json, "except", &head->except) &&
	       read_text(head->json, "reason", &head->reason);
}

static bool frame_read_settings(struct frame_head *head)
{
	return frame_read_user(head) &&
	       json_get_string(head->json, "statusText", &head->status_text) ==
		       JSON_FOUND &&
	       read_text(head->json, "username", &head->username) &&
	       read_text(head->json, "avatar", &head->avatar) &&
	       frame_read_number(head->json, "lastSeen", &head->last_seen_ms) &&
	       json_get_bool(head->json, "hidesLastSeen",
			     &head->hides_last_seen) != JSON_WRONG &&
	       json_get_bool(head->json, "hidesReceipts",
			     &head->hides_receipts) != JSON_WRONG;
}

static bool frame_read_hide(struct frame_head *head)
{
	return frame_read_user(head) &&
	       read_id(head->json, "other", &head->other) &&
	       head->other != NULL &&
	       json_get_bool(head->json, "hidden", &head->hidden) == JSON_FOUND;
}

/* HELLO, which may not know it, and POSITION. */
static bool frame_read_position(struct frame_head *head)
{
	return read_id(head->json, "position", &head->position);
}

static bool frame_read_hello(struct frame_head *head)
{
	return frame_read_position(head) &&
	       read_id(head->json, "epoch", &head->epoch);
}

static bool read_nothing(struct frame_head *head)
{
	(void)head;
	return true;
}

static bool (*const readers[])(struct frame_head *head) = {
	[NOTIFY_HELLO] = frame_read_hello,
	[NOTIFY_EVENT] = frame_read_event,
	[NOTIFY_JOIN] = frame_read_join,
	[NOTIFY_LEAVE] = frame_read_leave,
	[NOTIFY_REVOKE] = frame_read_revoke,
	[NOTIFY_SETTINGS] = frame_read_settings,
	[NOTIFY_PRESENCE] = read_nothing,
	[NOTIFY_BYE] = read_nothing,
	[NOTIFY_COMMAND] = read_nothing,
	[NOTIFY_RESULT] = read_nothing,
	[NOTIFY_POSITION] = frame_read_position,
	[NOTIFY_HIDE] = frame_read_hide,
};

bool frame_head_read(struct frame_head *head, enum notify_kind kind,
		     const char *text, size_t len)
{
	*head = (struct frame_head){0};
	return json_parse(text, len, JSON_OURS(HEAD_DEPTH), &head->json) ==
		       JSON_OK &&
	       json_is_object(head->json) &&
	       read_text(head->json, "requestId", &head->request) &&
	       readers[kind](head);
}

void frame_head_done(struct frame_head *head)
{
	json_free(head->json);
	*head = (struct frame_head){0};
}

bool frame_next_event(const char **payload, size_t *len, const char **event,
		      size_t *event_len)
{
	while (*len > 0) {
		const char *feed = memchr(*payload, '\n', *len);
		size_t line = feed != NULL ? (size_t)(feed - *payload) : *len;
		size_t whole = feed != NULL ? line + 1 : line;

		*event = *payload;
		*event_len = line;
		*payload += whole;
		*len -= whole;
		/* The least that can be an event: ["x"] */
		if (line >= 5 && (*event)[0] == '[' && (*event)[1] == '"' &&
		    (*event)[line - 1] == ']')
			return true;
	}
	return false;
}
