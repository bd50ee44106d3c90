#include "rt_recent.h"

#include <string.h>

#include "app.h"
#include "json.h"
#include "message_announce.h"
#include "palabre_limits.h"
#include "rt_call.h"
#include "rt_commands.h"

#define MARGIN_MS 10000
#define BYTES_MAX (1024 * 1024) /* of frames, then the rest waits */
/* Read marks come all at once, with the first messages, in one answer. */
#define MARKS_BYTES_MAX (8 * BYTES_MAX)

struct recent_run {
	struct rt_work *work;
	bool lost; /* there are more marks than are announced */
};

/* ---- what there is ---- */

static bool recent_message(const struct store_message *message, void *context)
{
	struct rt_work *work = ((struct recent_run *)context)->work;

	message_announce_new(&work->frames, message, work->request_id);
	return work->frames.len < BYTES_MAX;
}

/* With the ticks its message has by now. */
static bool recent_change(const struct store_change *change,
			  const struct store_conversation *conversation,
			  void *context)
{
	struct rt_work *work = ((struct recent_run *)context)->work;

	message_announce_change(&work->frames, change, conversation,
				work->request_id);
	return work->frames.len < BYTES_MAX;
}

/* It is not known which of both moved, so both are announced again. */
static void recent_marks(const struct store_read_marks *marks, void *context)
{
	struct recent_run *run = context;
	struct rt_work *work = run->work;
	struct store_read_marks moved = *marks;

	if (work->frames.len >= MARKS_BYTES_MAX) {
		run->lost = true;
		return;
	}
	moved.received_moved = moved.received_seq > 0;
	moved.read_moved = moved.read_seq > 0;
	message_announce_marks(&work->frames, &moved, work->request_id);
}

/* ---- the command ---- */

static bool recent_read_head(const struct rt_work *work,
			     struct store_recent *recent)
{
	const struct json_object *head = work->command->head;
	const char *after = "";
	int64_t since = 0;

	if (json_get_int(head, "since", &since) != JSON_FOUND ||
	    json_get_string(head, "after", &after) == JSON_WRONG ||
	    (after[0] != '\0' && !id_valid(after)))
		return false;
	recent->since = since > MARGIN_MS ? since - MARGIN_MS : 0;
	memcpy(recent->after, after, strlen(after) + 1);
	return true;
}

void rt_recent_run(struct app *app, struct rt_work *work)
{
	struct recent_run run = {.work = work};
	struct store_recent recent = {
		.limit = LIMIT_RECENT,
		.message = recent_message,
		.change = recent_change,
		.marks = recent_marks,
		.context = &run,
	};
	bool more = false;

	if (!recent_read_head(work, &recent)) {
		work->code = "invalid";
		return;
	}
	work->code = rt_commands_code(store_recent(app->store, &recent, &more));
	json_put_bool(work->head, "more", more);
	if (run.lost)
		json_put_bool(work->head, "lost", true);
	json_put_string(work->head, "after", recent.after);
}
