#include "rt_recent.h"

#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "group_announce.h"
#include "json.h"
#include "mem.h"
#include "message_announce.h"
#include "palabre_limits.h"
#include "rt_call.h"
#include "rt_commands.h"
#include "system_view.h"

#define BYTES_MAX (1024 * 1024) /* of frames, then the rest waits */
/* Read marks are many and small. */
#define LIMIT_RECENT_EVENTS (4 * LIMIT_RECENT)

/* A conversation that a message opened or whose members changed by it, and
 * between whom. A callback of the store may not look at the store again, so
 * its description waits. */
struct opened {
	enum store_conversation_kind kind;
	char conversation[ID_SIZE], sender[ID_SIZE], recipient[ID_SIZE];
	char position[ID_SIZE];
	bool hidden; /* from the recipient */
	int64_t seq;
	char left[ID_SIZE]; /* of a group: who is no member by it */
};

struct recent_run {
	struct rt_work *work;
	struct opened opened[LIMIT_RECENT];
	size_t opened_count;
	size_t count; /* of messages and changes */
};

/* ---- what there is ---- */

static bool has_room(const struct recent_run *run)
{
	return run->count < LIMIT_RECENT && run->work->frames.len < BYTES_MAX;
}

static void keep_opened(struct recent_run *run,
			const struct store_message *message)
{
	struct opened *opened = &run->opened[run->opened_count];

	if (run->opened_count == LIMIT_RECENT)
		return; /* the store gives no more than it was asked for */
	memcpy(opened->conversation, message->conversation, ID_SIZE);
	memcpy(opened->position, message->id, ID_SIZE);
	memcpy(opened->sender, message->sender, ID_SIZE);
	memcpy(opened->recipient, message->recipient, ID_SIZE);
	opened->kind = message->conversation_kind;
	opened->seq = message->seq;
	opened->hidden = message->hidden;
	if (message->kind == MESSAGE_SYSTEM)
		system_view_left(message, opened->left);
	run->opened_count++;
}

static bool recent_message(const struct store_message *message, void *context)
{
	struct recent_run *run = context;
	struct rt_work *work = run->work;

	if (message->seq == 1 ||
	    (message->kind == MESSAGE_SYSTEM &&
	     message->conversation_kind == CONVERSATION_GROUP))
		keep_opened(run, message);
	message_announce_new(&work->frames, message, work->request_id);
	run->count++;
	return has_room(run);
}

/* With the ticks its message has by now. */
static bool recent_change(const struct store_change *change,
			  const struct store_conversation *conversation,
			  void *context)
{
	struct recent_run *run = context;

	if (change->kind == CHANGE_ERASE)
		message_announce_erase(&run->work->frames, change,
				       run->work->request_id);
	else if (change->kind == CHANGE_REACTION)
		message_announce_reaction(&run->work->frames, change,
					  run->work->request_id);
	else
		message_announce_change(&run->work->frames, change,
					conversation, run->work->request_id);
	run->count++;
	return has_room(run);
}

static bool recent_marks(const struct store_read_marks *marks, void *context)
{
	struct recent_run *run = context;

	message_announce_marks(&run->work->frames, marks,
			       run->work->request_id);
	return has_room(run);
}

/* Who came by that message and is there still, and who left. */
static void recent_group(struct app *app, const struct opened *opened,
			 const struct store_conversation *conversation,
			 struct buf *out, const char *request_id)
{
	char(*joined)[ID_SIZE];
	struct group_news news = {
		.id = opened->conversation,
		.position = opened->position,
		.conversation = conversation,
		.left = opened->left,
	};

	if (store_group_newcomers(app->store, opened->conversation, opened->seq,
				  &joined, &news.joined_count) != STORE_OK)
		return;
	news.joined = (const char(*)[ID_SIZE])joined;
	group_announce_members(out, &news, request_id);
	group_announce_updated(out, &news, request_id);
	free(joined);
}

static void recent_direct(const struct opened *opened,
			  const struct store_conversation *conversation,
			  struct buf *out, const char *request_id)
{
	const struct announce_pair between = {
		.sender = opened->sender,
		.recipient = opened->recipient,
		.hidden = opened->hidden,
	};

	message_announce_opened(out, conversation, &between, request_id);
}

/* Conversations come before their messages. One that the store does not give,
 * or that no longer fits, a client asks for when it meets its message. */
static void recent_opened(struct app *app, struct recent_run *run)
{
	struct rt_work *work = run->work;
	struct buf out;

	buf_init(&out, LIMIT_RT_ANSWER);
	for (size_t i = 0; i < run->opened_count && out.len < BYTES_MAX; i++) {
		const struct opened *opened = &run->opened[i];
		const struct store_viewer viewer = {
			opened->sender, opened->kind == CONVERSATION_SUPPORT
						? ROLE_OPERATOR
						: ROLE_USER};
		struct store_conversation conversation;

		bool seen = store_conversation_get(app->store, &viewer,
						   opened->conversation,
						   &conversation) == STORE_OK;

		if (opened->kind == CONVERSATION_GROUP)
			recent_group(app, opened, seen ? &conversation : NULL,
				     &out, work->request_id);
		else if (seen)
			recent_direct(opened, &conversation, &out,
				      work->request_id);
		if (seen)
			store_conversation_done(&conversation);
	}
	buf_add(&out, work->frames.data, work->frames.len);
	buf_done(&work->frames);
	work->frames = out;
}

/* ---- the command ---- */

static bool recent_read_head(const struct rt_work *work,
			     struct store_recent *recent)
{
	const struct json_flat *head = &work->command->head;
	const char *after;

	if (json_flat_string(head, "after", &after) != JSON_FOUND ||
	    !id_valid(after))
		return false;
	memcpy(recent->after, after, ID_SIZE);
	return true;
}

void rt_recent_run(struct app *app, struct rt_work *work)
{
	struct recent_run *run = xcalloc(1, sizeof(*run));
	struct store_recent recent = {
		.limit = LIMIT_RECENT_EVENTS,
		.message = recent_message,
		.change = recent_change,
		.marks = recent_marks,
		.context = run,
	};
	bool more = false;

	run->work = work;
	if (!recent_read_head(work, &recent)) {
		work->code = "invalid";
		goto out;
	}
	work->code = rt_commands_code(store_recent(app->store, &recent, &more));
	if (run->opened_count > 0)
		recent_opened(app, run);
	json_put_bool(rt_work_head(work), "more", more);
	if (recent.lost)
		json_put_bool(rt_work_head(work), "lost", true);
	json_put_string(rt_work_head(work), "after", recent.after);
out:
	free(run);
}
