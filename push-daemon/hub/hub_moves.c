#include "hub_moves.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "delivery.h"
#include "hub_ending.h"
#include "hub_recovery.h"
#include "hub_rooms.h"
#include "hub_sync.h"
#include "hub_users.h"
#include "mem.h"
#include "moves.h"
#include "room.h"

#define MOVES_MAX 16384

struct hub_moves {
	struct hub_rooms *rooms;
	struct hub_users *users;
	const struct hub_recovery *recovery;
	struct hub_sync *sync;
	struct moves *moves;
};

struct hub_moves *hub_moves_new(struct hub_rooms *rooms,
				struct hub_users *users,
				const struct hub_recovery *recovery,
				struct hub_sync *sync)
{
	struct hub_moves *moves = xcalloc(1, sizeof(*moves));

	*moves = (struct hub_moves){rooms, users, recovery, sync,
				    moves_new(MOVES_MAX)};
	return moves;
}

void hub_moves_free(struct hub_moves *moves)
{
	if (moves == NULL)
		return;
	moves_free(moves->moves);
	free(moves);
}

/* ---- a move ---- */

struct moving {
	const struct hub_moves *moves;
	const struct delivery *delivery;
	bool doubtful;
	bool late; /* something that they should have heard was told before */
};

static bool has_position(const struct delivery *delivery)
{
	return delivery->position[0] != '\0';
}

static void move_client(struct client *client, void *context)
{
	const struct moving *moving = context;
	const struct delivery *delivery = moving->delivery;
	struct hub_rooms *rooms = moving->moves->rooms;
	const char *room = delivery->rooms[0];
	bool joins = delivery->kind == NOTIFY_JOIN;

	/* The rooms that it was given are younger than that. */
	if (has_position(delivery) &&
	    strcmp(delivery->position, client->as_of) <= 0)
		return;
	if (hub_rooms_has(rooms, room, client) == joins)
		return;
	if (moving->doubtful)
		hub_ending_drop(client, "rooms_unknown");
	else if (joins)
		hub_rooms_join(rooms, room, client);
	else
		hub_rooms_leave(rooms, room, client);
	if (joins && moving->late && client->state == CLIENT_READY)
		hub_sync_client(moving->moves->sync, client);
}

static bool is_late(const struct hub_moves *moves,
		    const struct delivery *delivery)
{
	const char *conversation = room_conversation(delivery->rooms[0]);

	return conversation != NULL &&
	       hub_recovery_is_past(moves->recovery, conversation,
				    delivery->position);
}

/* Of a user who is not here, too: they may be on their way in. */
static enum moves_verdict judge(struct hub_moves *moves,
				const struct delivery *delivery)
{
	if (delivery->room_count == 0 || !has_position(delivery))
		return MOVES_NEWEST;
	return moves_enter(moves->moves, delivery->user, delivery->rooms[0],
			   delivery->position);
}

bool hub_moves_take(struct hub_moves *moves, const struct delivery *delivery)
{
	struct user *user = hub_users_find(moves->users, delivery->user);
	enum moves_verdict verdict = judge(moves, delivery);

	if (verdict == MOVES_OVERTAKEN)
		return false;
	if (user != NULL && delivery->room_count > 0) {
		struct moving moving = {
			.moves = moves,
			.delivery = delivery,
			.doubtful = verdict == MOVES_FORGOTTEN,
			.late = is_late(moves, delivery),
		};

		hub_users_each_client(user, move_client, &moving);
	}
	return verdict == MOVES_NEWEST;
}

/* ---- what is older ---- */

bool hub_moves_is_past(const struct hub_moves *moves, const struct user *user,
		       const struct delivery *event)
{
	char room[ROOM_SIZE];

	room_of_conversation(event->conversation, room);
	return moves_is_past(moves->moves, user->id, room, event->position);
}

bool hub_moves_any_past(const struct hub_moves *moves,
			const struct delivery *event)
{
	return has_position(event) && event->conversation[0] != '\0' &&
	       moves_any_past(moves->moves, event->position);
}
