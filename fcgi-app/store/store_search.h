/*
 * store_search - messages that say something: words in any order, "phrases",
 * the last word by its beginning; case, accents and signs between words do not
 * count. Scripts without blanks are found by any of their signs in a row.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store_messages.h"

#define STORE_TERMS 10
#define STORE_TERM_SIZE 1024

/* What is looked for, as text_words() has it: " a " is a word, " a b " those
 * two in a row, and " a" what begins so. */
struct store_terms {
	char term[STORE_TERMS][STORE_TERM_SIZE];
	size_t count;
};
/* Of more words the first are looked for. False: nothing can be found, as there
 * is no word, or one that is too long. */
bool store_terms_read(const char *query, struct store_terms *out);
/* Are all of them in it? */
bool store_terms_match(const struct store_terms *terms, const char *content);

struct store_search {
	const struct store_terms *terms;
	const char *conversation; /* NULL: any that the viewer is in */
	const char *from;	  /* by this user; NULL: by anybody */
	const char *before;	  /* a place; NULL: from the newest on */
	size_t limit;
	/* Out: where the next one goes on; "": there is no more. The search
	 * ends early where it would look at too much, also without a find. */
	char next[ID_SIZE];
};

/* Newest first, of what the viewer may read; not what they read by their role
 * alone. NOT_FOUND: no such conversation. */
static inline enum store_status store_search(struct store *store,
					     const struct store_viewer *viewer,
					     struct store_search *search,
					     store_each_message *each,
					     void *context)
{
	search->next[0] = '\0';
	return store->messages->search(store, viewer, search, each, context);
}

#endif
