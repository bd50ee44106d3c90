#include "moves.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "ids.h"
#include "map.h"
#include "mem.h"
#include "room.h"

#define KEY_SIZE (ID_LEN + ROOM_SIZE)

struct move {
	TAILQ_ENTRY(move) noted; /* in moves->noted */
	char position[ID_SIZE];
	char key[KEY_SIZE];
};

TAILQ_HEAD(move_list, move);

struct moves {
	size_t max;
	struct map map;		/* user and room -> move */
	struct move_list noted; /* what was noted longest ago first */
	char newest[ID_SIZE], floor[ID_SIZE];
};

struct moves *moves_new(size_t max)
{
	struct moves *moves = xcalloc(1, sizeof(*moves));

	moves->max = max;
	map_init(&moves->map);
	TAILQ_INIT(&moves->noted);
	return moves;
}

void moves_free(struct moves *moves)
{
	if (moves == NULL)
		return;
	map_done(&moves->map, free);
	free(moves);
}

static void key_of(const char *user, const char *room, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "%.*s%s", ID_LEN, user, room);
}

static void moves_raise(char position[ID_SIZE], const char *to)
{
	if (strcmp(to, position) > 0)
		memcpy(position, to, ID_SIZE);
}

static void forget_first(struct moves *moves)
{
	struct move *move = TAILQ_FIRST(&moves->noted);

	moves_raise(moves->floor, move->position);
	TAILQ_REMOVE(&moves->noted, move, noted);
	map_remove(&moves->map, move->key);
	free(move);
}

static struct move *move_new(struct moves *moves, const char key[KEY_SIZE])
{
	struct move *move = xcalloc(1, sizeof(*move));

	if (moves->map.count >= moves->max)
		forget_first(moves);
	memcpy(move->key, key, KEY_SIZE);
	map_put(&moves->map, key, move);
	return move;
}

enum moves_verdict moves_enter(struct moves *moves, const char *user,
			       const char *room, const char *position)
{
	char key[KEY_SIZE];
	struct move *move;

	key_of(user, room, key);
	move = map_get(&moves->map, key);
	if (move == NULL && strcmp(position, moves->floor) <= 0)
		return MOVES_FORGOTTEN;
	if (move != NULL && strcmp(position, move->position) < 0)
		return MOVES_OVERTAKEN;
	if (move != NULL)
		TAILQ_REMOVE(&moves->noted, move, noted);
	else
		move = move_new(moves, key);
	TAILQ_INSERT_TAIL(&moves->noted, move, noted);
	memcpy(move->position, position, ID_SIZE);
	moves_raise(moves->newest, position);
	return MOVES_NEWEST;
}

bool moves_is_past(const struct moves *moves, const char *user,
		   const char *room, const char *position)
{
	char key[KEY_SIZE];
	const struct move *move;

	key_of(user, room, key);
	move = map_get(&moves->map, key);
	return move != NULL && strcmp(move->position, position) > 0;
}

bool moves_any_past(const struct moves *moves, const char *position)
{
	return strcmp(moves->newest, position) > 0;
}
