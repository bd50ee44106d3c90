#include "pools.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "stall.h"

#define SLOTS_MAX 64	     /* of a pool: see palabre_option_table.c */
#define BACKOFF_FIRST_MS 100 /* after the second death in a row */
#define BACKOFF_MAX_MS 5000
#define STEADY_MS 10000 /* alive so long: the next death is a first one */
#define FOREVER_MS 60000

_Static_assert(POOLS_ALL == METRICS_POOLS, "a row of the metrics for each");

/* A place for one worker; while it is replaced, for two. */
struct slot {
	pid_t pid, old_pid; /* 0: none */
	bool wanted;
	bool stale;  /* runs with settings of before */
	bool killed; /* old_pid: it waits for nothing but its own end */
	int64_t started, start_at, backoff;
	int64_t leave_by; /* of old_pid */
	unsigned moves;	  /* when it was looked at */
	int still;	  /* looks since that was another number */
};

/* What workers write, and we read: in memory that is shared with them. */
struct pools_page {
	atomic_uint moves[POOLS_ALL][SLOTS_MAX];
};

struct pools {
	pools_become *become;
	void *context;
	struct metrics *metrics;
	struct stall *stall;
	int64_t stalled_at; /* 0: it is not */
	struct pools_page *page;
	int64_t look_at;
	struct slot slots[POOLS_ALL][SLOTS_MAX];
};

struct pools *pools_new(pools_become *become, void *context,
			struct metrics *metrics)
{
	struct pools *pools = xcalloc(1, sizeof(*pools));

	pools->become = become;
	pools->context = context;
	pools->metrics = metrics;
	pools->page = mem_shared_new(sizeof(*pools->page));
	return pools;
}

void pools_guard(struct pools *pools, struct stall *stall)
{
	pools->stall = stall;
}

void pools_free(struct pools *pools)
{
	mem_shared_free(pools->page, sizeof(*pools->page));
	free(pools);
}

static const char *pools_name(int pool)
{
	switch (pool) {
	case POOLS_PREVIEW:
		return "preview";
	case POOLS_HOUSEKEEPING:
		return "housekeeping";
	default:
		return route_pool_name((enum route_pool)pool);
	}
}

/* The program of previews says nothing of its moves. */
static bool pools_watches(int pool)
{
	return pool != POOLS_PREVIEW;
}

static int64_t pools_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- one worker ---- */

static void pools_start(struct pools *pools, int pool, struct slot *slot,
			int64_t now_ms)
{
	ptrdiff_t at = slot - pools->slots[pool];
	pid_t pid = fork();

	if (pid == 0)
		pools->become(pool, &pools->page->moves[pool][at],
			      pools->context);
	slot->started = now_ms;
	slot->still = 0;
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

static void note_death(struct pools *pools, int pool, pid_t pid, int status)
{
	const char *name = pools_name(pool);

	if (WIFSIGNALED(status))
		log_warning("%s worker %d was killed by signal %d", name,
			    (int)pid, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_warning("%s worker %d ended with status %d", name, (int)pid,
			    WEXITSTATUS(status));
	else
		log_debug("%s worker %d left", name, (int)pid);
	if (status != 0)
		metrics_count_end(pools->metrics, pool, METRICS_DIED);
}

static void pools_forget(struct pools *pools, pid_t pid, int status,
			 int64_t now_ms)
{
	if (pools->stall != NULL)
		stall_forget(pools->stall, pid);
	for (int p = 0; p < POOLS_ALL; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			struct slot *slot = &pools->slots[p][s];

			if (slot->pid != pid && slot->old_pid != pid)
				continue;
			if (slot->old_pid == pid) {
				if (!slot->killed) /* which was said */
					note_death(pools, p, pid, status);
				slot->old_pid = 0;
				return;
			}
			note_death(pools, p, pid, status);
			slot->pid = 0;
			back_off(slot, now_ms);
			return;
		}
	}
}

/* Who stops the one that says nothing of its moves has no use of it any more.
 */
static void pools_stopped(struct pools *pools, pid_t pid)
{
	if (pid != pools->slots[POOLS_PREVIEW][0].pid)
		return;
	log_warning("%s worker %d was stopped: killing it",
		    pools_name(POOLS_PREVIEW), (int)pid);
	kill(pid, SIGKILL);
}

void pools_reap(struct pools *pools, int64_t now_ms)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status))
			pools_stopped(pools, pid);
		else
			pools_forget(pools, pid, status, now_ms);
	}
}

