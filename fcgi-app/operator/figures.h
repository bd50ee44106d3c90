/*
 * figures - how the server is, for operators and what watches for them: what
 * workers and palabre-pushd have counted, and what room is left.
 */
#ifndef FIGURES_H
#define FIGURES_H

#include "store.h"

struct app;
struct json_object;

struct figures {
	const struct metrics *metrics;
	int64_t mono_ms;	  /* now */
	struct json_object *push; /* NULL: it does not answer */
	struct store_room store;
	bool stalled; /* the store is on a disk that does not answer (stall.h)
		       */
	int64_t logs; /* bytes of log_dir; -1: not known */
	int64_t files_left; /* bytes, where uploads are; -1: not known */
};

/* Waits for palabre-pushd half a second at most. */
void figures_read(const struct app *app, struct figures *out);
void figures_done(struct figures *figures);

/* A number of palabre-pushd's `stats`; 0 when it does not say. */
int64_t figures_push(const struct figures *figures, const char *name);

#endif
