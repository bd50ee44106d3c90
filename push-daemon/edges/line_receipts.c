#include <string.h>

#include "hub.h"
#include "json.h"
#include "line_person.h"

#define LOOK_MS 10 /* after a write; then twice as long each time ... */
#define LOOK_MOST_MS 320

void line_receipts_add(struct line_person *person, const char *conversation,
		       int64_t seq)
{
	struct line_receipt *place = NULL;

	for (size_t i = 0; i < LINE_RECEIPTS; i++) {
		struct line_receipt *one = &person->receipts[i];

		if (one->conversation[0] == '\0') {
			place = one;
			break;
		}
		/* With no place left one stands for those before it. */
		if (strcmp(one->conversation, conversation) == 0)
			place = one;
	}
	if (place == NULL)
		place = &person->receipts[LINE_RECEIPTS - 1];
	if (!line_listens(&person->line) || !id_valid(conversation))
		return;
	memcpy(place->conversation, conversation, ID_SIZE);
	place->seq = seq;
	place->due = person->line.outbox.added;
	person->look_ms = LOOK_MS;
	person->look_at = 0;
	line_keep_busy(&person->line);
}

void line_receipts_forget(struct line_person *person)
{
	memset(person->receipts, 0, sizeof(person->receipts));
	person->look_ms = 0;
}

static void say_received(struct line_person *person,
			 const struct line_receipt *receipt)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "conversationId", receipt->conversation);
	json_put_int(body, "seq", receipt->seq);
	line_client_say(person, "message-received", -1, body);
}

static bool has_later(const struct line_person *person, size_t index,
		      uint64_t arrived)
{
	const struct line_receipt *one = &person->receipts[index];

	for (size_t i = 0; i < LINE_RECEIPTS; i++) {
		const struct line_receipt *other = &person->receipts[i];

		if (other->due <= arrived && other->seq > one->seq &&
		    strcmp(other->conversation, one->conversation) == 0)
			return true;
	}
	return false;
}

static bool look(struct line_person *person)
{
	struct hub *hub = person->edge->config.hub;
	uint64_t arrived = line_arrived(&person->line);
	bool some = false;

	for (size_t i = 0; i < LINE_RECEIPTS; i++) {
		struct line_receipt *one = &person->receipts[i];

		if (one->conversation[0] == '\0')
			continue;
		if (one->due <= arrived && has_later(person, i, arrived)) {
			one->conversation[0] = '\0';
		} else if (one->due <= arrived && person->client != NULL &&
			   hub_client_admit(hub, &person->client->client, 0,
					    -1)) {
			say_received(person, one);
			one->conversation[0] = '\0';
		} else {
			some = true;
		}
	}
	return some;
}

bool line_receipts_tick(struct line_person *person, int64_t now_ms)
{
	if (person->look_ms == 0)
		return false;
	if (now_ms < person->look_at)
		return true;
	if (person->client == NULL || person->line.deaf || !look(person)) {
		person->look_ms = 0;
		return false;
	}
	person->look_at = now_ms + person->look_ms;
	if (person->look_ms < LOOK_MOST_MS)
		person->look_ms *= 2;
	return true;
}
