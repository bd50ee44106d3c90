/*
 * stall - whether the disk of the store answers, as far as all workers together
 * know: each says in memory that is shared with the others when it writes and
 * when the commit of that is under way.
 *
 *     well --a commit takes STALL_MS--> stalled: no other write begins
 *      ^                                   |
 *      |                                   v  it ended, or its process did
 *      +--a commit is durable-- doubtful: one writes at a time
 *
 * So a disk that hangs takes some workers, and the others go on to read.
 */
#ifndef STALL_H
#define STALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "store.h"

/* Who waits is told at 2 s that nobody knows. */
#define STALL_MS 3000

struct metrics;
struct stall;

/* Shared with every process that is forked from here on. Aborts without
 * memory. */
struct stall *stall_new(void);
void stall_free(struct stall *stall); /* NULL: no-op */

/* One process that writes. */
struct stall_member {
	struct stall *stall;	 /* NULL: it asks nobody */
	struct metrics *metrics; /* NULL: nobody counts */
	size_t place;
	bool refused;		  /* its last write was, by this */
	int64_t (*mono_ms)(void); /* clock_mono_ms() */
};
/* This process is one, until it ends. */
void stall_join(struct stall_member *member, struct stall *stall);
/* What its store is to be made with; member has to outlive that. */
struct store_watch stall_watch(struct stall_member *member);

/* That process has ended: what it was about is over. To be said before its
 * number can be another's. */
void stall_forget(struct stall *stall, pid_t pid);

/* Not well. */
bool stall_is_on(const struct stall *stall, int64_t now_ms);
/* To be asked every now and then: is it on? *age_ms: how long the oldest commit
 * has been under way, of a process that lives; 0: there is none that late. */
bool stall_look(struct stall *stall, int64_t now_ms, int64_t *age_ms);
/* Is that process one that waits like that? */
bool stall_holds(const struct stall *stall, pid_t pid, int64_t now_ms);

#endif
