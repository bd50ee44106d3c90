/*
 * heal - decides when to ask the store for events that may have been missed
 * (`recent`), and from when on.
 *
 *             trigger             next()            answer: more
 *     IDLE --------------> PENDING ------> RUNNING -------------+
 *      ^                                   |  ^  ^              |
 *      +---- answer: that was all ---------+  |  +---- next() --+
 *            (or too much: everyone syncs)    +- failed, next() later
 *
 * Triggers are coalesced; one that comes while a run is under way makes
 * another run. While the workers cannot be reached it goes on trying; what by
 * then is too long ago becomes a sync for everyone.
 */
#ifndef HEAL_H
#define HEAL_H

#include <stdbool.h>
#include <stdint.h>

#define HEAL_MARGIN_MS 10000 /* so much earlier the workers look */
#define HEAL_REACH_MS 60000  /* further back: everyone has to fetch */
#define HEAL_PAGES_MAX 200   /* more: the same */
#define HEAL_AFTER_SIZE 129
#define HEAL_RETRY_FIRST_MS 50
#define HEAL_RETRY_MAX_MS 1000

struct heal {
	bool enabled;
	int64_t start_ms; /* events before this are nobody's */
	bool pending, running;
	int64_t since_ms;     /* of pending: earliest possible loss */
	int64_t run_since_ms; /* of the run under way */
	bool late; /* it began too long after the loss, or misses some */
	char after[HEAL_AFTER_SIZE]; /* "": first page */
	int pages;
	bool asked; /* a page is under way */
	int64_t retry_at, retry_ms;
	uint64_t runs_started, runs_done;
};

enum heal_step {
	HEAL_NOTHING,
	HEAL_ASK,  /* ask `recent` now: *since and heal->after */
	HEAL_SYNC, /* too much was missed: tell everyone to fetch */
};

/* wall_ms: now, since 1970 - nothing older will be asked for. */
void heal_init(struct heal *heal, bool enabled, int64_t wall_ms);

/* Something may have been missed since that moment. Answers the number of the
 * run that will have looked for it; compare with heal->runs_done. */
uint64_t heal_trigger(struct heal *heal, int64_t since_wall_ms);

/* What is to be done now. ASK is to be followed by heal_answer(). */
enum heal_step heal_next(struct heal *heal, int64_t now_ms, int64_t wall_ms,
			 int64_t *since);

/* after: where the next page begins; NULL: that was all. */
enum heal_step heal_answer(struct heal *heal, const char *after);
/* Not all that was missed is told: the run ends with a sync. */
void heal_lost(struct heal *heal);
/* The workers could not be asked: later again. */
void heal_failed(struct heal *heal, int64_t now_ms);

#endif
