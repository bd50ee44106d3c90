#include "hub_recovery.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "frame_head.h"
#include "hub_base.h"
#include "hub_sync.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "recovery.h"
#include "room.h"
#include "window_table.h"

#define WINDOWS_MAX 16384
#define RECENT_DEADLINE_MS 4000
#define BACK_MS 10000
#define ROOMS_TEXT_MAX (FRAME_ROOMS_MAX * ROOM_SIZE)

struct hub_recovery {
	const struct hub_base *base;
	struct hub_sync *sync;
	struct recovery recovery;
	struct window_table *windows;
	char newest[ID_SIZE];
	/* The same, BACK_MS to twice that ago, and at back_ms (monotonic). */
	char long_ago[ID_SIZE], lately[ID_SIZE];
	int64_t back_ms;
};

static void on_lost(const char *rooms, void *sync)
{
	hub_sync_rooms(sync, rooms);
}

struct hub_recovery *hub_recovery_new(const struct hub_base *base,
				      struct hub_sync *sync)
{
	struct hub_recovery *recovery = xcalloc(1, sizeof(*recovery));
	const struct window_table_config config = {
		.max = WINDOWS_MAX,
		.hole_ms = base->config.hole_ms,
		.lost = on_lost,
		.user = sync,
	};

	recovery->base = base;
	recovery->sync = sync;
	recovery->windows = window_table_new(&config);
	recovery_init(&recovery->recovery, base->config.heal);
	return recovery;
}

void hub_recovery_free(struct hub_recovery *recovery)
{
	if (recovery == NULL)
		return;
	window_table_free(recovery->windows);
	free(recovery);
}

void hub_recovery_begin(struct hub_recovery *recovery, const char *position)
{
	recovery_start(&recovery->recovery, position);
	hub_recovery_note(recovery, position);
}

void hub_recovery_note(struct hub_recovery *recovery, const char *position)
{
	if (strcmp(position, recovery->newest) > 0)
		memcpy(recovery->newest, position, ID_SIZE);
}

const char *hub_recovery_newest(const struct hub_recovery *recovery)
{
	return recovery->newest;
}

/* ---- what comes in ---- */

static enum window_verdict enter_event(struct hub_recovery *recovery,
				       const struct frame_head *head,
				       const char *rooms)
{
	bool message = head->seq > 0;
	const struct window_event event = {
		.conversation = head->conversation,
		.counter = message ? WINDOW_MESSAGES : WINDOW_CHANGES,
		.number = message ? head->seq : head->change,
		.position = head->position,
		.rooms = rooms,
	};

	return window_table_enter(recovery->windows, &event,
				  hub_base_mono_ms(recovery->base));
}

bool hub_recovery_is_new(struct hub_recovery *recovery,
			 const struct frame_head *head, bool by_recent)
{
	enum window_verdict verdict;
	struct buf rooms;

	if (head->seq == 0 && head->change == 0)
		return true;
	buf_init(&rooms, ROOMS_TEXT_MAX);
	for (size_t i = 0; i < head->room_count; i++) {
		buf_adds(&rooms, i > 0 ? " " : "");
		buf_adds(&rooms, head->rooms[i]);
	}
	verdict = enter_event(recovery, head, rooms.data);
	/* It was delivered long ago or never: its receivers have to look. */
	if (verdict == WINDOW_FORGOTTEN && by_recent)
		recovery_doubt(&recovery->recovery);
	else if (verdict == WINDOW_FORGOTTEN)
		hub_sync_rooms(recovery->sync, rooms.data);
	buf_done(&rooms);
	return verdict == WINDOW_NEW;
}

bool hub_recovery_is_past(const struct hub_recovery *recovery,
			  const char *conversation, const char *position)
{
	return window_table_is_past(recovery->windows, conversation, position);
}

/* ---- what was missed ---- */

void hub_recovery_missed(struct hub_recovery *recovery, const char *position)
{
	recovery_trigger(&recovery->recovery,
			 position[0] != '\0' ? position : recovery->long_ago);
}

static void look_back(struct hub_recovery *recovery, int64_t now_ms)
{
	if (now_ms - recovery->back_ms < BACK_MS)
		return;
	recovery->back_ms = now_ms;
	memcpy(recovery->long_ago, recovery->lately, ID_SIZE);
	memcpy(recovery->lately, recovery->newest, ID_SIZE);
}

static void ask_recent(struct hub_recovery *recovery);

static void hub_recovery_answered(const struct api_result *result, void *user)
{
	struct hub_recovery *recovery = user;
	const char *after = NULL;
	bool more = false, lost = false;

	if (!result->ok) {
		recovery_failed(&recovery->recovery,
				hub_base_mono_ms(recovery->base));
		return;
	}
	if (json_get_bool(result->head, "lost", &lost) == JSON_FOUND && lost)
		recovery_doubt(&recovery->recovery);
	if (json_get_bool(result->head, "more", &more) == JSON_FOUND && more)
		json_get_string(result->head, "after", &after);
	switch (recovery_answer(&recovery->recovery, after)) {
	case RECOVERY_SYNC:
		window_table_skip_all(recovery->windows);
		hub_sync_everyone(recovery->sync);
		break;
	case RECOVERY_ASK:
		ask_recent(recovery);
		break;
	case RECOVERY_NOTHING:
		break;
	}
}

static void ask_recent(struct hub_recovery *recovery)
{
	int64_t now_ms = hub_base_mono_ms(recovery->base);
	struct json_text head;
	struct api_command command = {
		.kind = API_RECENT,
		.reads = true,
		.deadline_ms = now_ms + RECENT_DEADLINE_MS,
		.reply = hub_recovery_answered,
		.user = recovery,
	};

	if (recovery_next(&recovery->recovery, now_ms,
			  window_table_floor(recovery->windows)) !=
	    RECOVERY_ASK)
		return;
	hub_base_begin(&head, "recent");
	json_text_word(&head, "after", recovery->recovery.after);
	hub_base_call(recovery->base, &command, &head, "recent");
}

void hub_recovery_tick(struct hub_recovery *recovery)
{
	int64_t now_ms = hub_base_mono_ms(recovery->base);

	look_back(recovery, now_ms);
	window_table_tick(recovery->windows, &recovery->recovery, now_ms);
	ask_recent(recovery);
}

void hub_recovery_read_stats(const struct hub_recovery *recovery,
			     struct hub_stats *out)
{
	out->holes = window_table_holes(recovery->windows);
	out->windows = window_table_count(recovery->windows);
	out->heals = recovery->recovery.runs_done;
}
