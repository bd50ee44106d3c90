#include "hub_last_seen.h"

#include <assert.h>
#include <stdlib.h>

#include "hub_base.h"
#include "json.h"
#include "json_text.h"
#include "map.h"
#include "mem.h"
#include "palabre_limits.h"

#define BATCH 500
#define WAITING_MAX 20000
#define DEADLINE_MS 2000

static_assert(BATCH <= LIMIT_RT_ITEMS, "a worker takes so many");

struct hub_last_seen {
	const struct hub_base *base;
	struct map waiting; /* user id -> int64_t */
	bool asked;	    /* a batch is under way */
};

struct hub_last_seen *hub_last_seen_new(const struct hub_base *base)
{
	struct hub_last_seen *last_seen = xcalloc(1, sizeof(*last_seen));

	last_seen->base = base;
	map_init(&last_seen->waiting);
	return last_seen;
}

void hub_last_seen_free(struct hub_last_seen *last_seen)
{
	if (last_seen == NULL)
		return;
	map_done(&last_seen->waiting, free);
	free(last_seen);
}

void hub_last_seen_note(struct hub_last_seen *last_seen, const char *id,
			int64_t at_ms)
{
	int64_t *at = map_get(&last_seen->waiting, id);

	if (at == NULL) {
		if (last_seen->waiting.count >= WAITING_MAX)
			return;
		at = xmalloc(sizeof(*at));
		map_put(&last_seen->waiting, id, at);
		*at = at_ms;
	}
	if (*at < at_ms)
		*at = at_ms;
}

bool hub_last_seen_is_full(const struct hub_last_seen *last_seen)
{
	return last_seen->waiting.count >= BATCH;
}

struct seen_batch {
	struct hub_last_seen *last_seen;
	struct json_object *users; /* [{userId, at}] */
};

static int take_waiting(const char *id, void *value, void *user)
{
	struct seen_batch *batch = user;
	const int64_t *at = value;
	struct json_object *row = json_new_object();

	json_put_string(row, "userId", id);
	json_put_int(row, "at", *at);
	json_push(batch->users, row);
	free(map_remove(&batch->last_seen->waiting, id));
	return json_length(batch->users) < BATCH;
}

static void put_back(const struct seen_batch *batch)
{
	for (size_t i = 0; i < json_length(batch->users); i++) {
		const struct json_object *row = json_at(batch->users, i);
		const char *id = NULL;
		int64_t at = 0;

		json_get_string(row, "userId", &id);
		json_get_int(row, "at", &at);
		hub_last_seen_note(batch->last_seen, id, at);
	}
}

static void hub_last_seen_answered(const struct api_result *result, void *user)
{
	struct seen_batch *batch = user;

	batch->last_seen->asked = false;
	if (!result->ok)
		put_back(batch);
	json_free(batch->users);
	free(batch);
}

void hub_last_seen_tick(struct hub_last_seen *last_seen)
{
	struct seen_batch *batch;
	struct json_text head;
	const char *users;
	size_t len;
	struct api_command command = {
		.deadline_ms = hub_base_mono_ms(last_seen->base) + DEADLINE_MS,
		.reply = hub_last_seen_answered,
	};

	if (last_seen->asked || last_seen->waiting.count == 0)
		return;
	batch = xcalloc(1, sizeof(*batch));
	batch->last_seen = last_seen;
	batch->users = json_new_array();
	map_each(&last_seen->waiting, take_waiting, batch);
	command.user = batch;
	last_seen->asked = true;

	users = json_print(batch->users, &len);
	hub_base_begin(&head, "last-seen");
	json_text_bytes(&head, "users", users, len);
	hub_base_call(last_seen->base, &command, &head, "last-seen");
}

bool hub_last_seen_is_stored(const struct hub_last_seen *last_seen)
{
	return !last_seen->asked && last_seen->waiting.count == 0;
}
