#include "hub_typing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "hub_audience.h"
#include "hub_base.h"
#include "hub_message.h"
#include "hub_rooms.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"
#include "room.h"
#include "sio_message.h"
#include "typing.h"

#define TYPING_MAX 10000

struct hub_typing {
	const struct hub_base *base;
	struct hub_audience *audience;
	struct hub_users *users;
	struct hub_rooms *rooms;
	struct typing *typing;
};

/* Where somebody types. */
struct place {
	char conversation[ID_SIZE];
	char room[ROOM_SIZE]; /* "": nobody may hear of it; or SUPPORT */
};

/* Whose support conversation it is hear of it, and all operators: two rooms,
 * which the conversation names. */
#define SUPPORT "support"

static void hub_typing_announce(struct hub_typing *typing, const char *event,
				const char *from, const char *conversation,
				const char *room);

static void on_stopped(const char *from, const char *conversation,
		       const char *room, void *user)
{
	hub_typing_announce(user, "typing-stopped", from, conversation, room);
}

struct hub_typing *hub_typing_new(const struct hub_base *base,
				  struct hub_audience *audience,
				  struct hub_users *users,
				  struct hub_rooms *rooms)
{
	struct hub_typing *typing = xcalloc(1, sizeof(*typing));
	const struct typing_config config = {
		.stop_ms = base->config.typing_stop_ms,
		.max = TYPING_MAX,
		.stopped = on_stopped,
		.user = typing,
	};

	*typing = (struct hub_typing){base, audience, users, rooms,
				      typing_new(&config)};
	return typing;
}

void hub_typing_free(struct hub_typing *typing)
{
	if (typing == NULL)
		return;
	typing_free(typing->typing);
	free(typing);
}

/* ---- to whom it goes ---- */

/* Whom they may write to may see that they are about to. */
static void place_to(struct place *place, const struct hub_typing *typing,
		     const struct client *client, const char *other)
{
	const struct user *user = hub_users_find(typing->users, other);
	bool with_guest = user != NULL && (user->guest || client->user->guest);

	if (user != NULL && !hub_users_is_hidden(user, client->user->id) &&
	    (!with_guest || typing->base->config.guest_direct))
		room_of_user(other, place->room);
}

static void place_support(struct place *place)
{
	strcpy(place->room, SUPPORT);
}

static void place_direct(struct place *place, const struct hub_typing *typing,
			 const struct client *client, const char *other)
{
	id_direct(client->user->id, other, place->conversation);
	if (strcmp(other, ID_SERVER) == 0)
		place_support(place);
	else
		place_to(place, typing, client, other);
}

static bool is_support_of(const char *user, const char *conversation)
{
	char support[ID_SIZE];

	id_direct(user, ID_SERVER, support);
	return strcmp(support, conversation) == 0;
}

struct looking {
	const char *conversation;
	bool looked, found;
};

static void look_at_client(struct client *client, void *context)
{
	struct looking *looking = context;

	if (!looking->looked)
		looking->found =
			is_support_of(client->user->id, looking->conversation);
	looking->looked = true;
}

/* Its client is the only user in its room. */
static bool is_support(const struct hub_typing *typing, const char *room,
		       const char *conversation)
{
	struct looking looking = {conversation, false, false};

	hub_rooms_each(typing->rooms, room, look_at_client, &looking);
	return looking.found;
}

/* Where nobody else may hear of it: a support conversation whose client is away
 * is a matter of the operators. */
static void place_elsewhere(struct place *place,
			    const struct hub_typing *typing,
			    const struct client *client)
{
	const char *other =
		hub_users_direct_with(client->user, place->conversation);
	bool deserted = !hub_rooms_is_occupied(typing->rooms, place->room);

	place->room[0] = '\0';
	if (other != NULL)
		place_to(place, typing, client, other);
	else if (deserted &&
		 hub_rooms_has(typing->rooms, ROOM_OPERATOR, client))
		strcpy(place->room, ROOM_OPERATOR);
}

static void place_conversation(struct place *place,
			       const struct hub_typing *typing,
			       const struct client *client,
			       const char *conversation)
{
	snprintf(place->conversation, ID_SIZE, "%s", conversation);
	room_of_conversation(conversation, place->room);
	if (strcmp(conversation, ID_LOBBY) == 0)
		strcpy(place->room, ROOM_LOBBY);

	bool there = hub_rooms_has(typing->rooms, place->room, client);

	if (is_support_of(client->user->id, conversation) ||
	    (!there && hub_rooms_has(typing->rooms, ROOM_OPERATOR, client) &&
	     is_support(typing, place->room, conversation)))
		place_support(place);
	if (!there && strcmp(place->room, SUPPORT) != 0)
		place_elsewhere(place, typing, client);
}

static bool find_place(const struct hub_typing *typing,
		       const struct client *client,
		       const struct json_object *body, struct place *place)
{
	const char *to = NULL, *conversation = NULL;

	*place = (struct place){0};
	json_get_string(body, "to", &to);
	json_get_string(body, "conversationId", &conversation);
	if (conversation != NULL && id_valid(conversation))
		place_conversation(place, typing, client, conversation);
	else if (conversation == NULL && to != NULL && id_valid(to))
		place_direct(place, typing, client, to);
	else
		return false;
	return true;
}

static void send_typing(struct client *client, void *message)
{
	client_send(client, message, true);
}

static void hub_typing_announce(struct hub_typing *typing, const char *event,
				const char *from, const char *conversation,
				const char *room)
{
	struct json_object *body = json_new_object();
	struct sio_message *message;
	char own[ROOM_SIZE];
	const char *rooms[] = {room, ROOM_OPERATOR};
	bool support = strcmp(room, SUPPORT) == 0;

	room_of_conversation(conversation, own);
	if (support)
		rooms[0] = own;
	json_put_string(body, "from", from);
	json_put_string(body, "conversationId", conversation);
	message = hub_message_new(event, body);
	hub_audience_of_rooms(typing->audience, rooms, support ? 2 : 1, from,
			      send_typing, message);
	sio_message_unref(message);
}

/* ---- what clients say, and what becomes of it ---- */

bool hub_typing_start(struct hub_typing *typing, struct client *client,
		      const struct json_object *body)
{
	const char *from = client->user->id;
	struct place place;

	if (!find_place(typing, client, body, &place))
		return false;
	if (place.room[0] != '\0' &&
	    typing_start(typing->typing, &client->typing, from,
			 place.conversation, place.room,
			 hub_base_mono_ms(typing->base)))
		hub_typing_announce(typing, "typing", from, place.conversation,
				    place.room);
	return true;
}

bool hub_typing_stop(struct hub_typing *typing, const struct client *client,
		     const struct json_object *body)
{
	struct place place;

	if (!find_place(typing, client, body, &place))
		return false;
	hub_typing_written(typing, client->user->id, place.conversation);
	return true;
}

void hub_typing_written(struct hub_typing *typing, const char *user_id,
			const char *conversation)
{
	typing_stop(typing->typing, user_id, conversation);
}

void hub_typing_gone(struct hub_typing *typing, struct client *client)
{
	typing_owner_gone(typing->typing, &client->typing);
}

void hub_typing_tick(struct hub_typing *typing)
{
	typing_tick(typing->typing, hub_base_mono_ms(typing->base));
}

uint64_t hub_typing_count(const struct hub_typing *typing)
{
	return typing_count(typing->typing);
}
