/*
 * copies - stores beside the one under test, and copies of one to another.
 */
#ifndef COPIES_H
#define COPIES_H

#include "backends.h"
#include "contract.h"

struct copies_place {
	const struct backend *backend;
	struct contract c; /* uri and store alone; it is prepared */
};

struct copies_place copies_open(const struct backend *backend);
void copies_close(struct copies_place *place);

/* Each backend that can hold one: NULL behind the last. */
const struct backend *copies_next(const struct backend *backend);

void copies_make(struct store *from, struct store *to);
/* Which is not to go on where it was. */
void copies_move(struct store *from, struct store *to);
/* While the first is in use. */
void copies_make_live(struct store *from, struct store *to);
/* patience: how many records until it is given up. */
void copies_assert_refused(struct store *from, struct store *to,
			   int64_t patience, const char *why);

#endif
