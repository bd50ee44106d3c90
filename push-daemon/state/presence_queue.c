#include "presence_queue.h"

#include <string.h>

#include "json.h"
#include "mem.h"

#define SECOND_MS 1000

struct change {
	int64_t last_seen_ms;
};

void presence_queue_init(struct presence_queue *queue)
{
	*queue = (struct presence_queue){.second_ms = INT64_MIN / 2};
	map_init(&queue->waiting);
}

void presence_queue_done(struct presence_queue *queue)
{
	map_done(&queue->waiting, free);
}

bool presence_queue_pass(struct presence_queue *queue, const char *user_id,
			 int64_t last_seen_ms, int64_t now_ms)
{
	struct change *change;

	if (queue->waiting.count == 0 &&
	    now_ms - queue->second_ms >= SECOND_MS) {
		queue->second_ms = now_ms;
		queue->passed = 0;
	}
	/* While something waits all have passed: it is not overtaken. */
	if (queue->passed < PRESENCE_PER_SECOND) {
		queue->passed++;
		return true;
	}
	change = map_get(&queue->waiting, user_id);
	if (change == NULL) {
		change = xmalloc(sizeof(*change));
		map_put(&queue->waiting, user_id, change);
	}
	change->last_seen_ms = last_seen_ms;
	return false;
}

bool presence_queue_due(const struct presence_queue *queue, int64_t now_ms)
{
	return queue->waiting.count > 0 &&
	       now_ms - queue->second_ms >= SECOND_MS;
}

struct lists {
	struct json_object *online, *offline;
};

static int list_change(const char *user_id, void *value, void *user)
{
	const struct change *change = value;
	struct lists *lists = user;

	if (change->last_seen_ms == PRESENCE_ONLINE) {
		json_push(lists->online, json_new_string(user_id));
		return 1;
	}
	struct json_object *gone = json_new_object();

	json_put_string(gone, "userId", user_id);
	json_put_time(gone, "lastSeen", change->last_seen_ms);
	json_push(lists->offline, gone);
	return 1;
}

char *presence_queue_take(struct presence_queue *queue, int64_t now_ms,
			  size_t *len)
{
	struct json_object *event = json_new_array();
	struct json_object *body = json_new_object();
	struct lists lists = {json_new_array(), json_new_array()};

	map_each(&queue->waiting, list_change, &lists);
	map_done(&queue->waiting, free);
	queue->second_ms = now_ms;
	/* Until a second without a change the storm goes on. */
	queue->passed = PRESENCE_PER_SECOND;

	json_put(body, "online", lists.online);
	json_put(body, "offline", lists.offline);
	json_push(event, json_new_string("presence"));
	json_push(event, body);

	char *text = xstrdup(json_print(event, len));

	json_free(event);
	return text;
}
