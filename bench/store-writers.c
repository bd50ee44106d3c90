/* How many messages several processes get written, each in a commit of its own,
 * on a disk whose syncs take their time: with syncs that are shared, as they
 * are, and with a lock around each whole write. */
#include "store-bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"
#include "mem.h"
#include "slow_vfs.h"

#define WRITERS_MAX 8

struct result {
	int64_t sent;
	uint32_t p50, p99;
};

struct writers {
	struct bench *bench;
	int64_t seconds;
	int count;
	bool share;
	struct result *results; /* in memory that all of them share */
};

/* A commit that shares nothing: the next begins behind it. */
static int open_lock(const struct writers *writers)
{
	return writers->share ? -1
			      : open(strchr(writers->bench->uri, ':') + 1,
				     O_RDONLY | O_CLOEXEC);
}

static void write_on(const struct writers *writers, struct result *result)
{
	int64_t end = load_now_us() + writers->seconds * 1000000;
	struct store *store = bench_open(writers->bench);
	struct load_times times = {.us = NULL};
	int lock = open_lock(writers);

	for (int64_t from; (from = load_now_us()) < end; result->sent++) {
		if (lock >= 0)
			flock(lock, LOCK_EX);
		bench_say(writers->bench, store);
		if (lock >= 0)
			flock(lock, LOCK_UN);
		load_times_add(&times, load_now_us() - from);
	}
	result->p50 = load_times_percentile(&times, 50);
	result->p99 = load_times_percentile(&times, 99);
	load_times_done(&times);
	store_free(store);
}

static void start_writers(const struct writers *writers, pid_t *pids)
{
	for (int i = 0; i < writers->count; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		srandom((unsigned)i);
		write_on(writers, &writers->results[i]);
		_exit(0);
	}
}

static void measure(const struct writers *writers)
{
	pid_t keeper = bench_start_keeper(writers->bench);
	pid_t pids[WRITERS_MAX];
	struct result all = {.sent = 0};

	memset(writers->results, 0, WRITERS_MAX * sizeof(*writers->results));
	start_writers(writers, pids);
	for (int i = 0; i < writers->count; i++) {
		const struct result *one = &writers->results[i];

		waitpid(pids[i], NULL, 0);
		all.sent += one->sent;
		all.p50 = one->p50 > all.p50 ? one->p50 : all.p50;
		all.p99 = one->p99 > all.p99 ? one->p99 : all.p99;
	}
	bench_end_keeper(keeper);
	printf("| %7d | %-6s | %7.0f | %6.2f | %6.2f |\n", writers->count,
	       writers->share ? "yes" : "no",
	       (double)all.sent / (double)writers->seconds, all.p50 / 1000.0,
	       all.p99 / 1000.0);
	fflush(stdout);
}

void bench_writers(struct bench *bench, int64_t fsync_ms, int64_t seconds)
{
	static const int counts[] = {1, 2, 4, 8};
	struct writers writers = {.bench = bench, .seconds = seconds};

	writers.results =
		mmap(NULL, WRITERS_MAX * sizeof(*writers.results),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (writers.results == MAP_FAILED)
		load_die("mmap");
	slow_vfs_use(fsync_ms * 1000);
	printf("\na sync takes %lld ms more than it does here\n\n"
	       "| writers | shared | sends/s | p50 ms | p99 ms |\n"
	       "|--------:|--------|--------:|-------:|-------:|\n",
	       (long long)fsync_ms);
	fflush(stdout);
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		writers.count = counts[i];
		for (int share = 0; share < 2; share++) {
			writers.share = share != 0;
			measure(&writers);
		}
	}
	munmap(writers.results, WRITERS_MAX * sizeof(*writers.results));
}
