#include "hub_healing.h"

#include <stdlib.h>

#include "buf.h"
#include "frame_head.h"
#include "heal.h"
#include "hub_base.h"
#include "hub_sync.h"
#include "json.h"
#include "mem.h"
#include "room.h"
#include "window_table.h"

#define WINDOWS_MAX 4096
#define RECENT_DEADLINE_MS 4000
#define ROOMS_TEXT_MAX (FRAME_ROOMS_MAX * ROOM_SIZE)

struct hub_healing {
	const struct hub_base *base;
	struct hub_sync *sync;
	struct heal heal;
	struct window_table *windows;
};

static void on_lost(const char *rooms, void *sync)
{
	hub_sync_rooms(sync, rooms);
}

struct hub_healing *hub_healing_new(const struct hub_base *base,
				    struct hub_sync *sync)
{
	struct hub_healing *healing = xcalloc(1, sizeof(*healing));
	const struct window_table_config config = {
		.max = WINDOWS_MAX,
		.hole_ms = base->config.hole_ms,
		.lost = on_lost,
		.user = sync,
	};

	healing->base = base;
	healing->sync = sync;
	healing->windows = window_table_new(&config);
	heal_init(&healing->heal, base->config.heal, hub_base_wall_ms(base));
	return healing;
}

void hub_healing_free(struct hub_healing *healing)
{
	if (healing == NULL)
		return;
	window_table_free(healing->windows);
	free(healing);
}

bool hub_healing_is_new(struct hub_healing *healing,
			const struct frame_head *head)
{
	bool message = head->seq > 0;
	enum window_verdict verdict;
	struct buf rooms;

	if (head->seq == 0 && head->change == 0)
		return true;
	buf_init(&rooms, ROOMS_TEXT_MAX);
	for (size_t i = 0; i < head->room_count; i++)
		buf_addf(&rooms, "%s%s", i > 0 ? " " : "", head->rooms[i]);
	verdict =
		window_table_enter(healing->windows, head->conversation,
				   message ? WINDOW_MESSAGES : WINDOW_CHANGES,
				   message ? head->seq : head->change,
				   rooms.data, hub_base_mono_ms(healing->base),
				   hub_base_wall_ms(healing->base));
	buf_done(&rooms);
	return verdict == WINDOW_NEW;
}

void hub_healing_missed(struct hub_healing *healing, int64_t since_wall_ms)
{
	heal_trigger(&healing->heal, since_wall_ms);
}

static void ask_recent(struct hub_healing *healing);

static void hub_healing_answered(const struct api_result *result, void *user)
{
	struct hub_healing *healing = user;
	const char *after = NULL;
	bool more = false, lost = false;

	if (!result->ok) {
		heal_failed(&healing->heal, hub_base_mono_ms(healing->base));
		return;
	}
	json_get_bool(result->head, "lost", &lost);
	if (lost)
		heal_lost(&healing->heal);
	if (json_get_bool(result->head, "more", &more) == JSON_FOUND && more)
		json_get_string(result->head, "after", &after);
	switch (heal_answer(&healing->heal, after)) {
	case HEAL_SYNC:
		window_table_skip_all(healing->windows);
		hub_sync_everyone(healing->sync);
		break;
	case HEAL_ASK:
		ask_recent(healing);
		break;
	case HEAL_NOTHING:
		break;
	}
}

static void ask_recent(struct hub_healing *healing)
{
	int64_t since, now_ms = hub_base_mono_ms(healing->base);
	struct json_object *head;
	struct api_command command = {
		.kind = API_RECENT,
		.deadline_ms = now_ms + RECENT_DEADLINE_MS,
		.reply = hub_healing_answered,
		.user = healing,
	};

	if (heal_next(&healing->heal, now_ms, hub_base_wall_ms(healing->base),
		      &since) != HEAL_ASK)
		return;
	head = json_new_object();
	json_put_string(head, "command", "recent");
	json_put_int(head, "since", since);
	if (healing->heal.after[0] != '\0')
		json_put_string(head, "after", healing->heal.after);
	hub_base_call(healing->base, &command, head, "recent");
}

void hub_healing_tick(struct hub_healing *healing)
{
	window_table_tick(healing->windows, &healing->heal,
			  hub_base_mono_ms(healing->base));
	ask_recent(healing);
}

void hub_healing_read_stats(const struct hub_healing *healing,
			    struct hub_stats *out)
{
	out->holes = window_table_holes(healing->windows);
	out->windows = window_table_count(healing->windows);
	out->heals = healing->heal.runs_done;
}
