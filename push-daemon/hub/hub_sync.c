#include "hub_sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame_head.h"
#include "hub_audience.h"
#include "hub_base.h"
#include "hub_clients.h"
#include "hub_message.h"
#include "mem.h"
#include "room.h"
#include "sio_message.h"

/* All at once would make all fetch at once. */
#define SPREAD_MS 5000

struct hub_sync {
	struct hub_base *base;
	struct hub_audience *audience;
	struct hub_clients *clients;
	struct sio_message *message;
	bool pending; /* some client->sync_at is set */
};

struct hub_sync *hub_sync_new(struct hub_base *base,
			      struct hub_audience *audience,
			      struct hub_clients *clients)
{
	struct hub_sync *sync = xcalloc(1, sizeof(*sync));

	*sync = (struct hub_sync){base, audience, clients,
				  hub_message_new("sync", NULL), false};
	return sync;
}

void hub_sync_free(struct hub_sync *sync)
{
	if (sync == NULL)
		return;
	sio_message_unref(sync->message);
	free(sync);
}

void hub_sync_client(struct hub_sync *sync, struct client *client)
{
	client_send(client, sync->message, false);
}

static void send_sync(struct client *client, void *sync)
{
	hub_sync_client(sync, client);
}

void hub_sync_rooms(struct hub_sync *sync, const char *rooms)
{
	char names[FRAME_ROOMS_MAX][ROOM_SIZE];
	const char *list[FRAME_ROOMS_MAX];
	size_t count = 0;

	while (*rooms != '\0' && count < FRAME_ROOMS_MAX) {
		size_t len = strcspn(rooms, " ");

		snprintf(names[count], ROOM_SIZE, "%.*s", (int)len, rooms);
		list[count] = names[count];
		count++;
		rooms += len + (rooms[len] == ' ');
	}
	sync->base->stats.syncs++;
	hub_audience_of_rooms(sync->audience, list, count, NULL, send_sync,
			      sync);
}

static void set_time(struct client *client, void *user)
{
	const struct hub_sync *sync = user;
	uint32_t random;

	sync->base->config.random(&random, sizeof(random));
	client->sync_at = hub_base_mono_ms(sync->base) + random % SPREAD_MS;
}

void hub_sync_everyone(struct hub_sync *sync)
{
	hub_clients_each(sync->clients, set_time, sync);
	sync->pending = true;
	sync->base->stats.syncs++;
}

static void send_if_due(struct client *client, void *user)
{
	struct hub_sync *sync = user;

	if (client->sync_at == 0)
		return;
	if (client->sync_at > hub_base_mono_ms(sync->base)) {
		sync->pending = true;
		return;
	}
	client->sync_at = 0;
	hub_sync_client(sync, client);
}

void hub_sync_tick(struct hub_sync *sync)
{
	if (!sync->pending)
		return;
	sync->pending = false;
	hub_clients_each(sync->clients, send_if_due, sync);
}
