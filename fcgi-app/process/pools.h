/*
 * pools - the worker processes of the three pools, the one that makes previews
 * and the one that keeps house: started, started again with ever longer pauses
 * when they die, replaced one at a time, so that a pool is never without one,
 * and replaced when they do not move any more. Times are of clock_mono_ms().
 */
#ifndef POOLS_H
#define POOLS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "router.h"

#define POOLS (POOL_RT + 1) /* those that serve requests */
#define POOLS_PREVIEW POOLS
#define POOLS_LISTENING (POOLS + 1) /* those that have a socket */
#define POOLS_HOUSEKEEPING POOLS_LISTENING
#define POOLS_ALL (POOLS_LISTENING + 1)

/* A worker that was told to leave has so long; then it is killed. */
#define POOLS_LEAVE_MS 3500
/* Whether workers move is looked at so often, and one that was found still so
 * many times in a row is replaced. Not so the one that makes previews, which
 * need only not be stopped (SIGSTOP). */
#define POOLS_LOOK_MS 2000
#define POOLS_STILL_LOOKS 5

struct metrics;
struct pools;
struct stall;

/* In the child that becomes one of a pool (enum route_pool, POOLS_PREVIEW or
 * POOLS_HOUSEKEEPING), and counts *moves up at least every second, unless it is
 * stuck; never returns. */
typedef void pools_become(int pool, atomic_uint *moves, void *context);

/* Without workers until pools_want() and pools_tend(). context and metrics
 * (NULL: nobody counts) stay the caller's. Freeing leaves living workers alone.
 */
struct pools *pools_new(pools_become *become, void *context,
			struct metrics *metrics);
void pools_free(struct pools *pools);

/* From now on somebody of each pool is kept from waiting for a disk that does
 * not answer (stall.h), which is logged. stall stays the caller's. */
void pools_guard(struct pools *pools, struct stall *stall);

/* So many of each from now on; those that run already are to be replaced. */
void pools_want(struct pools *pools, const int64_t counts[POOLS_ALL]);

/* Somebody of that pool lives, or is about to be started; false: those who ask
 * for it would wait in vain. */
bool pools_serves(const struct pools *pools, int pool, int64_t now_ms);

/* Start, replace and kill what is due; call it after each signal and after
 * pools_next_turn() milliseconds. */
void pools_tend(struct pools *pools, int64_t now_ms);
int64_t pools_next_turn(const struct pools *pools, int64_t now_ms);

/* Collect those that ended. */
void pools_reap(struct pools *pools, int64_t now_ms);

/* Send a signal, or 0 for none, to every worker; answers how many live. */
size_t pools_signal(const struct pools *pools, int number);

#endif
