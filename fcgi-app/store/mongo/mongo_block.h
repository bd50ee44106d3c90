/*
 * mongo_block - whether one user blocks another in direct conversations.
 */
#ifndef MONGO_BLOCK_H
#define MONGO_BLOCK_H

#include "mongo_query.h"

/* Who of the two blocks the other one. */
enum mongo_blocks { LOW_BLOCKS = 1, HIGH_BLOCKS = 2 };

/* What each of the two goes on seeing of the other's marks. */
struct mongo_held {
	struct store_member of_blocker, of_blocked;
};

/* held may be NULL. */
bool mongo_block_find(struct mongo_db *db, const char *blocker,
		      const char *blocked, struct mongo_held *held);

/* Those rows in which they are, as either of the two. */
void mongo_blocks_end(struct mongo_db *db, const char *user);

/* As the row of the conversation of these two has it; low: the smaller id. */
int mongo_blocks_of(struct mongo_db *db, const char *low, const char *high);

/* What these rows say, in the conversation of the two, if there is one. */
void mongo_block_note(struct mongo_db *db, const char *low, const char *high);

#endif
