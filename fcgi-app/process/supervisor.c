#include "supervisor.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "address_block.h"
#include "clock.h"
#include "housekeeping.h"
#include "listener.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "palabre_options.h"
#include "pools.h"
#include "previewer.h"
#include "routes.h"
#include "rt_route.h"
#include "stall.h"
#include "start_check.h"
#include "unix_socket.h"
#include "worker.h"
#include "write_buckets.h"

#define SOCKET_MODE 0660
#define PREVIEW_MODE 0600 /* workers alone ask there */

struct supervisor {
	const struct supervisor_config *config;
	struct palabre_options *options;
	struct pools *pools;
	struct write_buckets *buckets;
	struct metrics *metrics;
	struct stall *stall;
	struct address_changes *address_changes;
	struct {
		int fd; /* -1: nobody would answer there */
		char *path;
	} sockets[POOLS_LISTENING];
	char *previewer;  /* the program; NULL: there is none */
	bool no_previews; /* for there is no place for their socket */
	int lock;
	pid_t pid; /* of ours */
	sigset_t signals;
	int64_t stop_by; /* 0: not stopping */
};

/* ---- workers ---- */

static int work(const struct supervisor *super, enum route_pool pool,
		atomic_uint *moves)
{
	const struct worker_config config = {
		.options = super->options,
		.pool = pool,
		.routes = pool == POOL_RT ? rt_route_table : routes_table,
		.listen_fd = super->sockets[pool].fd,
		.supervisor = super->pid,
		.buckets = super->buckets,
		.metrics = super->metrics,
		.stall = super->stall,
		.address_changes = super->address_changes,
		.moves = moves,
	};

	return worker_run(&config);
}

static int keep_house(const struct supervisor *super, atomic_uint *moves)
{
	const struct housekeeping_config config = {
		.options = super->options,
		.supervisor = super->pid,
		.moves = moves,
		.stall = super->stall,
	};

	return housekeeping_run(&config);
}

static int be(const struct supervisor *super, int pool, atomic_uint *moves)
{
	switch (pool) {
	case POOLS_PREVIEW:
		return previewer_run(super->previewer, super->sockets[pool].fd,
				     super->pid);
	case POOLS_HOUSEKEEPING:
		return keep_house(super, moves);
	default:
		return work(super, (enum route_pool)pool, moves);
	}
}

static void become(int pool, atomic_uint *moves, void *context)
{
	const struct supervisor *super = context;
	sigset_t mine;

	/* Blocked but while waiting: see worker.c. */
	sigemptyset(&mine);
	sigaddset(&mine, SIGTERM);
	sigaddset(&mine, SIGHUP);
	sigprocmask(SIG_SETMASK, &mine, NULL);
	close(super->lock);
	for (int i = 0; i < POOLS_LISTENING; i++) {
		if (i != pool && super->sockets[i].fd >= 0)
			close(super->sockets[i].fd);
	}
	/* Not _exit(): leaks are looked for at exit. */
	exit(be(super, pool, moves));
}

static void set_wanted(struct supervisor *super)
{
	const struct palabre_options *options = super->options;

	bool previews = options->preview && !super->no_previews;

	free(super->previewer);
	super->previewer = previews ? previewer_find() : NULL;
	if (previews && super->previewer == NULL)
		log_info("palabre-preview is not installed: pictures get no "
			 "previews");

	const int64_t counts[POOLS_ALL] = {
		[POOL_API] = options->api_workers,
		[POOL_AUTH] = options->auth_workers,
		[POOL_RT] = options->rt_workers,
		[POOLS_PREVIEW] = super->previewer != NULL,
		[POOLS_HOUSEKEEPING] = 1,
	};

	pools_want(super->pools, counts);
}

/* ---- sockets ---- */

static char *supervisor_bind(struct supervisor *super, int pool)
{
	char *error = NULL;
	int fd = unix_socket_bind(super->sockets[pool].path,
				  pool == POOLS_PREVIEW ? PREVIEW_MODE
							: SOCKET_MODE,
				  UNIX_SOCKET_ANY, &error);

	super->sockets[pool].fd = fd;
	if (fd >= 0 && pool == POOLS_PREVIEW)
		previewer_bound(fd, (int)super->options->api_workers);
	return error;
}

static void supervisor_unlisten(struct supervisor *super, int pool)
{
	unlink(super->sockets[pool].path);
	close(super->sockets[pool].fd);
	super->sockets[pool].fd = -1;
}

/* While workers die as they are started nobody listens: who asks then is
 * answered at once, by nginx, and by palabre-pushd. The next worker listens
 * itself, once it is ready: of what was sent to one that died over it nobody
 * would know the outcome. */
static void tend_sockets(struct supervisor *super)
{
	int64_t now = clock_mono_ms();

	for (int p = 0; p < POOLS_LISTENING; p++) {
		bool serves = pools_serves(super->pools, p, now);
		bool listens = super->sockets[p].fd >= 0;
		char *error = NULL;

		if (listens && !serves)
			supervisor_unlisten(super, p);
		else if (serves && !listens)
			error = supervisor_bind(super, p);
		if (error != NULL)
			log_error("%s", error);
		free(error);
	}
}

/* ---- signals ---- */

static void supervisor_stop(struct supervisor *super)
{
	if (super->stop_by > 0)
		return;
	log_info("stopping");
	super->stop_by = clock_mono_ms() + POOLS_LEAVE_MS;
	/* No new connection from here on, so that what waits is finite. */
	for (int p = 0; p < POOLS_LISTENING; p++)
		unlink(super->sockets[p].path);
	pools_signal(super->pools, SIGTERM);
}

