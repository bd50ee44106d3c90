/* When people were last seen, on its way to the store: in batches, until the
 * workers have taken it. */
#include "hub_internal.h"

#include <stdlib.h>

#include "json.h"
#include "mem.h"

#define BATCH 500
#define ROUND_MS 60000
#define WAITING_MAX 20000
#define DEADLINE_MS 2000

void hub_last_seen(struct hub *hub, const char *id, int64_t at_ms)
{
	int64_t *at = map_get(&hub->last_seen, id);

	if (at == NULL) {
		if (hub->last_seen.count >= WAITING_MAX)
			return;
		at = xmalloc(sizeof(*at));
		map_put(&hub->last_seen, id, at);
		*at = at_ms;
	}
	if (*at < at_ms)
		*at = at_ms;
}

struct seen_batch {
	struct hub *hub;
	struct json_object *users; /* [{userId, at}] */
};

static int take_seen(const char *id, void *value, void *user)
{
	struct seen_batch *batch = user;
	const int64_t *at = value;
	struct json_object *row = json_new_object();

	json_put_string(row, "userId", id);
	json_put_int(row, "at", *at);
	json_push(batch->users, row);
	free(map_remove(&batch->hub->last_seen, id));
	return json_length(batch->users) < BATCH;
}

static void put_back(struct hub *hub, const struct json_object *users)
{
	for (size_t i = 0; i < json_length(users); i++) {
		const struct json_object *row = json_at(users, i);
		const char *id = NULL;
		int64_t at = 0;

		json_get_string(row, "userId", &id);
		json_get_int(row, "at", &at);
		hub_last_seen(hub, id, at);
	}
}

static void seen_answered(const struct api_result *result, void *user)
{
	struct seen_batch *batch = user;

	batch->hub->last_seen_asked = false;
	if (!result->ok)
		put_back(batch->hub, batch->users);
	json_free(batch->users);
	free(batch);
}

/* Should we be killed, who is here now was last seen a minute ago at most: all
 * of them are stored once a minute, a batch a second. */
void hub_last_seen_present(struct hub *hub)
{
	int64_t now_ms = hub->config.mono_ms();
	struct presence_person *person;

	while (hub->last_seen.count < BATCH) {
		person = presence_next_present(&hub->presence);
		if (person == NULL)
			break;
		hub_last_seen(hub, ((struct user *)person)->id,
			      hub->config.wall_ms());
	}
	if (hub->last_seen.count < BATCH &&
	    now_ms - hub->seen_round_ms >= ROUND_MS) {
		hub->seen_round_ms = now_ms;
		presence_start_round(&hub->presence);
	}
}

void hub_last_seen_tick(struct hub *hub)
{
	struct seen_batch *batch;
	struct json_object *head;
	struct api_command command = {
		.deadline_ms = hub->config.mono_ms() + DEADLINE_MS,
		.reply = seen_answered,
	};

	if (hub->last_seen_asked || hub->last_seen.count == 0)
		return;
	batch = xcalloc(1, sizeof(*batch));
	batch->hub = hub;
	batch->users = json_new_array();
	map_each(&hub->last_seen, take_seen, batch);
	command.user = batch;
	hub->last_seen_asked = true;

	head = json_new_object();
	json_put_string(head, "command", "last-seen");
	json_put(head, "users", json_ref(batch->users));
	hub_call(hub, &command, head, "last-seen");
}

static int seen_now(const char *id, void *value, void *user)
{
	const struct user *person = value;
	struct hub *hub = user;

	if (person->person.online)
		hub_last_seen(hub, id,
			      person->person.sockets > 0
				      ? hub->config.wall_ms()
				      : person->person.last_seen_ms);
	return 1;
}

void hub_flush_last_seen(struct hub *hub)
{
	map_each(&hub->users, seen_now, hub);
	hub_last_seen_tick(hub);
}

bool hub_flushed(struct hub *hub)
{
	hub_last_seen_tick(hub);
	return !hub->last_seen_asked && hub->last_seen.count == 0;
}
