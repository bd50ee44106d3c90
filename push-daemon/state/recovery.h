/*
 * recovery - decides when to ask the store for events that may have been missed
 * (`recent`), and behind which position. A position is an id in the order of
 * the store's commits (24 digits, compared as text), never a time.
 *
 *             trigger             next()            answer: more
 *     IDLE --------------> PENDING ------> RUNNING -------------+
 *      ^                                   |  ^  ^              |
 *      +---- answer: that was all ---------+  |  +---- next() --+
 *            (or less: everyone syncs)        +- failed, next() later
 *
 *     ....... start ............. floor ............... newest
 *     nobody's     once delivered,      who has it is known:
 *                  forgotten since      may be asked again
 *
 * The floor rises as the caller forgets what it delivered. What may have been
 * missed below it cannot be asked for without delivering other events twice:
 * the run asks behind the floor, and ends with a sync for everyone. So what is
 * forgotten and what is asked again fit together at any rate.
 *
 * Triggers are coalesced; one that comes while a run is under way makes
 * another run. While the workers cannot be reached it goes on trying.
 */
#ifndef RECOVERY_H
#define RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "ids.h"

#define RECOVERY_PAGES_MAX 200 /* more: everyone has to fetch */
#define RECOVERY_RETRY_FIRST_MS 50
#define RECOVERY_RETRY_MAX_MS 1000

struct recovery {
	bool enabled;
	char start[ID_SIZE]; /* "": nobody is here yet */
	bool pending, running;
	char wanted[ID_SIZE]; /* of pending: what is behind it; "": unknown */
	char after[ID_SIZE];  /* of the run: the next page's */
	bool late;	      /* it cannot bring all that may be missing */
	int pages;
	bool asked; /* a page is under way */
	int64_t retry_at, retry_ms;
	uint64_t runs_started, runs_done;
};

enum recovery_step {
	RECOVERY_NOTHING,
	RECOVERY_ASK,  /* ask `recent` now, behind recovery->after */
	RECOVERY_SYNC, /* some of it cannot be told: everyone has to fetch */
};

void recovery_init(struct recovery *recovery, bool enabled);

/* Somebody came who knows all up to that position; the first one counts. No
 * run begins before. */
void recovery_start(struct recovery *recovery, const char *position);

/* What is behind that position may have been missed; NULL: who knows from where
 * on. Answers the number of the run that will have looked for it; compare with
 * recovery->runs_done. */
uint64_t recovery_trigger(struct recovery *recovery, const char *position);

/* What is to be done now. ASK is to be followed by recovery_answer(). floor: ""
 * while nothing was forgotten. */
enum recovery_step recovery_next(struct recovery *recovery, int64_t now_ms,
				 const char *floor);

/* after: where the next page begins; NULL: that was all. */
enum recovery_step recovery_answer(struct recovery *recovery,
				   const char *after);
/* Of what was brought something could not be judged. */
void recovery_doubt(struct recovery *recovery);
/* The workers could not be asked: later again. */
void recovery_failed(struct recovery *recovery, int64_t now_ms);

#endif
