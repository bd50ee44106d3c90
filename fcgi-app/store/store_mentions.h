/*
 * store_mentions - whom a message names, as it is kept and shown: a JSON array
 *
 *     [{"userId":"...","start":0,"length":4}]
 *
 * of ranges of the content's code points, ascending, none within another.
 */
#ifndef STORE_MENTIONS_H
#define STORE_MENTIONS_H

#include "store_types.h"

/* The caller frees it; NULL: there are none. */
char *store_mentions_text(const struct store_mention *mentions, size_t count);

#endif
