/*
 * store_finds - what a search has come to, for whoever looks through a backend:
 * what is wanted, what was found, and from where the next search goes on.
 */
#ifndef STORE_FINDS_H
#define STORE_FINDS_H

#include "store_search.h"

/* A search looks at so many rows, or so long, but at the least at so many; at
 * the clock once for so many. */
#define SEARCH_ROWS 5000
#define SEARCH_MS 80
#define SEARCH_LEAST 150
#define SEARCH_ROWS_A_LOOK 64

/* Behind every message. */
#define SEARCH_LAST "ffffffffffffffffffffffff"

struct store_find {
	char id[ID_SIZE];
	int64_t place;	/* as its backend has it */
	const void *in; /* the backend's row of its conversation */
};

struct store_finds {
	struct store_search *search;
	struct store_find *find; /* newest first; one more than are wanted */
	size_t count;
};
void store_finds_init(struct store_finds *finds, struct store_search *search);
void store_finds_done(struct store_finds *finds);

/* Of what the viewer sees of its conversation: is it what is looked for? */
bool store_finds_wants(const struct store_finds *finds,
		       const struct store_viewer *viewer, const char *sender,
		       bool hidden, const char *content);
void store_finds_add(struct store_finds *finds, const struct store_find *find);

/* Are there as many as are wanted that are newer? */
bool store_finds_has_newer(const struct store_finds *finds, const char *id);

/* Something up to there was not looked at. */
void store_finds_leave_out(struct store_finds *finds, const char *id);

/* How many of the first are given, once all has been looked at: those behind
 * which nothing was left out. */
size_t store_finds_end(struct store_finds *finds);

#endif
