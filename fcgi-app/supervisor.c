#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "log.h"
#include "mem.h"
#include "palabre_options.h"
#include "start_check.h"
#include "worker.h"

#define POOLS 3
#define SLOTS_MAX 64	     /* of a pool: see palabre_options.c */
#define BACKOFF_FIRST_MS 100 /* after the second death in a row */
#define BACKOFF_MAX_MS 5000
#define STEADY_MS 10000 /* alive so long: the next death is a first one */
#define LEAVE_MS 3500	/* then a worker that was told to leave is killed */
#define FOREVER_MS 60000

/* A place for one worker; while it is replaced, for two. */
struct slot {
	pid_t pid, old_pid; /* 0: none */
	bool wanted;
	bool stale; /* runs with settings of before */
	int64_t started, start_at, backoff;
	int64_t leave_by; /* of old_pid */
};

struct pool {
	int fd;
	char *path;
	struct slot slots[SLOTS_MAX];
};

struct supervisor {
	const struct supervisor_config *config;
	struct palabre_options *options;
	struct pool pools[POOLS];
	int lock;
	pid_t pid; /* of ours */
	sigset_t signals;
	int64_t stop_by; /* 0: not stopping */
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- workers ---- */

static void become_worker(struct supervisor *super, enum route_pool pool)
{
	struct worker_config config = {
		.options = super->options,
		.pool = pool,
		.listen_fd = super->pools[pool].fd,
		.supervisor = super->pid,
	};
	sigset_t mine;

	/* Blocked but while waiting: see worker.c. */
	sigemptyset(&mine);
	sigaddset(&mine, SIGTERM);
	sigaddset(&mine, SIGHUP);
	sigprocmask(SIG_SETMASK, &mine, NULL);
	close(super->lock);
	for (int i = 0; i < POOLS; i++) {
		if (i != (int)pool)
			close(super->pools[i].fd);
	}
	/* Not _exit(): leaks are looked for at exit. */
	exit(worker_run(&config));
}

static void start(struct supervisor *super, enum route_pool pool,
		  struct slot *slot)
{
	pid_t pid = fork();

	if (pid == 0)
		become_worker(super, pool);
	slot->started = clock_mono_ms();
	if (pid > 0) {
		slot->pid = pid;
		slot->stale = false;
		return;
	}
	log_error("cannot fork: %s", strerror(errno));
	slot->start_at = slot->started + BACKOFF_MAX_MS;
}

/* The first death in a row costs no time, the next ones ever more. */
static void back_off(struct slot *slot, int64_t now)
{
	bool steady = now - slot->started >= STEADY_MS;

	slot->start_at = steady ? now : now + slot->backoff;
	if (steady || slot->backoff == 0)
		slot->backoff = BACKOFF_FIRST_MS;
	else
		slot->backoff = least(2 * slot->backoff, BACKOFF_MAX_MS);
}

static void log_death(enum route_pool pool, pid_t pid, int status)
{
	const char *name = worker_pool_name(pool);

	if (WIFSIGNALED(status))
		log_warning("%s worker %d was killed by signal %d", name,
			    (int)pid, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_warning("%s worker %d ended with status %d", name, (int)pid,
			    WEXITSTATUS(status));
	else
		log_debug("%s worker %d left", name, (int)pid);
}

static void forget(struct supervisor *super, pid_t pid, int status)
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			struct slot *slot = &super->pools[p].slots[s];

			if (slot->pid != pid && slot->old_pid != pid)
				continue;
			log_death((enum route_pool)p, pid, status);
			if (slot->old_pid == pid) {
				slot->old_pid = 0;
				return;
			}
			slot->pid = 0;
			back_off(slot, clock_mono_ms());
			return;
		}
	}
}

static void reap(struct supervisor *super)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		forget(super, pid, status);
}

static size_t signal_all(const struct supervisor *super, int number)
{
	size_t count = 0;

	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			const struct slot *slot = &super->pools[p].slots[s];
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

/* ---- what the settings ask for ---- */

static void set_wanted(struct supervisor *super)
{
	const int64_t counts[POOLS] = {
		[POOL_API] = super->options->api_workers,
		[POOL_AUTH] = super->options->auth_workers,
		[POOL_RT] = super->options->rt_workers,
	};

	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			struct slot *slot = &super->pools[p].slots[s];

			slot->wanted = s < counts[p];
			slot->stale = slot->pid != 0;
		}
	}
}

/* One at a time, so that a pool is never without a worker. True: one is on
 * its way out. */
static bool is_replacing(const struct supervisor *super)
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			if (super->pools[p].slots[s].old_pid != 0)
				return true;
		}
	}
	return false;
}

/* Whatever it still does, nobody waits for that any more. */
static void kill_late(enum route_pool pool, struct slot *slot)
{
	int64_t now = clock_mono_ms();

	if (slot->old_pid == 0 || now < slot->leave_by)
		return;
	log_warning("%s worker %d does not leave: killing it",
		    worker_pool_name(pool), (int)slot->old_pid);
	kill(slot->old_pid, SIGKILL);
	slot->leave_by = now + LEAVE_MS;
}

static void tend_slot(struct supervisor *super, enum route_pool pool,
		      struct slot *slot, bool may_replace)
{
	if (slot->pid == 0) {
		if (slot->wanted && slot->start_at <= clock_mono_ms())
			start(super, pool, slot);
	} else if (slot->stale && may_replace && slot->old_pid == 0) {
		slot->old_pid = slot->pid;
		slot->pid = 0;
		if (slot->wanted)
			start(super, pool, slot);
		kill(slot->old_pid, SIGHUP);
		slot->leave_by = clock_mono_ms() + LEAVE_MS;
	}
	kill_late(pool, slot);
}

