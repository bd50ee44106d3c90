/*
 * store_reactions - who reacted to a message with what, as it is shown: a JSON
 * array, the kind that came first first
 *
 *     [{"emoji":"...","count":3,"mine":true,"users":["...", ...]}]
 *
 * with the first few users of each. "mine" is not said where all see it alike.
 */
#ifndef STORE_REACTIONS_H
#define STORE_REACTIONS_H

#include "ids.h"
#include "palabre_limits.h"

struct store_reactions {
	struct store_reaction_kind {
		char emoji[LIMIT_EMOJI + 1];
		int64_t count;
		bool mine;
		char users[LIMIT_REACTION_USERS][ID_SIZE];
	} kinds[LIMIT_REACTIONS];
	size_t count;
};

/* As they came, into one of count 0: it is too large to be cleared for each
 * message. viewer "": everybody. */
void store_reactions_add(struct store_reactions *reactions, const char *emoji,
			 const char *user, const char *viewer);
/* The caller frees it; NULL: there are none. */
char *store_reactions_text(const struct store_reactions *reactions,
			   const char *viewer);
/* Such a text without what is "mine"; NULL for NULL. The caller frees it. */
char *store_reactions_shared(const char *text);

#endif
