#include "hub_watch.h"

#include <string.h>

#include "client.h"
#include "hub_base.h"
#include "hub_rooms.h"
#include "hub_users.h"
#include "ids.h"
#include "json.h"
#include "room.h"

#define WATCH_MAX 200

static bool ids_good(const struct json_object *ids)
{
	if (json_length(ids) > WATCH_MAX)
		return false;
	for (size_t i = 0; i < json_length(ids); i++) {
		const char *id = json_text_of(json_at(ids, i));

		if (id == NULL || !id_valid(id))
			return false;
	}
	return true;
}

static void move_each(struct hub_rooms *rooms, struct client *client,
		      const struct json_object *ids,
		      void (*move)(struct hub_rooms *rooms, const char *name,
				   struct client *client))
{
	for (size_t i = 0; i < json_length(ids); i++) {
		char room[ROOM_SIZE];

		room_of_watchers(json_text_of(json_at(ids, i)), room);
		move(rooms, room, client);
	}
}

static struct json_object *ids_seen(const struct client *client,
				    struct json_object *ids)
{
	struct json_object *seen;

	if (hub_users_sees_others(client->user,
				  client->base->config.guest_direct))
		return json_ref(ids);
	seen = json_new_array();
	for (size_t i = 0; i < json_length(ids); i++) {
		if (strcmp(json_text_of(json_at(ids, i)), ID_SERVER) == 0)
			json_push(seen, json_new_string(ID_SERVER));
	}
	return seen;
}

bool hub_watch_set(struct hub_rooms *rooms, struct client *client,
		   struct json_object *ids)
{
	if (!ids_good(ids))
		return false;
	move_each(rooms, client, client->watched, hub_rooms_leave);
	json_free(client->watched);
	client->watched = ids_seen(client, ids);
	move_each(rooms, client, client->watched, hub_rooms_join);
	return true;
}

void hub_watch_done(struct client *client)
{
	json_free(client->watched);
	client->watched = NULL;
}
