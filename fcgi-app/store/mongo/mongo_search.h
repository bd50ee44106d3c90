/*
 * mongo_search - what the index has of a message's text, and what it is asked
 * for.
 *
 * A message has its words with it, in the same document, so that whatever
 * changes what it says changes them at the same moment: there is nothing to
 * mend and no part that is not indexed yet. They cost a send keys of an index
 * that begins with its conversation, beside a wait for a majority's journals.
 *
 * Its words are those of text_words(); and of each the beginnings of two and of
 * four signs, as "ec*" and "ecol*", for a range of words could not be read in
 * the order of the messages. One of them is asked for: the rows that have it
 * are looked at for the rest.
 */
#ifndef MONGO_SEARCH_H
#define MONGO_SEARCH_H

#include "mongo_bson.h"
#include "store_search.h"

/* A word is cut there; what is looked for is, too. */
#define MONGO_TOKEN_SIZE 64

struct mongo_tokens {
	char *text;	   /* they stand in it */
	const char **list; /* each once, in order */
	size_t count;
};
/* NULL, or of what is nobody's text: none. */
void mongo_tokens_of(enum store_message_kind kind, const char *content,
		     struct mongo_tokens *out);
/* Of a message that says something else to its sender (NULL: it does not). */
void mongo_tokens_of_both(enum store_message_kind kind, const char *content,
			  const char *hidden, struct mongo_tokens *out);
void mongo_tokens_done(struct mongo_tokens *tokens);

/* As a field of a message. */
#define WORDS(t) IF((t)->count > 0, TEXTS("words", (t)->list, (t)->count))

/* The one that fewest messages are likely to have: the longest. */
void mongo_token_of_terms(const struct store_terms *terms,
			  char out[MONGO_TOKEN_SIZE]);

#endif
