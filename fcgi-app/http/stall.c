#include "stall.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "metrics.h"

#define PLACES 256 /* all workers, each with the one that it replaces */

struct stall_place {
	atomic_int pid; /* 0: nobody's */
	atomic_bool writes;
	atomic_llong commit_ms; /* clock_mono_ms(); 0: none is under way */
};

struct stall {
	atomic_bool doubtful;
	struct stall_place places[PLACES];
};

struct stall *stall_new(void)
{
	return mem_shared_new(sizeof(struct stall));
}

void stall_free(struct stall *stall)
{
	mem_shared_free(stall, sizeof(*stall));
}

/* ---- places ---- */

static bool process_lives(pid_t pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

void stall_join(struct stall_member *member, struct stall *stall)
{
	member->stall = stall;
	member->mono_ms = clock_mono_ms;
	member->place = PLACES;
	for (size_t i = 0; stall != NULL && i < PLACES; i++) {
		struct stall_place *place = &stall->places[i];
		int pid = place->pid;

		if (process_lives(pid) ||
		    !atomic_compare_exchange_strong(&place->pid, &pid,
						    (int)getpid()))
			continue;
		place->writes = false;
		place->commit_ms = 0;
		member->place = i;
		return;
	}
}

void stall_forget(struct stall *stall, pid_t pid)
{
	for (size_t i = 0; i < PLACES && stall->places[i].pid != 0; i++) {
		struct stall_place *place = &stall->places[i];

		if (place->pid != pid)
			continue;
		place->commit_ms = 0;
		place->writes = false;
	}
}

/* A process that the kernel holds is not gone by being killed. */
static bool place_is_late(const struct stall_place *place, int64_t now_ms)
{
	int64_t since = place->commit_ms;

	return since > 0 && now_ms - since >= STALL_MS &&
	       process_lives(place->pid);
}

static int64_t stall_age(const struct stall *stall, int64_t now_ms)
{
	int64_t age = 0;

	for (size_t i = 0; i < PLACES && stall->places[i].pid != 0; i++) {
		const struct stall_place *place = &stall->places[i];

		if (place_is_late(place, now_ms) &&
		    now_ms - place->commit_ms > age)
			age = now_ms - place->commit_ms;
	}
	return age;
}

static bool another_writes(const struct stall *stall, size_t me)
{
	for (size_t i = 0; i < PLACES && stall->places[i].pid != 0; i++) {
		const struct stall_place *place = &stall->places[i];

		if (i != me && place->writes && process_lives(place->pid))
			return true;
	}
	return false;
}

/* ---- what a store tells ---- */

static struct stall_place *place_of(const struct stall_member *member)
{
	return member->stall != NULL && member->place < PLACES
		       ? &member->stall->places[member->place]
		       : NULL;
}

static bool may_write(const struct stall_member *member,
		      struct stall_place *place)
{
	if (stall_age(member->stall, member->mono_ms()) > 0) {
		member->stall->doubtful = true;
		return false;
	}
	place->writes = true;
	if (!member->stall->doubtful ||
	    !another_writes(member->stall, member->place))
		return true;
	place->writes = false;
	return false;
}

static bool stall_enter(void *context)
{
	struct stall_member *member = context;
	struct stall_place *place = place_of(member);

	member->refused = place != NULL && !may_write(member, place);
	return !member->refused;
}

static void stall_commit(void *context)
{
	const struct stall_member *member = context;
	struct stall_place *place = place_of(member);

	if (place != NULL)
		place->commit_ms = member->mono_ms();
}

static void stall_leave(bool durable, void *context)
{
	const struct stall_member *member = context;
	struct stall_place *place = place_of(member);

	if (place == NULL)
		return;
	place->commit_ms = 0;
	place->writes = false;
	if (durable && member->stall->doubtful)
		member->stall->doubtful = false;
}

static void stall_timed(enum store_time what, int64_t took_us, void *context)
{
	const struct stall_member *member = context;

	metrics_count_store(what, took_us, member->metrics);
}

struct store_watch stall_watch(struct stall_member *member)
{
	return (struct store_watch){
		.timed = stall_timed,
		.enter = stall_enter,
		.commit = stall_commit,
		.leave = stall_leave,
		.context = member,
	};
}

/* ---- what is known of all ---- */

bool stall_is_on(const struct stall *stall, int64_t now_ms)
{
	return stall != NULL &&
	       (stall->doubtful || stall_age(stall, now_ms) > 0);
}

bool stall_look(struct stall *stall, int64_t now_ms, int64_t *age_ms)
{
	*age_ms = stall_age(stall, now_ms);
	if (*age_ms > 0)
		stall->doubtful = true;
	return stall->doubtful;
}

bool stall_holds(const struct stall *stall, pid_t pid, int64_t now_ms)
{
	for (size_t i = 0; i < PLACES && stall->places[i].pid != 0; i++) {
		if (stall->places[i].pid == pid)
			return place_is_late(&stall->places[i], now_ms);
	}
	return false;
}
