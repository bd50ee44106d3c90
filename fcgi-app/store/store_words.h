/*
 * store_words - whom somebody looks for: words as text_seek() has them, each of
 * which must be somewhere in one of a user's two names.
 */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define STORE_WORDS_MAX 32 /* more than a name has */

struct store_words {
	char *text; /* where they are */
	const char *word[STORE_WORDS_MAX];
	size_t count;
};

/* Each once. False: nothing to seek by, or more words than a name has. Done
 * with it in any case. */
bool store_words_read(const char *text, struct store_words *out);
void store_words_done(struct store_words *words);

#endif