size_t pools_signal(const struct pools *pools, int number)
{
	size_t count = 0;

	for (int p = 0; p < POOLS_ALL; p++) {
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

void pools_want(struct pools *pools, const int64_t counts[POOLS_ALL])
{
	for (int p = 0; p < POOLS_ALL; p++) {
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
	for (int p = 0; p < POOLS_ALL; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			const struct slot *slot = &pools->slots[p][s];

			if (slot->old_pid != 0 && !slot->killed)
				return true;
		}
	}
	return false;
}

/* The one of before is on its way out: until then, or for good, where a disk
 * holds it in the kernel, there are two of them. */
static void pools_replace(struct pools *pools, int pool, struct slot *slot,
			  int number, int64_t now_ms)
{
	slot->old_pid = slot->pid;
	slot->killed = number == SIGKILL;
	slot->leave_by = now_ms + POOLS_LEAVE_MS;
	slot->pid = 0;
	slot->start_at = now_ms;
	if (slot->wanted)
		pools_start(pools, pool, slot, now_ms);
	kill(slot->old_pid, number);
}

/* Whatever it still does, nobody waits for that any more. */
static void kill_late(struct pools *pools, int pool, struct slot *slot,
		      int64_t now_ms)
{
	if (slot->old_pid == 0 || slot->killed || now_ms < slot->leave_by)
		return;
	log_warning("%s worker %d does not leave: killing it", pools_name(pool),
		    (int)slot->old_pid);
	kill(slot->old_pid, SIGKILL);
	slot->killed = true;
	metrics_count_end(pools->metrics, pool, METRICS_LATE);
}

static void tend_slot(struct pools *pools, int pool, struct slot *slot,
		      int64_t now_ms)
{
	if (slot->pid == 0) {
		if (slot->wanted && slot->start_at <= now_ms)
			pools_start(pools, pool, slot, now_ms);
	} else if (slot->stale && slot->old_pid == 0 && !is_replacing(pools)) {
		pools_replace(pools, pool, slot, SIGHUP, now_ms);
	}
	kill_late(pools, pool, slot, now_ms);
}

/* Counted in looks of ours, not by a clock: a machine that slept, or had no
 * time for us, had none for them. */
static void look_at_slot(struct pools *pools, int pool, struct slot *slot,
			 int64_t now_ms)
{
	unsigned moves = atomic_load(
		&pools->page->moves[pool][slot - pools->slots[pool]]);

	slot->still =
		slot->pid == 0 || moves != slot->moves ? 0 : slot->still + 1;
	slot->moves = moves;
	if (slot->still < POOLS_STILL_LOOKS || slot->old_pid != 0)
		return;
	log_warning("%s worker %d has not moved for %d s: replacing it",
		    pools_name(pool), (int)slot->pid,
		    POOLS_LOOK_MS * POOLS_STILL_LOOKS / 1000);
	metrics_count_end(pools->metrics, pool, METRICS_STUCK);
	pools_replace(pools, pool, slot, SIGKILL, now_ms);
}

/* ---- a disk that does not answer ---- */

/* All of a pool wait for it: one is replaced, and will not, so that what only
 * reads is answered. */
static void pools_relieve(struct pools *pools, int pool, int64_t now_ms)
{
	struct slot *victim = NULL;

	for (int s = 0; s < SLOTS_MAX; s++) {
		struct slot *slot = &pools->slots[pool][s];

		if (slot->pid == 0)
			continue;
		if (!stall_holds(pools->stall, slot->pid, now_ms))
			return;
		if (slot->old_pid == 0)
			victim = slot;
	}
	if (victim == NULL)
		return;
	log_warning("all %s workers wait for the disk: replacing worker %d",
		    pools_name(pool), (int)victim->pid);
	metrics_count_end(pools->metrics, pool, METRICS_STUCK);
	pools_replace(pools, pool, victim, SIGKILL, now_ms);
}

static void pools_look_at_disk(struct pools *pools, int64_t now_ms)
{
	int64_t age;
	bool stalled = stall_look(pools->stall, now_ms, &age);

	if (stalled && pools->stalled_at == 0) {
		log_warning("the disk of the store does not answer: a commit "
			    "has been under way for %lld s; until one ends "
			    "nothing is written",
			    (long long)age / 1000);
		pools->stalled_at = now_ms - age;
	} else if (!stalled && pools->stalled_at != 0) {
		log_warning("the disk of the store answers again, after %lld s",
			    (long long)(now_ms - pools->stalled_at) / 1000);
		pools->stalled_at = 0;
	}
	for (int p = 0; age > 0 && p < POOLS; p++)
		pools_relieve(pools, p, now_ms);
}

static void pools_look(struct pools *pools, int64_t now_ms)
{
	bool first = pools->look_at == 0;

	if (now_ms < pools->look_at)
		return;
	pools->look_at = now_ms + POOLS_LOOK_MS;
	if (first)
		return;
	if (pools->stall != NULL)
		pools_look_at_disk(pools, now_ms);
	for (int p = 0; p < POOLS_ALL; p++) {
		for (int s = 0; pools_watches(p) && s < SLOTS_MAX; s++)
			look_at_slot(pools, p, &pools->slots[p][s], now_ms);
	}
}

/* How it is now, for whoever looks. */
static void pools_show(const struct pools *pools, int pool,
		       struct metrics_pool *out)
{
	unsigned running = 0, still = 0, leaving = 0;

	for (int s = 0; s < SLOTS_MAX; s++) {
		const struct slot *slot = &pools->slots[pool][s];

		running += slot->pid != 0;
		still += slot->still > 0;
		leaving += slot->old_pid != 0 || slot->stale;
	}
	out->running = running;
	out->still = still;
	out->leaving = leaving;
}

void pools_tend(struct pools *pools, int64_t now_ms)
{
	for (int p = 0; p < POOLS_ALL; p++) {
		for (int s = 0; s < SLOTS_MAX; s++)
			tend_slot(pools, p, &pools->slots[p][s], now_ms);
	}
	pools_look(pools, now_ms);
	if (pools->metrics == NULL)
		return;
	pools->metrics->looked_ms = (unsigned long long)now_ms;
	for (int p = 0; p < POOLS_ALL; p++)
		pools_show(pools, p, &pools->metrics->pools[p]);
}

bool pools_serves(const struct pools *pools, int pool, int64_t now_ms)
{
	for (int s = 0; s < SLOTS_MAX; s++) {
		const struct slot *slot = &pools->slots[pool][s];

		if (slot->pid != 0 ||
		    (slot->wanted && slot->start_at <= now_ms))
			return true;
	}
	return false;
}

int64_t pools_next_turn(const struct pools *pools, int64_t now_ms)
{
	int64_t at = now_ms + FOREVER_MS;

	for (int p = 0; p < POOLS_ALL; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			const struct slot *slot = &pools->slots[p][s];

			if (slot->pid != 0 && pools_watches(p))
				at = pools_least(at, pools->look_at);
			if (slot->wanted && slot->pid == 0)
				at = pools_least(at, slot->start_at);
			if (slot->old_pid != 0 && !slot->killed)
				at = pools_least(at, slot->leave_by);
		}
	}
	return at > now_ms ? at - now_ms : 0;
}
