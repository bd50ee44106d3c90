/*
 * moves - who entered or left which room last, by the position of that in the
 * store: what two workers announce may come in another order than it happened.
 *
 *     positions:  ..... floor ........ the newest move kept ......
 *                 of moves forgotten,
 *                 nobody knows which
 *
 * A position is an id in the order of the store's commits (24 digits, compared
 * as text), never a time. Bounded by count: the move that was noted longest ago
 * goes first. Pure.
 */
#ifndef MOVES_H
#define MOVES_H

#include <stdbool.h>
#include <stddef.h>

struct moves;

enum moves_verdict {
	MOVES_NEWEST,	 /* for all that is known: also the same one again */
	MOVES_OVERTAKEN, /* a newer one of that user and room came before */
	MOVES_FORGOTTEN, /* may be overtaken, by one that is forgotten */
};

struct moves *moves_new(size_t max);  /* at least 1 */
void moves_free(struct moves *moves); /* NULL: no-op */

/* A user entered or left a room at that position. */
enum moves_verdict moves_enter(struct moves *moves, const char *user,
			       const char *room, const char *position);

/* Has the user entered or left the room behind that position? As far as that
 * is kept. */
bool moves_is_past(const struct moves *moves, const char *user,
		   const char *room, const char *position);
/* The same of any user and room, which costs nothing. */
bool moves_any_past(const struct moves *moves, const char *position);

#endif
