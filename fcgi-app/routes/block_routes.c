/*
 * block_routes - whom one does not want to hear from in direct conversations.
 */
#include <string.h>

#include "announce.h"
#include "app.h"
#include "input.h"
#include "json_text.h"
#include "message_announce.h"
#include "notify_client.h"
#include "presence.h"
#include "request.h"
#include "response.h"
#include "room.h"
#include "routes.h"
#include "view.h"

/* ---- PUT, DELETE /api/users/:id/block ---- */

static void block_write(struct json_text *text, const struct store_block *block)
{
	json_text_open(text, NULL, '{');
	json_text_word(text, "userId", block->user);
	json_text_bool(text, "blocked", block->blocked);
	json_text_close(text, '}');
}

/* To the user's own devices, and never to the other one. */
static void block_announce(struct app *app, const struct request *request,
			   const struct store_block *block)
{
	struct buf *out = notify_out(app->notify);
	struct announce_frame frame;
	char room[ROOM_SIZE];
	const char *rooms[] = {room};
	const struct announce_event event = {
		.rooms = rooms,
		.room_count = 1,
		.request_id = request->id,
	};

	room_of_user(request->user.id, room);
	block_write(announce_event_begin(&frame, out, &event, "user:blocked"),
		    block);
	announce_event_end(&frame);
}

/* As far as they are of what the other one wrote. */
static void block_announce_marks(struct app *app, const struct request *request,
				 const struct store_user *user,
				 const char *conversation)
{
	const struct store_viewer viewer = store_viewer_of(user);
	const struct store_reach as_it_is = {.read_seq = 0};
	struct store_read_marks marks;

	if (store_mark_read(app->store, &viewer, conversation, &as_it_is,
			    request->now_ms, &marks) != STORE_OK)
		return;
	marks.received_moved = marks.received_message[0] != '\0';
	marks.read_moved = marks.read_message[0] != '\0';
	message_announce_marks(notify_out(app->notify), &marks, request->id);
}

/* Meanwhile neither was told of what the other changed, and has read. */
static void block_announce_shown(struct app *app, const struct request *request,
				 const struct store_block *block)
{
	struct buf *out = notify_out(app->notify);
	struct store_user other;
	char conversation[ID_SIZE];

	if (store_user_get(app->store, block->user, &other) != STORE_OK)
		return;
	announce_settings_to(out, &other, request->user.id, request->id);
	announce_settings_to(out, &request->user, other.id, request->id);
	id_direct(request->user.id, other.id, conversation);
	block_announce_marks(app, request, &request->user, conversation);
	block_announce_marks(app, request, &other, conversation);
	store_user_done(&other);
}

/* Of two who block each other, one alone does not change what they see. */
static void block_announce_hide(struct app *app, const struct request *request,
				const struct store_block *block)
{
	struct view_people people;
	bool hidden;

	presence_people_init(app, &request->user, &people, NULL);
	hidden = view_people_is_hidden(&people, block->user);
	view_people_done(&people);
	announce_hide(notify_out(app->notify), request->user.id, block->user,
		      hidden);
	if (!hidden)
		block_announce_shown(app, request, block);
}

static void block_change(struct app *app, const struct request *request,
			 struct response *response, bool blocked)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	const struct store_block block = {
		.user = request_param(request, "id"),
		.blocked = blocked,
		.now_ms = request->now_ms,
	};
	bool changed;

	/* The server is no person: it is there for all. */
	if (!id_valid(block.user) || strcmp(block.user, ID_SERVER) == 0) {
		response_refuse(response, REFUSAL_NOT_FOUND);
		return;
	}
	if (strcmp(block.user, viewer.id) == 0) {
		input_refuse(response, "id", "Nobody blocks themselves.");
		return;
	}

	enum store_status status =
		store_block(app->store, &viewer, &block, &changed);

	if (status == STORE_FULL) {
		response_refuse(response, REFUSAL_TOO_MANY_BLOCKS);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	if (changed) {
		block_announce(app, request, &block);
		block_announce_hide(app, request, &block);
		notify_confirm(app->notify, NOTIFY_PATIENCE_MS);
	}
	block_write(response_body(response, 200), &block);
}

void route_block(struct app *app, const struct request *request,
		 struct response *response)
{
	block_change(app, request, response, true);
}

void route_unblock(struct app *app, const struct request *request,
		   struct response *response)
{
	block_change(app, request, response, false);
}

/* ---- GET /api/users/blocks ---- */

static void block_add(const struct store_user *user, void *people)
{
	view_user_write(people, NULL, user);
}

void route_block_list(struct app *app, const struct request *request,
		      struct response *response)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct json_text *text = response_body(response, 200);
	struct view_people people;

	json_text_open(text, NULL, '{');
	json_text_open(text, "items", '[');
	presence_people_init(app, &request->user, &people, text);

	enum store_status status =
		store_blocked(app->store, &viewer, block_add, &people);

	json_text_close(text, ']');
	json_text_close(text, '}');
	view_people_done(&people);
	if (status != STORE_OK)
		response_store_error(response, status);
}
