#include "hub_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mem.h"
#include "sio_message.h"

#define WINDOWS_MAX 4096
#define TYPING_MAX 10000
#define RECEIPT_PAUSE_MS 1000
#define RECEIPTS_MAX 10000
#define RING_KEEP_MS 2000
#define RING_COUNT 8192
#define RING_BYTES (8 * 1024 * 1024)
#define SECOND_MS 1000

static struct window_table *new_windows(struct hub *hub)
{
	const struct window_table_config config = {
		.max = WINDOWS_MAX,
		.hole_ms = hub->config.hole_ms,
		.lost = hub_lost,
		.user = hub,
	};
	return window_table_new(&config);
}

static struct typing *new_typing(struct hub *hub)
{
	const struct typing_config config = {
		.stop_ms = hub->config.typing_stop_ms,
		.max = TYPING_MAX,
		.stopped = hub_typing_stopped,
		.user = hub,
	};
	return typing_new(&config);
}

static struct receipts *new_receipts(struct hub *hub)
{
	const struct receipts_config config = {
		.pause_ms = RECEIPT_PAUSE_MS,
		.max = RECEIPTS_MAX,
		.send = hub_deliver,
		.user = hub,
	};
	return receipts_new(&config);
}

struct hub *hub_new(const struct hub_config *config)
{
	static const struct ring_config ring = {RING_KEEP_MS, RING_COUNT,
						RING_BYTES};
	struct hub *hub = xcalloc(1, sizeof(*hub));

	hub->config = *config;
	TAILQ_INIT(&hub->clients);
	TAILQ_INIT(&hub->queued);
	TAILQ_INIT(&hub->turned_away);
	map_init(&hub->users);
	map_init(&hub->last_seen);
	map_init(&hub->settings);
	hub->rooms = sio_rooms_new(config->random);
	hub->windows = new_windows(hub);
	hub->ring = ring_new(&ring);
	hub->typing = new_typing(hub);
	hub->receipts = new_receipts(hub);
	hub->sync_message = hub_message("sync", NULL);
	heal_init(&hub->heal, config->heal, config->wall_ms());
	presence_init(&hub->presence, config->presence_grace_ms);
	hub->seen_round_ms = config->mono_ms();
	return hub;
}

void hub_free(struct hub *hub)
{
	if (hub == NULL)
		return;
	assert(TAILQ_EMPTY(&hub->clients));
	assert(TAILQ_EMPTY(&hub->turned_away));
	map_done(&hub->users, hub_user_free);
	map_done(&hub->last_seen, free);
	hub_settings_done(hub);
	typing_free(hub->typing);
	receipts_free(hub->receipts);
	ring_free(hub->ring);
	window_table_free(hub->windows);
	sio_rooms_free(hub->rooms);
	sio_message_unref(hub->sync_message);
	free(hub);
}

struct client *client_ref(struct client *client)
{
	client->refs++;
	return client;
}

void client_unref(struct client *client)
{
	assert(client->refs > 0);
	if (--client->refs == 0)
		client->ops->free(client);
}

void hub_send(struct client *client, struct sio_message *message,
	      bool droppable)
{
	if (client->state != CLIENT_READY)
		return;
	client->hub->stats.delivered++;
	client->ops->send(client, message, droppable);
}

struct sio_message *hub_message(const char *name, struct json_object *body)
{
	struct json_object *event = json_new_array();
	struct sio_message *message;
	const char *text;
	size_t len;

	json_push(event, json_new_string(name));
	if (body != NULL)
		json_push(event, body);
	text = json_print(event, &len);
	message = sio_message_new(text, len);
	json_free(event);
	return message;
}

void hub_send_event(struct client *client, const char *name,
		    struct json_object *body)
{
	struct sio_message *message = hub_message(name, body);

	hub_send(client, message, false);
	sio_message_unref(message);
}

void hub_call(struct hub *hub, struct api_command *command,
	      struct json_object *head, const char *key)
{
	command->head = json_print(head, &command->head_len);
	hub->config.call(command, key, hub->config.user);
	json_free(head);
}

static void every_second(struct hub *hub, int64_t now_ms)
{
	if (now_ms - hub->second_ms < SECOND_MS)
		return;
	hub->second_ms = now_ms;
	hub_expire_sessions(hub);
	hub_presence_reunite(hub);
	hub_settings_tick(hub);
	hub_last_seen_present(hub);
	hub_last_seen_tick(hub);
}

void hub_tick(struct hub *hub)
{
	int64_t now_ms = hub->config.mono_ms();

	typing_tick(hub->typing, now_ms);
	receipts_tick(hub->receipts, now_ms);
	hub_presence_tick(hub);
	window_table_tick(hub->windows, &hub->heal, now_ms);
	hub_heal_step(hub);
	hub_sessions_tick(hub);
	hub_sync_due(hub);
	hub_drop_due(hub);
	ring_expire(hub->ring, hub->config.wall_ms());
	every_second(hub, now_ms);
}

void hub_read_stats(const struct hub *hub, struct hub_stats *out)
{
	*out = hub->stats;
	out->users_online = hub->presence.online;
	out->rooms = sio_rooms_count(hub->rooms);
	out->holes = window_table_holes(hub->windows);
	out->windows = window_table_count(hub->windows);
	out->typing = typing_count(hub->typing);
	out->heals = hub->heal.runs_done;
}
