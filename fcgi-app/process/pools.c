#include "pools.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define SLOTS_MAX 64	     /* of a pool: see palabre_options.c */
#define BACKOFF_FIRST_MS 100 /* after the second death in a row */
#define BACKOFF_MAX_MS 5000
#define STEADY_MS 10000 /* alive so long: the next death is a first one */
#define FOREVER_MS 60000

/* A place for one worker; while it is replaced, for two. */
struct slot {
	pid_t pid, old_pid; /* 0: none */
	bool wanted;
	bool stale; /* runs with settings of before */
	int64_t started, start_at, backoff;
	int64_t leave_by; /* of old_pid */
};

struct pools {
	pools_become *become;
	void *context;
	struct slot slots[POOLS][SLOTS_MAX];
};

struct pools *pools_new(pools_become *become, void *context)
{
	struct pools *pools = xcalloc(1, sizeof(*pools));

	pools->become = become;
	pools->context = context;
	return pools;
}

void pools_free(struct pools *pools)
{
	free(pools);
}

static int64_t pools_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- one worker ---- */

static void pools_start(struct pools *pools, enum route_pool pool,
			struct slot *slot, int64_t now_ms)
{
	pid_t pid = fork();

	if (pid == 0)
		pools->become(pool, pools->context);
	slot->started = now_ms;
	if (pid > 0) {
		slot->pid = pid;
		slot->stale = false;
		return;
	}
	log_error("cannot fork: %s", strerror(errno));
	slot->start_at = now_ms + BACKOFF_MAX_MS;
}

/* The first death in a row costs no time, the next ones ever more. */
static void back_off(struct slot *slot, int64_t now_ms)
{
	bool steady = now_ms - slot->started >= STEADY_MS;

	slot->start_at = steady ? now_ms : now_ms + slot->backoff;
	if (steady || slot->backoff == 0)
		slot->backoff = BACKOFF_FIRST_MS;
	else
		slot->backoff = pools_least(2 * slot->backoff, BACKOFF_MAX_MS);
}

static void log_death(enum route_pool pool, pid_t pid, int status)
{
	const char *name = route_pool_name(pool);

	if (WIFSIGNALED(status))
		log_warning("%s worker %d was killed by signal %d", name,
			    (int)pid, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_warning("%s worker %d ended with status %d", name, (int)pid,
			    WEXITSTATUS(status));
	else
		log_debug("%s worker %d left", name, (int)pid);
}

static void pools_forget(struct pools *pools, pid_t pid, int status,
			 int64_t now_ms)
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			struct slot *slot = &pools->slots[p][s];

			if (slot->pid != pid && slot->old_pid != pid)
				continue;
			log_death((enum route_pool)p, pid, status);
			if (slot->old_pid == pid) {
				slot->old_pid = 0;
				return;
			}
			slot->pid = 0;
			back_off(slot, now_ms);
			return;
		}
	}
}

void pools_reap(struct pools *pools, int64_t now_ms)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		pools_forget(pools, pid, status, now_ms);
}

size_t pools_signal(const struct pools *pools, int number)
{
	size_t count = 0;

	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			const struct slot *slot = &pools->slots[p][s];
			const pid_t pids[] = {slot->pid, slot->old_pid};

			for (size_t i = 0; i < COUNT_OF(pids); i++) {
				if (pids[i] == 0)
					continue;
				count++;
				if (number != 0)
					kill(pids[i], number);
			}
		}
	}
	return count;
}

/* ---- all of them ---- */

void pools_want(struct pools *pools, const int64_t counts[POOLS])
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			struct slot *slot = &pools->slots[p][s];

			slot->wanted = s < counts[p];
			slot->stale = slot->pid != 0;
		}
	}
}

/* One at a time, so that a pool is never without a worker. True: one is on
 * its way out. */
static bool is_replacing(const struct pools *pools)
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			if (pools->slots[p][s].old_pid != 0)
				return true;
		}
	}
	return false;
}

/* Whatever it still does, nobody waits for that any more. */
static void kill_late(enum route_pool pool, struct slot *slot, int64_t now_ms)
{
	if (slot->old_pid == 0 || now_ms < slot->leave_by)
		return;
	log_warning("%s worker %d does not leave: killing it",
		    route_pool_name(pool), (int)slot->old_pid);
	kill(slot->old_pid, SIGKILL);
	slot->leave_by = now_ms + POOLS_LEAVE_MS;
}

static void tend_slot(struct pools *pools, enum route_pool pool,
		      struct slot *slot, int64_t now_ms)
{
	if (slot->pid == 0) {
		if (slot->wanted && slot->start_at <= now_ms)
			pools_start(pools, pool, slot, now_ms);
	} else if (slot->stale && !is_replacing(pools)) {
		slot->old_pid = slot->pid;
		slot->pid = 0;
		if (slot->wanted)
			pools_start(pools, pool, slot, now_ms);
		kill(slot->old_pid, SIGHUP);
		slot->leave_by = now_ms + POOLS_LEAVE_MS;
	}
	kill_late(pool, slot, now_ms);
}

void pools_tend(struct pools *pools, int64_t now_ms)
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++)
			tend_slot(pools, (enum route_pool)p,
				  &pools->slots[p][s], now_ms);
	}
}

int64_t pools_next_turn(const struct pools *pools, int64_t now_ms)
{
	int64_t at = now_ms + FOREVER_MS;

	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			const struct slot *slot = &pools->slots[p][s];

			if (slot->wanted && slot->pid == 0)
				at = pools_least(at, slot->start_at);
			if (slot->old_pid != 0)
				at = pools_least(at, slot->leave_by);
		}
	}
	return at > now_ms ? at - now_ms : 0;
}
