#include "hub_roster.h"

#include <stdlib.h>
#include <string.h>

#include "hub_audience.h"
#include "hub_base.h"
#include "hub_message.h"
#include "hub_rooms.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"
#include "room.h"
#include "sio_message.h"

#define SHOWN_MAX 200
#define AVATAR_MAX 256 /* bytes: all that is shown has to fit an outbox */

struct hub_roster {
	struct hub_roster_parts parts;
	bool changed;
};

struct hub_roster *hub_roster_new(const struct hub_roster_parts *parts)
{
	struct hub_roster *roster = xcalloc(1, sizeof(*roster));

	roster->parts = *parts;
	return roster;
}

void hub_roster_free(struct hub_roster *roster)
{
	free(roster);
}

void hub_roster_change(struct hub_roster *roster)
{
	roster->changed = true;
}

/* ---- the list ---- */

struct listing {
	struct json_object *clients;
	int64_t total;
	bool for_operators;
};

/* Of the connection that has been there longest. */
static void put_connection(struct json_object *item,
			   const struct client *client)
{
	json_put_string(item, "ip", client->address);
	json_put_string(item, "transport", client->ops->transport(client));
	json_put_time(item, "since", client->since_ms);
}

static int list_user(const char *id, void *value, void *context)
{
	const struct user *user = value;
	const struct client *first = TAILQ_FIRST(&user->clients);
	struct listing *listing = context;
	struct json_object *item;

	if (first == NULL || listing->total++ >= SHOWN_MAX)
		return 1;
	item = json_new_object();
	json_put_string(item, "id", id);
	json_put_string(item, "username", user->username);
	json_put_string(item, "avatar",
			strlen(user->avatar) <= AVATAR_MAX ? user->avatar : "");
	json_put_string(item, "status", user->status_text);
	if (listing->for_operators)
		put_connection(item, first);
	json_push(listing->clients, item);
	return 1;
}

static struct sio_message *roster_message(struct hub_roster *roster,
					  bool for_operators)
{
	struct listing listing = {json_new_array(), 0, for_operators};
	struct json_object *body = json_new_object();

	hub_users_each(roster->parts.users, list_user, &listing);
	json_put(body, "clients", listing.clients);
	json_put_int(body, "total", listing.total);
	return hub_message_new("clients_update", body);
}

/* ---- to whom ---- */

struct telling {
	const struct hub_rooms *rooms;
	struct sio_message *message;
	bool to_operators;
};

static void tell(struct client *client, void *context)
{
	const struct telling *telling = context;

	if (hub_rooms_has(telling->rooms, ROOM_OPERATOR, client) ==
	    telling->to_operators)
		client_send(client, telling->message, true);
}

static void tell_room(struct hub_roster *roster, const char *room,
		      bool to_operators)
{
	struct telling telling = {
		.rooms = roster->parts.rooms,
		.to_operators = to_operators,
	};

	if (!hub_rooms_is_occupied(roster->parts.rooms, room))
		return;
	telling.message = roster_message(roster, to_operators);
	hub_audience_of_rooms(roster->parts.audience, &room, 1, NULL, tell,
			      &telling);
	sio_message_unref(telling.message);
}

void hub_roster_tick_second(struct hub_roster *roster)
{
	if (!roster->changed)
		return;
	roster->changed = false;
	tell_room(roster, ROOM_OPERATOR, true);
	tell_room(roster, ROOM_LOBBY, false);
}
