#include "frame_head.h"

#include <string.h>

#include "ids.h"
#include "room.h"

/* A text that may be absent, but not wrong. */
static bool read_text(const struct json_flat *flat, const char *key,
		      const char **out)
{
	return json_flat_string(flat, key, out) != JSON_WRONG;
}

static bool read_id(const struct json_flat *flat, const char *key,
		    const char **out)
{
	return read_text(flat, key, out) && (*out == NULL || id_valid(*out));
}

/* One behind the other. */
static bool read_ids(const struct json_flat *flat, const char *key,
		     const char **out)
{
	return read_text(flat, key, out) &&
	       (*out == NULL || strlen(*out) % ID_LEN == 0);
}

static bool read_rooms(struct frame_head *head)
{
	if (json_flat_strings(&head->flat, "rooms", head->rooms,
			      FRAME_ROOMS_MAX, &head->room_count) != JSON_FOUND)
		return false;
	for (size_t i = 0; i < head->room_count; i++) {
		if (!room_valid(head->rooms[i]))
			return false;
	}
	return head->room_count > 0;
}

static bool frame_read_number(const struct json_flat *flat, const char *key,
			      int64_t *out)
{
	return json_flat_int(flat, key, out) != JSON_WRONG && *out >= 0;
}

static bool frame_read_event(struct frame_head *head)
{
	if (!read_rooms(head) ||
	    !read_id(&head->flat, "conversationId", &head->conversation) ||
	    !read_id(&head->flat, "from", &head->from) ||
	    !read_id(&head->flat, "userId", &head->user) ||
	    !frame_read_number(&head->flat, "seq", &head->seq) ||
	    !frame_read_number(&head->flat, "change", &head->change) ||
	    !read_id(&head->flat, "position", &head->position) ||
	    !frame_read_number(&head->flat, "received", &head->received) ||
	    !frame_read_number(&head->flat, "read", &head->read) ||
	    !read_ids(&head->flat, "except", &head->except))
		return false;

	bool receipt = head->received > 0 || head->read > 0;

	/* A number of no conversation has no window to go through. */
	return (head->conversation != NULL ||
		(head->seq == 0 && head->change == 0 && !receipt)) &&
	       (head->user != NULL || !receipt);
}

static bool frame_read_user(struct frame_head *head)
{
	return read_id(&head->flat, "userId", &head->user) &&
	       head->user != NULL;
}

static bool frame_read_leave(struct frame_head *head)
{
	return frame_read_user(head) &&
	       read_text(&head->flat, "room", &head->room) &&
	       room_valid(head->room) &&
	       read_id(&head->flat, "position", &head->position);
}

/* A room, contacts, or both. */
static bool frame_read_join(struct frame_head *head)
{
	enum json_field contacts =
		json_flat_strings(&head->flat, "contacts", head->contacts,
				  FRAME_CONTACTS_MAX, &head->contact_count);

	for (size_t i = 0; i < head->contact_count; i++) {
		if (!id_valid(head->contacts[i]))
			return false;
	}
	return contacts != JSON_WRONG && frame_read_user(head) &&
	       read_text(&head->flat, "room", &head->room) &&
	       read_id(&head->flat, "position", &head->position) &&
	       (head->room != NULL ? room_valid(head->room)
				   : contacts == JSON_FOUND);
}

static bool frame_read_revoke(struct frame_head *head)
{
	return read_text(&head->flat, "network", &head->network) &&
	       (head->network != NULL || frame_read_user(head)) &&
	       read_text(&head->flat, "sid", &head->session_id) &&
	       read_text(&head->flat, "except", &head->except) &&
	       read_text(&head->flat, "reason", &head->reason);
}

static bool frame_read_settings(struct frame_head *head)
{
	return frame_read_user(head) &&
	       read_id(&head->flat, "to", &head->other) &&
	       json_flat_string(&head->flat, "statusText",
				&head->status_text) == JSON_FOUND &&
	       read_text(&head->flat, "username", &head->username) &&
	       read_text(&head->flat, "avatar", &head->avatar) &&
	       frame_read_number(&head->flat, "lastSeen",
				 &head->last_seen_ms) &&
	       json_flat_bool(&head->flat, "hidesLastSeen",
			      &head->hides_last_seen) != JSON_WRONG &&
	       json_flat_bool(&head->flat, "hidesReceipts",
			      &head->hides_receipts) != JSON_WRONG;
}

static bool frame_read_hide(struct frame_head *head)
{
	return frame_read_user(head) &&
	       read_id(&head->flat, "other", &head->other) &&
	       head->other != NULL &&
	       json_flat_bool(&head->flat, "hidden", &head->hidden) ==
		       JSON_FOUND;
}

/* HELLO, which may not know it, and POSITION. */
static bool frame_read_position(struct frame_head *head)
{
	return read_id(&head->flat, "position", &head->position);
}

static bool frame_read_hello(struct frame_head *head)
{
	return frame_read_position(head) &&
	       read_id(&head->flat, "epoch", &head->epoch);
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
	return json_flat_read(&head->flat, text, len) &&
	       read_text(&head->flat, "requestId", &head->request) &&
	       readers[kind](head);
}

void frame_head_done(struct frame_head *head)
{
	json_flat_done(&head->flat);
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
