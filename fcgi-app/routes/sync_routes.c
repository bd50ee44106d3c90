/*
 * sync_routes - POST /api/sync: what a client missed, or what it has to load
 * anew, as one state of the store (ROUTE_READ).
 */
#include <string.h>

#include "app.h"
#include "json_text.h"
#include "mem.h"
#include "operator_do.h"
#include "palabre_limits.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "sync_plan.h"
#include "sync_request.h"
#include "view.h"

/* A conversation as it is. */
struct known {
	struct store_conversation conversation; /* a position */
	const struct sync_named *named; /* NULL: the client has not named it */
};

/* The answer's parts, each an array or, pointers, an object. */
enum part {
	PART_MESSAGES,
	PART_CHANGES,
	PART_NEW,
	PART_GONE,
	PART_MARKS,
	PART_OWN,
	PART_RESET,
	PART_COUNT,
};
static const struct {
	const char *name;
	char open, close;
} part_forms[] = {
	[PART_MESSAGES] = {"messages", '[', ']'},
	[PART_CHANGES] = {"changes", '[', ']'},
	[PART_NEW] = {"new", '[', ']'},
	[PART_GONE] = {"gone", '[', ']'},
	[PART_MARKS] = {"pointers", '{', '}'},
	[PART_OWN] = {"ownChanged", '[', ']'},
	[PART_RESET] = {"reset", '[', ']'},
};

struct sync {
	struct store_viewer viewer;
	struct sync_request said;
	struct known *known; /* in the order they are answered */
	size_t known_count, known_cap;
	struct view_people people; /* those of PART_NEW */
	struct json_text parts[PART_COUNT];
	int64_t own; /* the number up to which PART_OWN goes */
	size_t own_count;
	bool own_cut; /* there is more of it */
	bool more;
};

/* ---- what there is ---- */

/* The store lends its rows for the length of a callback only. */
static void sync_remember(struct sync *sync,
			  const struct store_conversation *row,
			  const struct sync_named *named)
{
	size_t size = row->member_count * sizeof(*row->members);

	if (sync->known_count == sync->known_cap) {
		sync->known_cap =
			sync->known_cap > 0 ? 2 * sync->known_cap : 16;
		sync->known = xrealloc(sync->known,
				       sync->known_cap * sizeof(*sync->known));
	}
	struct known *known = &sync->known[sync->known_count++];

	*known = (struct known){.conversation = *row, .named = named};
	known->conversation.members = NULL;
	if (row->members != NULL) {
		known->conversation.members = xmalloc(size);
		memcpy(known->conversation.members, row->members, size);
	}
}

static void sync_remember_position(struct sync *sync,
				   const struct store_conversation *whole,
				   const struct sync_named *named)
{
	struct store_conversation position = *whole;

	position.title = NULL;
	position.other = NULL;
	position.last_message = NULL;
	sync_remember(sync, &position, named);
}

static bool sync_note_position(const struct store_conversation *row,
			       void *context)
{
	struct sync *sync = context;
	struct sync_named *named = sync_request_find(&sync->said, row->id);

	if (named != NULL)
		named->met = true;
	sync_remember(sync, row, named);
	return true;
}

/* Of what there may be much. */
static size_t sync_bytes(const struct sync *sync)
{
	return sync->parts[PART_MESSAGES].buf.len +
	       sync->parts[PART_CHANGES].buf.len +
	       sync->parts[PART_NEW].buf.len;
}

/* The rest is for the next call. */
static bool sync_is_full(struct sync *sync)
{
	if (sync_bytes(sync) < LIMIT_ANSWER)
		return false;
	sync->more = true;
	return true;
}

static bool add_new(const struct store_conversation *row, void *context)
{
	struct sync *sync = context;

	if (sync_is_full(sync))
		return false;
	view_conversation_write(&sync->people, NULL, row);
	return true;
}

static enum store_status sync_note_newest(struct app *app, struct sync *sync)
{
	const struct store_list list = {.limit = LIMIT_CONVERSATIONS};

	/* Who knows nothing gets the list as it is. */
	if (sync->said.count == 0)
		return store_conversations(app->store, &sync->viewer, &list,
					   add_new, sync);
	return store_positions(app->store, &sync->viewer, LIMIT_CONVERSATIONS,
			       sync_note_position, sync);
}

