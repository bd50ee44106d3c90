/*
 * found - what a search of messages finds, as one text.
 */
#ifndef FOUND_H
#define FOUND_H

#include "contract.h"
#include "store_search.h"

/* Housekeeping has done its work. */
void found_keep(struct contract *c);

/* Newest first, as "one|two", of at most so many pages, each of search.limit.
 * The caller frees it. */
char *found_pages(struct contract *c, const char *who, const char *query,
		  struct store_search search, size_t pages);
void found_assert(struct contract *c, const char *who, const char *query,
		  const char *want);
/* By Ann, and whether it is indexed or not. */
void found_assert_always(struct contract *c, const char *query,
			 const char *want);

#endif
