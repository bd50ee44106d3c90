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

/* A change is told with the ticks its message has by now. They take another
 * look at the store, which a callback of the store may not do, so the place of
 * the change is kept until then. */
struct place {
	char conversation[ID_SIZE], sender[ID_SIZE];
	int64_t change;
};

struct telling {
	struct rt_work *work;
	struct place places[STEP];
	size_t count;
	const struct store_conversation *in; /* of the change being told */
	bool lost; /* there are more pointers than are told */
};

/* ---- one step ---- */

static void tell_message(const struct store_message *message, void *context)
{
	struct rt_work *work = ((struct telling *)context)->work;

	message_announce_new(&work->frames, message, work->request_id);
}

static void keep_change(const struct store_change *change, void *context)
{
	struct telling *telling = context;
	struct place *place = &telling->places[telling->count];

	if (telling->count == STEP)
		return; /* the store gives no more than it was asked for */
	memcpy(place->conversation, change->conversation, ID_SIZE);
	memcpy(place->sender, change->message.sender, ID_SIZE);
	place->change = change->change;
	telling->count++;
}

/* It is not known which of both moved, so both are told again. */
static void tell_pointer(const struct store_pointer *pointer, void *context)
{
	struct telling *telling = context;
	struct rt_work *work = telling->work;
	struct store_pointer told = *pointer;

	if (work->frames.len >= POINTERS_BYTES_MAX) {
		telling->lost = true;
		return;
	}
	told.received_moved = told.received_seq > 0;
	told.read_moved = told.read_seq > 0;
	message_announce_pointer(&work->frames, &told, work->request_id);
}

static void tell_change(const struct store_change *change, void *context)
{
	const struct telling *telling = context;
	struct rt_work *work = telling->work;

	message_announce_change(&work->frames, change, telling->in,
				work->request_id);
}

static enum store_status tell_place(struct app *app, struct telling *telling,
				    const struct place *place)
{
	struct store_conversation in;
	enum store_status status = store_conversation_get(
		app->store, place->sender, place->conversation, &in);

	telling->in = status == STORE_OK ? &in : NULL;
	if (status != STORE_UNAVAILABLE)
		status = store_changes(app->store, place->conversation,
				       place->change, place->change,
				       tell_change, telling);
	if (telling->in != NULL)
		store_conversation_done(&in);
	return status;
}

static enum store_status tell_step(struct app *app, struct telling *telling,
				   struct store_recent *recent, bool *more)
{
	telling->count = 0;

	enum store_status status = store_recent(app->store, recent, more);

	for (size_t i = 0; status == STORE_OK && i < telling->count; i++)
		status = tell_place(app, telling, &telling->places[i]);
	return status;
}

/* ---- the command ---- */

static bool read_head(const struct rt_work *work, struct store_recent *recent)
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
	struct telling telling = {.work = work};
	struct store_recent recent = {
		.limit = STEP,
		.message = tell_message,
		.change = keep_change,
		.pointer = tell_pointer,
		.context = &telling,
	};
	enum store_status status = STORE_OK;
	bool more = true;

	if (!read_head(work, &recent)) {
		work->code = "invalid";
		return;
	}
	for (size_t told = 0;
	     told < LIMIT_RECENT && more && status == STORE_OK &&
	     work->frames.len < BYTES_MAX;
	     told += STEP)
		status = tell_step(app, &telling, &recent, &more);
	work->code = rt_commands_code(status);
	json_put_bool(work->head, "more", more);
	if (telling.lost)
		json_put_bool(work->head, "lost", true);
	json_put_string(work->head, "after", recent.after);
}
