#include "delivery.h"

#include <string.h>

#include "mem.h"
#include "sio_message.h"

static void add_room(struct delivery *delivery, const char *room)
{
	delivery->rooms[delivery->room_count++] = xstrdup(room);
	delivery->size += strlen(room) + 1;
}

static char *delivery_copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static void delivery_add_contacts(struct delivery *delivery,
				  const struct frame_head *head)
{
	size_t count = head->contact_count;

	if (count == 0)
		return;
	delivery->contacts = xcalloc(count, ID_SIZE);
	for (; delivery->contact_count < count; delivery->contact_count++)
		memcpy(delivery->contacts[delivery->contact_count],
		       head->contacts[delivery->contact_count], ID_SIZE);
	delivery->size += count * ID_SIZE;
}

static void add_messages(struct delivery *delivery, const char *payload,
			 size_t len)
{
	const char *event;
	size_t event_len;

	while (delivery->message_count < FRAME_EVENTS_MAX &&
	       frame_next_event(&payload, &len, &event, &event_len)) {
		struct sio_message *message = sio_message_new(event, event_len);

		delivery->messages[delivery->message_count++] = message;
		delivery->size += sio_message_size(message);
	}
}

struct delivery *delivery_new(enum notify_kind kind,
			      const struct frame_head *head,
			      const char *payload, size_t payload_len,
			      int64_t now_ms)
{
	struct delivery *delivery = xcalloc(1, sizeof(*delivery));

	delivery->kind = kind;
	delivery->at_ms = now_ms;
	delivery->size = sizeof(*delivery);
	for (size_t i = 0; i < head->room_count; i++)
		add_room(delivery, head->rooms[i]);
	if (head->room != NULL)
		add_room(delivery, head->room);
	if (head->user != NULL)
		memcpy(delivery->user, head->user, ID_SIZE);
	if (head->position != NULL)
		memcpy(delivery->position, head->position, ID_SIZE);
	if (head->conversation != NULL)
		memcpy(delivery->conversation, head->conversation, ID_SIZE);
	if (head->other != NULL)
		memcpy(delivery->other, head->other, ID_SIZE);
	delivery->hidden = head->hidden;
	delivery_add_contacts(delivery, head);
	delivery->session_id = delivery_copy(head->session_id);
	delivery->except = delivery_copy(head->except);
	if (head->except != NULL)
		delivery->size += strlen(head->except) + 1;
	delivery->reason = delivery_copy(head->reason);
	delivery->network = delivery_copy(head->network);
	delivery->status_text = delivery_copy(head->status_text);
	delivery->username = delivery_copy(head->username);
	delivery->avatar = delivery_copy(head->avatar);
	delivery->last_seen_ms = head->last_seen_ms;
	delivery->hides_last_seen = head->hides_last_seen;
	delivery->hides_receipts = head->hides_receipts;
	delivery->read = head->read > 0;
	if (kind == NOTIFY_EVENT)
		add_messages(delivery, payload, payload_len);
	return delivery;
}

void delivery_free(struct delivery *delivery)
{
	if (delivery == NULL)
		return;
	for (size_t i = 0; i < delivery->room_count; i++)
		free(delivery->rooms[i]);
	for (size_t i = 0; i < delivery->message_count; i++)
		sio_message_unref(delivery->messages[i]);
	free(delivery->contacts);
	free(delivery->session_id);
	free(delivery->except);
	free(delivery->reason);
	free(delivery->network);
	free(delivery->status_text);
	free(delivery->username);
	free(delivery->avatar);
	free(delivery);
}
