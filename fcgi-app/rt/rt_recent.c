#include "rt_recent.h"

#include <string.h>

#include "app.h"
#include "json.h"
#include "message_announce.h"
#include "palabre_limits.h"
#include "rt_call.h"
#include "rt_commands.h"

#define MARGIN_MS 10000
#define STEP 100
#define BYTES_MAX (1024 * 1024) /* of frames, then the rest waits */
/* Pointers come all at once, with the first messages, in one answer. */
#define POINTERS_BYTES_MAX (8 * BYTES_MAX)

/* A change is announced with the ticks its message has by now. They take
 * another look at the store, which a callback of the store may not do, so the
 * place of the change is kept until then. */
struct place {
	char conversation[ID_SIZE], sender[ID_SIZE];
	int64_t change;
};

struct recent_run {
	struct rt_work *work;
	struct place places[STEP];
	size_t count;
	const struct store_conversation
		*conversation; /* of the change being announced */
	bool lost;	       /* there are more pointers than are announced */
};

/* ---- one step ---- */

static void recent_message(const struct store_message *message, void *context)
{
	struct rt_work *work = ((struct recent_run *)context)->work;

	message_announce_new(&work->frames, message, work->request_id);
}

static void recent_keep_change(const struct store_change *change, void *context)
{
	struct recent_run *run = context;
	struct place *place = &run->places[run->count];

	if (run->count == STEP)
		return; /* the store gives no more than it was asked for */
	memcpy(place->conversation, change->conversation, ID_SIZE);
	memcpy(place->sender, change->message.sender, ID_SIZE);
	place->change = change->change;
	run->count++;
}

/* It is not known which of both moved, so both are announced again. */
static void recent_pointer(const struct store_pointer *pointer, void *context)
{
	struct recent_run *run = context;
	struct rt_work *work = run->work;
	struct store_pointer moved = *pointer;

	if (work->frames.len >= POINTERS_BYTES_MAX) {
		run->lost = true;
		return;
	}
	moved.received_moved = moved.received_seq > 0;
	moved.read_moved = moved.read_seq > 0;
	message_announce_pointer(&work->frames, &moved, work->request_id);
}

static void recent_change(const struct store_change *change, void *context)
{
	const struct recent_run *run = context;
	struct rt_work *work = run->work;

	message_announce_change(&work->frames, change, run->conversation,
				work->request_id);
}

static enum store_status recent_place(struct app *app, struct recent_run *run,
				      const struct place *place)
{
	struct store_conversation conversation;
	enum store_status status = store_conversation_get(
		app->store, place->sender, place->conversation, &conversation);

	run->conversation = status == STORE_OK ? &conversation : NULL;
	if (status != STORE_UNAVAILABLE)
		status = store_changes(app->store, place->conversation,
				       place->change, place->change,
				       recent_change, run);
	if (run->conversation != NULL)
		store_conversation_done(&conversation);
	return status;
}

static enum store_status recent_step(struct app *app, struct recent_run *run,
				     struct store_recent *recent, bool *more)
{
	run->count = 0;

	enum store_status status = store_recent(app->store, recent, more);

	for (size_t i = 0; status == STORE_OK && i < run->count; i++)
		status = recent_place(app, run, &run->places[i]);
	return status;
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
		.limit = STEP,
		.message = recent_message,
		.change = recent_keep_change,
		.pointer = recent_pointer,
		.context = &run,
	};
	enum store_status status = STORE_OK;
	bool more = true;

	if (!recent_read_head(work, &recent)) {
		work->code = "invalid";
		return;
	}
	for (size_t count = 0;
	     count < LIMIT_RECENT && more && status == STORE_OK &&
	     work->frames.len < BYTES_MAX;
	     count += STEP)
		status = recent_step(app, &run, &recent, &more);
	work->code = rt_commands_code(status);
	json_put_bool(work->head, "more", more);
	if (run.lost)
		json_put_bool(work->head, "lost", true);
	json_put_string(work->head, "after", recent.after);
}
