/* Whom a client watches, be they strangers to him. */
#include "hub_internal.h"

#include <stdio.h>

#include "json.h"

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

static void list_online_of(const struct hub *hub, const struct json_object *ids,
			   struct json_object *online)
{
	for (size_t i = 0; i < json_length(ids); i++) {
		const char *id = json_text_of(json_at(ids, i));

		if (hub_is_online(hub, id))
			json_push(online, json_new_string(id));
	}
}

static void unwatch(struct hub *hub, struct client *client)
{
	for (size_t i = 0; i < json_length(client->watched); i++) {
		char room[HUB_ROOM_SIZE];

		snprintf(room, sizeof(room), "w:%s",
			 json_text_of(json_at(client->watched, i)));
		sio_room_leave(hub->rooms, room, &client->member);
	}
	json_free(client->watched);
	client->watched = NULL;
}

bool hub_watch(struct hub *hub, struct client *client, struct json_object *ids,
	       struct json_object *online)
{
	if (!ids_good(ids))
		return false;
	unwatch(hub, client);
	for (size_t i = 0; i < json_length(ids); i++) {
		char room[HUB_ROOM_SIZE];

		snprintf(room, sizeof(room), "w:%s",
			 json_text_of(json_at(ids, i)));
		sio_room_join(hub->rooms, room, &client->member);
	}
	client->watched = json_ref(ids);
	list_online_of(hub, ids, online);
	return true;
}
