/*
 * hub_moves - users enter and leave rooms as workers announce it. What two
 * workers announce may come in another order than it happened in: the position
 * that it has in the store counts, of a room that has one (docs/frames.md).
 */
#ifndef HUB_MOVES_H
#define HUB_MOVES_H

#include <stdbool.h>

struct delivery;
struct hub_moves;
struct hub_recovery;
struct hub_rooms;
struct hub_sync;
struct hub_users;
struct user;

struct hub_moves *hub_moves_new(struct hub_rooms *rooms,
				struct hub_users *users,
				const struct hub_recovery *recovery,
				struct hub_sync *sync);
void hub_moves_free(struct hub_moves *moves); /* NULL: no-op */

/* Of a JOIN or LEAVE; false: nothing of it holds any more, or nobody knows
 * whether it does: clients that it would move are dropped then, and come back
 * into the rooms that they are in. Who joins a conversation of which a later
 * event was told already is told to fetch. */
bool hub_moves_take(struct hub_moves *moves, const struct delivery *delivery);

/* Is an EVENT older than what its conversation's room is to the user, who came
 * or went since? It is not for them then. */
bool hub_moves_is_past(const struct hub_moves *moves, const struct user *user,
		       const struct delivery *event);
/* The same of any user, which costs nothing. */
bool hub_moves_any_past(const struct hub_moves *moves,
			const struct delivery *event);

#endif