/* Those that were not in the list: it is cut at its limit, so ask. */
static enum store_status sync_note_rest(struct app *app, struct sync *sync)
{
	for (size_t i = 0; i < sync->said.count; i++) {
		struct sync_named *named = &sync->said.named[i];
		struct store_conversation conversation;

		if (named->met)
			continue;
		enum store_status status = store_conversation_position(
			app->store, &sync->viewer, named->id, &conversation);

		if (status == STORE_NOT_FOUND) {
			json_text_id(&sync->parts[PART_GONE], NULL, named->id);
			continue;
		}
		if (status != STORE_OK)
			return status;
		sync_remember_position(sync, &conversation, named);
		store_conversation_done(&conversation);
	}
	return STORE_OK;
}

/* ---- what the client misses ---- */

struct filling {
	struct json_text *array;
	const struct store_conversation *conversation;
	size_t begun; /* bytes that were in the array */
	int64_t count;
};

/* Not even alone would it fit into an answer. */
static bool is_too_long(const struct filling *filling)
{
	return filling->array->buf.len - filling->begun > LIMIT_ANSWER;
}

static bool sync_fill_message(const struct store_message *message,
			      void *context)
{
	struct filling *filling = context;

	view_message_write(filling->array, NULL, message,
			   filling->conversation);
	filling->count++;
	return !is_too_long(filling);
}

static bool sync_fill_change(const struct store_change *change, void *context)
{
	struct filling *filling = context;

	view_change_write(filling->array, change, filling->conversation);
	filling->count++;
	return !is_too_long(filling);
}

/* Where the store has no snapshot they may be in it no more by now. */
static enum store_status show_new(struct app *app, struct sync *sync,
				  const char *id)
{
	struct store_conversation whole;
	enum store_status status =
		store_conversation_get(app->store, &sync->viewer, id, &whole);

	if (status == STORE_NOT_FOUND)
		return STORE_OK;
	if (status != STORE_OK)
		return status;
	view_conversation_write(&sync->people, NULL, &whole);
	store_conversation_done(&whole);
	return STORE_OK;
}

static struct filling filling_of(struct sync *sync, enum part part,
				 const struct store_conversation *conversation)
{
	struct json_text *array = &sync->parts[part];

	return (struct filling){array, conversation, array->buf.len, 0};
}

static void take_back(const struct filling *filling)
{
	buf_cut(&filling->array->buf, filling->begun);
}

/* Its read marks are in no page of it. */
static void sync_reset(struct sync *sync,
		       const struct store_conversation *conversation)
{
	json_text_id(&sync->parts[PART_RESET], NULL, conversation->id);
	view_marks_write(&sync->parts[PART_MARKS], conversation->id,
			 conversation);
}

/* What was written of a conversation is in the answer whole or not at all. */
static void sync_settle(struct sync *sync,
			const struct store_conversation *conversation,
			const struct filling *messages,
			const struct filling *changes)
{
	size_t added = messages->array->buf.len - messages->begun +
		       changes->array->buf.len - changes->begun;

	if (added == 0 || sync_bytes(sync) <= LIMIT_ANSWER) {
		view_marks_write(&sync->parts[PART_MARKS], conversation->id,
				 conversation);
		return;
	}
	take_back(messages);
	take_back(changes);
	if (added > LIMIT_ANSWER)
		sync_reset(sync, conversation);
	else
		sync->more = true;
}

static enum store_status sync_fill(struct app *app, struct sync *sync,
				   struct sync_plan *plan,
				   const struct known *known)
{
	const struct store_conversation *conversation = &known->conversation;
	const struct sync_point *at = &known->named->at;
	const struct store_range missed = {at->seq + 1, conversation->last_seq};
	const struct store_range changed = {at->change + 1,
					    conversation->last_change};
	struct filling messages = filling_of(sync, PART_MESSAGES, conversation);
	struct filling changes = filling_of(sync, PART_CHANGES, conversation);
	enum store_status status = STORE_OK;

	if (missed.first <= missed.last)
		status = store_messages(app->store, &sync->viewer,
					conversation->id, &missed,
					sync_fill_message, &messages);
	if (status == STORE_OK && changed.first <= changed.last)
		status = store_changes(app->store, &sync->viewer,
				       conversation->id, &changed,
				       sync_fill_change, &changes);
	sync_plan_sent(plan, messages.count + changes.count);
	if (status == STORE_OK)
		sync_settle(sync, conversation, &messages, &changes);
	if (status != STORE_NOT_FOUND)
		return status;
	take_back(&messages); /* as show_new() */
	take_back(&changes);
	json_text_id(&sync->parts[PART_GONE], NULL, conversation->id);
	return STORE_OK;
}

/* What an operator missed of support they look at, which is written down. */
static bool is_look(const struct sync *sync, const struct known *known)
{
	const struct store_conversation *conversation = &known->conversation;
	const struct sync_point *at = &known->named->at;

	return operator_sees(&sync->viewer, conversation) &&
	       (at->seq != conversation->last_seq ||
		at->change != conversation->last_change);
}