static void tend(struct supervisor *super)
{
	for (int p = 0; p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++)
			tend_slot(super, (enum route_pool)p,
				  &super->pools[p].slots[s],
				  !is_replacing(super));
	}
}

/* Milliseconds until there is something to do without a signal. */
static int64_t next_turn(const struct supervisor *super)
{
	int64_t now = clock_mono_ms();
	int64_t at = now + FOREVER_MS;

	if (super->stop_by > 0)
		at = super->stop_by;
	for (int p = 0; super->stop_by == 0 && p < POOLS; p++) {
		for (int s = 0; s < SLOTS_MAX; s++) {
			const struct slot *slot = &super->pools[p].slots[s];

			if (slot->wanted && slot->pid == 0)
				at = least(at, slot->start_at);
			if (slot->old_pid != 0)
				at = least(at, slot->leave_by);
		}
	}
	return at > now ? at - now : 0;
}

/* ---- signals ---- */

static void stop(struct supervisor *super)
{
	if (super->stop_by > 0)
		return;
	log_info("stopping");
	super->stop_by = clock_mono_ms() + LEAVE_MS;
	/* No new connection from here on, so that what waits is finite. */
	for (int p = 0; p < POOLS; p++)
		unlink(super->pools[p].path);
	signal_all(super, SIGTERM);
}

static void kill_all(struct supervisor *super)
{
	log_warning("workers do not leave: killing them");
	signal_all(super, SIGKILL);
	super->stop_by = clock_mono_ms() + LEAVE_MS;
}

static void use_options(struct supervisor *super,
			struct palabre_options *options)
{
	if (super->options != NULL) {
		palabre_options_done(super->options);
		free(super->options);
	}
	super->options = options;
	log_init("palabre-api", (enum log_level)options->log_level,
		 options->log_format == 1);
}

static void get_paths(const struct palabre_options *options,
		      const char *paths[POOLS])
{
	paths[POOL_API] = options->api_socket;
	paths[POOL_AUTH] = options->auth_socket;
	paths[POOL_RT] = options->rt_socket;
}

static void warn_of_paths(const struct supervisor *super)
{
	const char *paths[POOLS];

	get_paths(super->options, paths);
	for (int p = 0; p < POOLS; p++) {
		if (strcmp(paths[p], super->pools[p].path) != 0)
			log_warning("socket %s: a new path needs a restart",
				    paths[p]);
	}
}

static void reload(struct supervisor *super)
{
	struct palabre_options *options;

	if (super->stop_by > 0)
		return;
	options = super->config->read_options(super->config->context);
	if (options == NULL) {
		log_error("the settings are wrong: going on with those of "
			  "before");
		return;
	}
	use_options(super, options);
	log_info("settings read again");
	warn_of_paths(super);
	set_wanted(super);
}

static void wait_for_signal(struct supervisor *super)
{
	int64_t ms = next_turn(super);
	struct timespec timeout = {ms / 1000, ms % 1000 * 1000000};

	switch (sigtimedwait(&super->signals, NULL, &timeout)) {
	case SIGTERM:
	case SIGINT:
		stop(super);
		break;
	case SIGHUP:
		reload(super);
		break;
	default:
		break;
	}
	reap(super);
}

/* ---- start ---- */

static char *open_pools(struct supervisor *super)
{
	const char *paths[POOLS];

	get_paths(super->options, paths);
	char *error = listener_make_directory(paths[POOL_API]);

	if (error == NULL)
		super->lock = listener_lock(paths[POOL_API], &error);
	for (int p = 0; error == NULL && p < POOLS; p++) {
		error = listener_make_directory(paths[p]);
		if (error != NULL)
			break;
		super->pools[p].path = xstrdup(paths[p]);
		super->pools[p].fd = listener_open(paths[p], &error);
	}
	return error;
}

static char *begin(struct supervisor *super)
{
	char *error = start_check(super->options);

	/* Last: a socket that is there is one that is served. */
	return error != NULL ? error : open_pools(super);
}

static void block_signals(struct supervisor *super)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

	sigemptyset(&super->signals);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		sigaddset(&super->signals, numbers[i]);
	sigprocmask(SIG_BLOCK, &super->signals, NULL);
}

static void run(struct supervisor *super)
{
	set_wanted(super);
	tend(super);
	log_info("ready");
	for (;;) {
		wait_for_signal(super);
		if (super->stop_by == 0)
			tend(super);
		else if (signal_all(super, 0) == 0)
			break;
		else if (clock_mono_ms() >= super->stop_by)
			kill_all(super);
	}
	log_info("stopped");
}

int supervisor_run(const struct supervisor_config *config,
		   struct palabre_options *options)
{
	struct supervisor super = {
		.config = config,
		.lock = -1,
		.pid = getpid(),
	};

	use_options(&super, options);
	block_signals(&super);

	char *error = begin(&super);

	if (error == NULL)
		run(&super);
	else
		fprintf(stderr, "palabre-api: %s\n", error);
	for (int p = 0; p < POOLS; p++)
		free(super.pools[p].path);
	palabre_options_done(super.options);
	free(super.options);
	int status = error == NULL ? 0 : 1;

	free(error);
	return status;
}
