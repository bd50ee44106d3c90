/* Typing: to whom it goes, and the stop that follows it. */
#include "hub_internal.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "sio_message.h"

/* Where somebody types. */
struct place {
	char conversation[ID_SIZE];
	char room[HUB_ROOM_SIZE]; /* "": nobody may hear of it */
};

/* Whom he may write to may see that he is about to. */
static void place_direct(struct place *place, const struct client *client,
			 const char *other)
{
	id_direct(client->user->id, other, place->conversation);
	if (map_get(&client->hub->users, other) != NULL)
		snprintf(place->room, sizeof(place->room), "u:%s", other);
}

static void place_conversation(struct place *place, const struct client *client,
			       const char *conversation)
{
	const char *other;

	snprintf(place->conversation, ID_SIZE, "%s", conversation);
	snprintf(place->room, sizeof(place->room), "c:%s", conversation);
	if (sio_room_has(client->hub->rooms, place->room, &client->member))
		return;
	other = hub_direct_with(client->user, conversation);
	place->room[0] = '\0';
	if (other != NULL)
		snprintf(place->room, sizeof(place->room), "u:%s", other);
}

static bool find_place(const struct client *client,
		       const struct json_object *body, struct place *place)
{
	const char *to = NULL, *conversation = NULL;

	*place = (struct place){0};
	json_get_string(body, "to", &to);
	json_get_string(body, "conversationId", &conversation);
	if (conversation != NULL && id_valid(conversation))
		place_conversation(place, client, conversation);
	else if (conversation == NULL && to != NULL && id_valid(to))
		place_direct(place, client, to);
	else
		return false;
	return true;
}

struct telling {
	const char *from;
	struct sio_message *message;
};

static void tell(void *owner, void *user)
{
	struct client *client = owner;
	const struct telling *telling = user;

	if (client->state == CLIENT_READY &&
	    strcmp(client->user->id, telling->from) != 0)
		hub_send(client, telling->message, true);
}

static void tell_room(struct hub *hub, const char *event, const char *from,
		      const char *conversation, const char *room)
{
	struct json_object *body = json_new_object();
	struct telling telling = {.from = from};

	json_put_string(body, "from", from);
	json_put_string(body, "conversationId", conversation);
	telling.message = hub_message(event, body);
	sio_room_each(hub->rooms, room, tell, &telling);
	sio_message_unref(telling.message);
}

void hub_typing_stopped(const char *from, const char *conversation,
			const char *room, void *hub)
{
	tell_room(hub, "typing-stopped", from, conversation, room);
}

bool hub_typing(struct client *client, const struct json_object *body)
{
	struct hub *hub = client->hub;
	struct place place;

	if (!find_place(client, body, &place))
		return false;
	if (place.room[0] != '\0' &&
	    typing_start(hub->typing, &client->typing, client->user->id,
			 place.conversation, place.room, hub->config.mono_ms()))
		tell_room(hub, "typing", client->user->id, place.conversation,
			  place.room);
	return true;
}

bool hub_typing_stop(struct client *client, const struct json_object *body)
{
	struct place place;

	if (!find_place(client, body, &place))
		return false;
	typing_stop(client->hub->typing, client->user->id, place.conversation);
	return true;
}
