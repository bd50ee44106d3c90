/*
 * mongo_block - whether one user blocks another in direct conversations.
 */
#ifndef MONGO_BLOCK_H
#define MONGO_BLOCK_H

#include "mongo_query.h"

/* Who of the two blocks the other one. */
enum mongo_blocks { LOW_BLOCKS = 1, HIGH_BLOCKS = 2 };

/* held, which may be NULL: the marks that the blocked one goes on seeing. */
bool mongo_block_find(struct mongo_db *db, const char *blocker,
		      const char *blocked, struct store_member *held);

/* Those rows in which they are, as either of the two. */
void mongo_blocks_end(struct mongo_db *db, const char *user);

/* As the row of the conversation of these two has it; low: the smaller id. */
int mongo_blocks_of(struct mongo_db *db, const char *low, const char *high);

/* What these rows say, in the conversation of the two, if there is one. */
void mongo_block_note(struct mongo_db *db, const char *low, const char *high);

#endif
