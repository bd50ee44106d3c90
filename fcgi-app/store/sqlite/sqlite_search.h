/*
 * sqlite_search - the index of what messages say, of FTS5: words as
 * text_words() has them. Housekeeping fills it, in the order of the writes and
 * up to a position; what is behind that is looked through. Nothing of the lobby
 * is in it, which is short.
 *
 * What changes in a message that is in it changes there in the same
 * transaction. FTS5 writes down that a word is gone and leaves it in the file
 * until segments are merged, so a day after such a change all of them are.
 *
 * It holds nothing that the messages do not. Whoever meets that it is damaged
 * leaves word of it (sqlite_span.c); from then on it counts as if it held
 * nothing, until housekeeping has emptied it and fills it again.
 */
#ifndef SQLITE_SEARCH_H
#define SQLITE_SEARCH_H

#include "sqlite_query.h"
#include "store_search.h"

#define SEARCH_NOTHING "000000000000000000000000"
/* What is found by: of message m, also what its sender alone sees. */
#define SEARCH_TEXT "m.content || coalesce(' ' || m.hidden_content, '')"

/* Up to which position messages are in it; SEARCH_NOTHING at first. */
void sqlite_search_until(struct sqlite_db *db, char out[ID_SIZE]);

/* Before a message is written otherwise, and after it. */
void sqlite_search_drop(struct sqlite_db *db, int64_t place);
void sqlite_search_add(struct sqlite_db *db, int64_t place);

/* What FTS5 is asked for to find those of the terms, and more: rows are looked
 * at for the rest. The caller frees it. */
char *sqlite_search_match(const struct store_terms *terms);

#endif