static enum store_status answer_known(struct app *app, struct sync *sync,
				      struct sync_plan plan)
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; status == STORE_OK && i < sync->known_count; i++) {
		const struct known *known = &sync->known[i];
		const struct sync_point ours = {
			known->conversation.last_seq,
			known->conversation.last_change};

		if (known->named == NULL) {
			if (!sync_is_full(sync))
				status = show_new(app, sync,
						  known->conversation.id);
			continue;
		}
		switch (sync_plan_next(&plan, &known->named->at, &ours,
				       known->conversation.first_seq)) {
		case SYNC_FILL:
			if (is_look(sync, known))
				sync_reset(sync, &known->conversation);
			else
				status = sync_fill(app, sync, &plan, known);
			break;
		case SYNC_RESET:
			sync_reset(sync, &known->conversation);
			break;
		case SYNC_LATER:
			sync->more = true;
			break;
		}
	}
	return status;
}

/* ---- what is the client's user's alone ---- */

static bool add_own(const struct store_own *own, void *context)
{
	struct sync *sync = context;

	if (sync->own_count == LIMIT_CONVERSATIONS ||
	    sync->parts[PART_OWN].buf.len >= LIMIT_ANSWER) {
		sync->own_cut = sync->more = true;
		return false;
	}
	view_own_write(&sync->parts[PART_OWN], NULL, own);
	sync->own = own->number;
	sync->own_count++;
	return true;
}

/* After a restore the numbers begin anew. */
static enum store_status answer_own(struct app *app, struct sync *sync,
				    bool same_epoch)
{
	int64_t known = same_epoch ? sync->said.own : 0, newest;
	enum store_status status = store_own_since(
		app->store, &sync->viewer, known, add_own, sync, &newest);

	if (!sync->own_cut)
		sync->own = newest;
	return status;
}

static enum store_status read_state(struct app *app, struct sync *sync,
				    char epoch[ID_SIZE])
{
	const char *said = sync->said.epoch;
	enum store_status status = store_epoch(app->store, epoch);

	bool same =
		status == STORE_OK && said != NULL && strcmp(said, epoch) == 0;

	if (status == STORE_OK)
		status = sync_note_newest(app, sync);
	if (status == STORE_OK)
		status = sync_note_rest(app, sync);
	if (status == STORE_OK)
		status = answer_known(app, sync, sync_plan_new(same));
	if (status == STORE_OK)
		status = answer_own(app, sync, same);
	return status;
}

/* ---- the answer ---- */

static void sync_init(struct app *app, struct sync *sync,
		      const struct store_user *viewer)
{
	*sync = (struct sync){.viewer = store_viewer_of(viewer)};
	for (size_t i = 0; i < PART_COUNT; i++) {
		json_text_init(&sync->parts[i]);
		json_text_open(&sync->parts[i], NULL, part_forms[i].open);
	}
	presence_people_init(app, viewer, &sync->people,
			     &sync->parts[PART_NEW]);
}

static void sync_done(struct sync *sync)
{
	for (size_t i = 0; i < sync->known_count; i++)
		free(sync->known[i].conversation.members);
	free(sync->known);
	sync_request_done(&sync->said);
	view_people_done(&sync->people);
	for (size_t i = 0; i < PART_COUNT; i++)
		json_text_done(&sync->parts[i]);
}

static void write_sync(struct json_text *out, struct sync *sync,
		       const char *epoch)
{
	json_text_open(out, NULL, '{');
	json_text_id(out, "epoch", epoch);
	for (size_t i = 0; i < PART_COUNT; i++) {
		json_text_close(&sync->parts[i], part_forms[i].close);
		json_text_add(out, part_forms[i].name, &sync->parts[i]);
	}
	json_text_int(out, "own", sync->own);
	json_text_bool(out, "more", sync->more);
	json_text_close(out, '}');
}

void route_sync(struct app *app, const struct request *request,
		struct response *response)
{
	struct sync sync;
	char epoch[ID_SIZE];

	sync_init(app, &sync, &request->user);

	const char *wrong = sync_request_read(&sync.said, request->text);

	if (wrong != NULL) {
		response_refuse_as(
			response, REFUSAL_INVALID, wrong,
			"conversations is {id: {seq, change}}, at most "
			"1000; epoch and own are what the last answer said.");
		goto out;
	}
	enum store_status status = read_state(app, &sync, epoch);

	if (status != STORE_OK) {
		response_store_error(response, status);
		goto out;
	}
	presence_ask(app, &sync.people);
	write_sync(response_body(response, 200), &sync, epoch);
out:
	sync_done(&sync);
}
