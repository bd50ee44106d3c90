#include "api_client.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api_lane.h"
#include "clock.h"
#include "mem.h"

/* More than the 256 largest events that one user may have under way. */
#define LANE_BYTES (40 * 1024 * 1024)
/* A worker that takes longer over a call stalls: what waits had better go
 * elsewhere. Not so soon where all who write wait for the same lock. */
#define STALLED_MS 100
#define WRITER_STALLED_MS 1000

struct api_client {
	struct api_client_config config;
	char *path;
	uv_prepare_t flush; /* at the end of each loop iteration */
	struct api_shared shared;
	bool one_writer; /* by which homes are chosen */
	bool closing;
	size_t lane_count;
	struct api_lane *lanes[];
};

/* Commands that came in one iteration go in one call. */
static void on_flush(uv_prepare_t *flush)
{
	struct api_client *client = flush->data;

	for (size_t i = 0; i < client->lane_count; i++)
		api_lane_send(client->lanes[i]);
}

/* One that is stuck leaves room for the others. */
static size_t lane_max(const struct api_client_config *config)
{
	return config->connections > 1 ? config->queue_max / 4 * 3
				       : config->queue_max;
}

struct api_client *api_client_new(uv_loop_t *loop,
				  const struct api_client_config *config)
{
	struct api_client *client =
		xcalloc(1, sizeof(*client) + config->connections *
						     sizeof(struct api_lane *));

	client->config = *config;
	client->path = xstrdup(config->path);
	client->shared = (struct api_shared){
		.loop = loop,
		.path = client->path,
		.frame = config->frame,
		.position = config->position,
		.lost = config->lost,
		.user = config->user,
		.queue_max = lane_max(config),
		.queue_bytes = LANE_BYTES,
	};
	client->lane_count = config->connections;
	for (size_t i = 0; i < client->lane_count; i++)
		client->lanes[i] = api_lane_new(&client->shared);
	uv_prepare_init(loop, &client->flush);
	client->flush.data = client;
	uv_prepare_start(&client->flush, on_flush);
	return client;
}

/* FNV-1a: any hash that spreads ids does. */
static uint64_t hash_key(const char *key)
{
	uint64_t hash = 14695981039346656037u;

	for (; *key != '\0'; key++)
		hash = (hash ^ (uint8_t)*key) * 1099511628211u;
	return hash ^ hash >> 32;
}

static bool has_guests(const struct api_client *client)
{
	for (size_t i = 0; i < client->lane_count; i++) {
		if (api_queue_guests(api_lane_queue(client->lanes[i])) > 0)
			return true;
	}
	return false;
}

/* Where commands of that key are: the next one goes there, too. */
static struct api_lane *lane_of(const struct api_client *client, uint64_t key)
{
	for (size_t i = 0; i < client->lane_count; i++) {
		if (api_queue_has(api_lane_queue(client->lanes[i]), key))
			return client->lanes[i];
	}
	return NULL;
}

/* What was pushed by another rule is not at home. */
static void follow_writers(struct api_client *client)
{
	if (client->one_writer == client->shared.one_writer)
		return;
	client->one_writer = client->shared.one_writer;
	for (size_t i = 0; i < client->lane_count; i++)
		api_queue_add_guests(api_lane_queue(client->lanes[i]));
}

static size_t home_of(const struct api_client *client,
		      const struct api_command *command)
{
	size_t count = client->lane_count;

	if (!client->one_writer)
		return (size_t)(command->key % count);
	if (!command->reads || count == 1)
		return 0;
	return 1 + (size_t)(command->key % (count - 1));
}

static bool is_writer(const struct api_client *client, size_t lane)
{
	return client->one_writer && lane == 0;
}

static bool is_ready(const struct api_client *client, size_t lane,
		     int64_t now_ms)
{
	return api_lane_ready(client->lanes[lane], now_ms,
			      is_writer(client, lane) ? WRITER_STALLED_MS
						      : STALLED_MS);
}

/* Its home, unless that is in trouble or some are away from home. */
static struct api_lane *choose_lane(const struct api_client *client,
				    uint64_t key, size_t home)
{
	int64_t now_ms = clock_mono_ms();
	struct api_lane *lane;

	if (is_ready(client, home, now_ms) && !has_guests(client))
		return client->lanes[home];
	lane = lane_of(client, key);
	for (size_t i = 0; lane == NULL && i < client->lane_count; i++) {
		size_t at = (home + i) % client->lane_count;

		if (is_ready(client, at, now_ms))
			lane = client->lanes[at];
	}
	return lane != NULL ? lane : client->lanes[home];
}

static bool client_is_full(const struct api_client *client)
{
	size_t count = 0;

	for (size_t i = 0; i < client->lane_count; i++)
		count += api_queue_count(api_lane_queue(client->lanes[i]));
	return count >= client->config.queue_max;
}

/* False: there is no room for it. */
static bool client_push(struct api_client *client,
			const struct api_command *command)
{
	struct api_lane *lane;
	size_t home;

	follow_writers(client);
	home = home_of(client, command);
	lane = choose_lane(client, command->key, home);
	if (!api_queue_push(api_lane_queue(lane), command))
		return false;
	if (lane != client->lanes[home])
		api_queue_add_guest(api_lane_queue(lane));
	return true;
}

void api_client_call(struct api_client *client,
		     const struct api_command *command, const char *key)
{
	static const struct api_result unavailable = {.code = "unavailable"};
	struct api_command keyed = *command;

	keyed.key = hash_key(key);
	if (client->closing || client_is_full(client) ||
	    !client_push(client, &keyed)) {
		client->shared.stats.refused++;
		command->reply(&unavailable, command->user);
	}
}

/* What waits where nothing moves goes to where it does. */
static void relieve_lanes(struct api_client *client, int64_t now_ms)
{
	struct api_queue *targets[API_QUEUE_TARGETS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < client->lane_count; i++) {
		if (count < API_QUEUE_TARGETS_MAX &&
		    is_ready(client, i, now_ms))
			targets[count++] = api_lane_queue(client->lanes[i]);
	}
	for (size_t i = 0; count > 0 && i < client->lane_count; i++) {
		/* Who writes goes to one lane still. */
		size_t wanted = is_writer(client, i) ? 1 : count;

		if (!is_ready(client, i, now_ms))
			client->shared.stats.moved +=
				api_queue_move(api_lane_queue(client->lanes[i]),
					       targets, wanted);
	}
}

void api_client_tick(struct api_client *client)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < client->lane_count; i++)
		api_lane_tick(client->lanes[i], now_ms);
	relieve_lanes(client, now_ms);
}

void api_client_read_stats(const struct api_client *client,
			   struct api_client_stats *out)
{
	*out = client->shared.stats;
	for (size_t i = 0; i < client->lane_count; i++)
		api_lane_add_stats(client->lanes[i], out);
}

void api_client_close(struct api_client *client)
{
	client->closing = true;
	uv_prepare_stop(&client->flush);
	uv_close((uv_handle_t *)&client->flush, NULL);
	for (size_t i = 0; i < client->lane_count; i++)
		api_lane_close(client->lanes[i]);
}

void api_client_free(struct api_client *client)
{
	if (client == NULL)
		return;
	for (size_t i = 0; i < client->lane_count; i++)
		api_lane_free(client->lanes[i]);
	free(client->path);
	free(client);
}
