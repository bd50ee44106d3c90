/*
 * sqlite_texts - texts of rows that outlive them, kept together in few pieces.
 */
#ifndef SQLITE_TEXTS_H
#define SQLITE_TEXTS_H

struct sqlite_texts; /* NULL: none yet */

/* *text becomes one that lives until sqlite_texts_done(); NULL stays. */
void sqlite_texts_keep(struct sqlite_texts **texts, char **text);
void sqlite_texts_done(struct sqlite_texts **texts);

#endif