static void kill_all(struct supervisor *super)
{
	log_warning("workers do not leave: killing them");
	pools_signal(super->pools, SIGKILL);
	super->stop_by = clock_mono_ms() + POOLS_LEAVE_MS;
}

static void free_options(struct palabre_options *options)
{
	if (options == NULL)
		return;
	palabre_options_done(options);
	free(options);
}

static void use_options(struct supervisor *super,
			struct palabre_options *options)
{
	free_options(super->options);
	super->options = options;
	log_init("palabre-api", (enum log_level)options->log_level,
		 options->log_format == 1);
}

static void get_paths(const struct palabre_options *options,
		      const char *paths[POOLS_LISTENING])
{
	paths[POOL_API] = options->api_socket;
	paths[POOL_AUTH] = options->auth_socket;
	paths[POOL_RT] = options->rt_socket;
	paths[POOLS_PREVIEW] = options->preview_socket;
}

static void warn_of_paths(const struct supervisor *super)
{
	const char *paths[POOLS_LISTENING];

	get_paths(super->options, paths);
	for (int p = 0; p < POOLS_LISTENING; p++) {
		if (strcmp(paths[p], super->sockets[p].path) != 0)
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

	char *error = options != NULL
			      ? start_check_again(options, super->options)
			      : xstrdup("the settings are wrong");

	if (error != NULL) {
		log_error("%s: going on with the settings of before", error);
		free(error);
		free_options(options);
		return;
	}
	assert(options != NULL); /* else there is an error */
	use_options(super, options);
	log_info("settings read again");
	warn_of_paths(super);
	set_wanted(super);
	if (super->sockets[POOLS_PREVIEW].fd >= 0)
		previewer_bound(super->sockets[POOLS_PREVIEW].fd,
				(int)options->api_workers);
}

/* Milliseconds until there is something to do without a signal. */
static int64_t next_turn(const struct supervisor *super, int64_t now_ms)
{
	if (super->stop_by == 0)
		return pools_next_turn(super->pools, now_ms);
	return super->stop_by > now_ms ? super->stop_by - now_ms : 0;
}

static void wait_for_signal(struct supervisor *super)
{
	int64_t ms = next_turn(super, clock_mono_ms());
	struct timespec timeout = {ms / 1000, ms % 1000 * 1000000};

	switch (sigtimedwait(&super->signals, NULL, &timeout)) {
	case SIGTERM:
	case SIGINT:
		supervisor_stop(super);
		break;
	case SIGHUP:
		reload(super);
		break;
	default:
		break;
	}
	pools_reap(super->pools, clock_mono_ms());
}

/* ---- start ---- */

static void open_previews(struct supervisor *super)
{
	char *error =
		listener_make_directory(super->sockets[POOLS_PREVIEW].path);

	if (error == NULL)
		error = supervisor_bind(super, POOLS_PREVIEW);
	super->no_previews = error != NULL;
	if (error != NULL)
		log_warning("%s: pictures get no previews", error);
	free(error);
}

static char *open_pools(struct supervisor *super)
{
	const char *paths[POOLS_LISTENING];

	get_paths(super->options, paths);
	for (int p = 0; p < POOLS_LISTENING; p++) {
		super->sockets[p].fd = -1;
		super->sockets[p].path = xstrdup(paths[p]);
	}
	char *error = listener_make_directory(paths[POOL_API]);

	if (error == NULL)
		super->lock = listener_lock(paths[POOL_API], &error);
	for (int p = 0; error == NULL && p < POOLS; p++) {
		error = listener_make_directory(paths[p]);
		if (error == NULL)
			error = supervisor_bind(super, p);
		/* Who comes while the first worker starts waits for it. */
		if (error == NULL)
			listen(super->sockets[p].fd, UNIX_SOCKET_BACKLOG);
	}
	if (error == NULL)
		open_previews(super);
	return error;
}

static char *supervisor_begin(struct supervisor *super)
{
	char *error = start_check(super->options);

	if (error != NULL)
		return error;
	super->buckets = write_buckets_new();
	/* Last: a socket that is there is one that is served. */
	return open_pools(super);
}

static void block_signals(struct supervisor *super)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

	sigemptyset(&super->signals);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		sigaddset(&super->signals, numbers[i]);
	sigprocmask(SIG_BLOCK, &super->signals, NULL);
}

static void supervisor_tend(struct supervisor *super)
{
	tend_sockets(super);
	pools_tend(super->pools, clock_mono_ms());
}

static void supervisor_loop(struct supervisor *super)
{
	set_wanted(super);
	supervisor_tend(super);
	log_info("ready");
	for (;;) {
		wait_for_signal(super);
		if (super->stop_by == 0)
			supervisor_tend(super);
		else if (pools_signal(super->pools, 0) == 0)
			break;
		else if (clock_mono_ms() >= super->stop_by)
			kill_all(super);
	}
	char *error = start_check_end(super->options);

	if (error != NULL)
		log_warning("%s", error);
	free(error);
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

	super.metrics = metrics_new(clock_now_ms(), clock_mono_ms());
	super.stall = stall_new();
	super.address_changes = address_changes_new();
	super.pools = pools_new(become, &super, super.metrics);
	pools_guard(super.pools, super.stall);
	use_options(&super, options);
	block_signals(&super);

	char *error = supervisor_begin(&super);

	if (error == NULL)
		supervisor_loop(&super);
	else
		fprintf(stderr, "palabre-api: %s\n", error);
	for (int p = 0; p < POOLS_LISTENING; p++)
		free(super.sockets[p].path);
	free(super.previewer);
	pools_free(super.pools);
	write_buckets_free(super.buckets);
	metrics_free(super.metrics);
	stall_free(super.stall);
	address_changes_free(super.address_changes);
	free_options(super.options);
	int status = error == NULL ? 0 : 1;

	free(error);
	return status;
}
