/*
 * pools - the worker processes of the three pools: started, started again with
 * ever longer pauses when they die, and replaced one at a time, so that a pool
 * is never without one. Times are of clock_mono_ms().
 */
#ifndef POOLS_H
#define POOLS_H

#include <stddef.h>
#include <stdint.h>

#include "router.h"

#define POOLS (POOL_RT + 1)

/* A worker that was told to leave has so long; then it is killed. */
#define POOLS_LEAVE_MS 3500

struct pools;

/* In the child that becomes a worker; never returns. */
typedef void pools_become(enum route_pool pool, void *context);

/* Without workers until pools_want() and pools_tend(). context stays the
 * caller's. Freeing leaves living workers alone. */
struct pools *pools_new(pools_become *become, void *context);
void pools_free(struct pools *pools);

/* So many of each from now on; those that run already are to be replaced. */
void pools_want(struct pools *pools, const int64_t counts[POOLS]);

/* Start, replace and kill what is due; call it after each signal and after
 * pools_next_turn() milliseconds. */
void pools_tend(struct pools *pools, int64_t now_ms);
int64_t pools_next_turn(const struct pools *pools, int64_t now_ms);

/* Collect those that ended. */
void pools_reap(struct pools *pools, int64_t now_ms);

/* Send a signal, or 0 for none, to every worker; answers how many live. */
size_t pools_signal(const struct pools *pools, int number);

#endif
