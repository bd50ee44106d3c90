/* What a verb writes to the log, and how long it takes. */
#include "store-bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"
#include "mem.h"
#include "slow_vfs.h"

#define PAGE 50
#define BATCH 32
#define MISSED 10

/* person0's conversation with person1. */
static struct {
	char id[ID_SIZE];
	int64_t last_seq;
} talk;

static struct store_viewer person0(const struct bench *bench)
{
	return (struct store_viewer){bench->ids[0], ROLE_USER};
}

static void find_talk(const struct bench *bench, struct store *store)
{
	const struct store_viewer viewer = person0(bench);
	struct store_conversation c;

	id_direct(bench->ids[0], bench->ids[1], talk.id);
	if (store_conversation_get(store, &viewer, talk.id, &c) != STORE_OK)
		bench_die("conversation", store);
	talk.last_seq = c.last_seq;
	store_conversation_done(&c);
}

/* ---- one of each ---- */

static bool ignore_conversation(const struct store_conversation *row,
				void *context)
{
	(void)row;
	(void)context;
	return true;
}

static bool ignore_message(const struct store_message *message, void *context)
{
	(void)message;
	(void)context;
	return true;
}

static bool ignore_change(const struct store_change *change, void *context)
{
	(void)change;
	(void)context;
	return true;
}

static void run_batch(struct bench *bench, struct store *store)
{
	if (store_batch_begin(store) != STORE_OK)
		bench_die("batch", store);
	for (int i = 0; i < BATCH; i++)
		bench_say(bench, store);
	if (store_batch_commit(store) != STORE_OK)
		bench_die("batch", store);
}

static void run_mark(struct bench *bench, struct store *store)
{
	const struct store_viewer viewer = person0(bench);
	const struct store_reach reach = {talk.last_seq, talk.last_seq};
	struct store_read_marks marks;

	if (store_mark_read(store, &viewer, talk.id, &reach, bench->now_ms++,
			    &marks) != STORE_OK)
		bench_die("mark", store);
}

static void read_page(const struct bench *bench, struct store *store,
		      int64_t first, int64_t count)
{
	const struct store_viewer viewer = person0(bench);
	const struct store_range range = {first, first + count - 1};

	if (store_messages(store, &viewer, talk.id, &range, ignore_message,
			   NULL) != STORE_OK)
		bench_die("page", store);
}

static void run_newest(struct bench *bench, struct store *store)
{
	read_page(bench, store, talk.last_seq - PAGE + 1, PAGE);
}

static void run_middle(struct bench *bench, struct store *store)
{
	read_page(bench, store, 1 + (int64_t)random() % (talk.last_seq - PAGE),
		  PAGE);
}

static void run_oldest(struct bench *bench, struct store *store)
{
	read_page(bench, store, 1, PAGE);
}

static void run_list(struct bench *bench, struct store *store)
{
	const struct store_viewer viewer = person0(bench);
	const struct store_list list = {.limit = 1000};

	if (store_conversations(store, &viewer, &list, ignore_conversation,
				NULL) != STORE_OK)
		bench_die("list", store);
}

static void run_unread(struct bench *bench, struct store *store)
{
	const struct store_viewer viewer = person0(bench);

	if (store_positions(store, &viewer, 1000, ignore_conversation, NULL) !=
	    STORE_OK)
		bench_die("positions", store);
}

static void run_sync(struct bench *bench, struct store *store)
{
	const struct store_viewer viewer = person0(bench);
	const struct store_range changes = {1, MISSED};

	if (store_read_begin(store) != STORE_OK)
		bench_die("sync", store);
	run_unread(bench, store);
	read_page(bench, store, talk.last_seq - MISSED + 1, MISSED);
	if (store_changes(store, &viewer, talk.id, &changes, ignore_change,
			  NULL) != STORE_OK)
		bench_die("changes", store);
	store_read_end(store);
}

/* ---- all of them ---- */

static const struct verb {
	const char *name;
	void (*run)(struct bench *bench, struct store *store);
	int count, each;
	bool writes;
} verbs[] = {
	{"send, one a commit", bench_say, 3000, 1, true},
	{"send, 32 a commit", run_batch, 150, BATCH, true},
	{"mark read", run_mark, 900, 1, true},
	{"page of 50, newest", run_newest, 1500, 1, false},
	{"page of 50, anywhere", run_middle, 1500, 1, false},
	{"page of 50, oldest", run_oldest, 1500, 1, false},
	{"list of 40", run_list, 1000, 1, false},
	{"unread of 40", run_unread, 1000, 1, false},
	{"sync, 10 missed", run_sync, 1000, 1, false},
};

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct costs {
	double cpu;
	int64_t pages, bytes, syncs;
	struct load_times times;
};

static void run_once(struct bench *bench, const struct verb *verb,
		     struct store *store, struct costs *costs)
{
	struct slow_counts before, after;

	slow_vfs_counts(&before);
	int64_t began = load_now_us();
	double cpu = cpu_us();

	verb->run(bench, store);
	costs->cpu += cpu_us() - cpu;
	load_times_add(&costs->times, load_now_us() - began);
	slow_vfs_counts(&after);
	costs->pages += after.log_pages - before.log_pages;
	costs->bytes += after.log_bytes - before.log_bytes;
	costs->syncs += after.syncs - before.syncs;
}

/* Over a network, where each write waits for a journal, less often. */
static int count_of(const struct bench *bench, const struct verb *verb)
{
	return strstr(bench->uri, "://") != NULL ? verb->count / 5
						 : verb->count;
}

static void print_costs(const struct verb *verb, struct costs *costs, int count)
{
	double all = count * verb->each;

	printf("| %-20s | %5.2f | %6.2f | %5.2f | %6.1f | %6u | %6u |\n",
	       verb->name, (double)costs->pages / all,
	       (double)costs->bytes / all / 1000, (double)costs->syncs / all,
	       costs->cpu / all, load_times_percentile(&costs->times, 50),
	       load_times_percentile(&costs->times, 99));
	fflush(stdout);
}

/* Another worker writes between, as it does under load: what this one has in
 * its cache is worth little then. */
static void stir(struct bench *bench, const struct verb *verb,
		 struct store *other)
{
	if (verb->run == run_mark) {
		bench_say_to(bench, other, 1, 0);
		talk.last_seq++;
	} else if (!verb->writes) {
		bench_say(bench, other);
	}
}

static void measure(struct bench *bench, const struct verb *verb,
		    struct store *stores[2])
{
	struct costs costs = {.cpu = 0};
	int count = count_of(bench, verb);

	for (int i = 0; i < count; i++) {
		stir(bench, verb, stores[1]);
		run_once(bench, verb, stores[verb->writes ? i % 2 : 0], &costs);
	}
	print_costs(verb, &costs, count);
	load_times_done(&costs.times);
}

void bench_verbs(struct bench *bench)
{
	pid_t keeper = bench_start_keeper(bench);
	struct store *stores[2] = {bench_open(bench), bench_open(bench)};

	find_talk(bench, stores[0]);
	printf("\n%lld messages of %lld between two\n\n"
	       "| verb                 | pages |     kB | syncs | CPU us | "
	       "p50 us | p99 us |\n"
	       "|----------------------|------:|-------:|------:|-------:|"
	       "-------:|-------:|\n",
	       (long long)talk.last_seq, (long long)talk.last_seq * 10);
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		measure(bench, &verbs[i], stores);
	store_free(stores[0]);
	store_free(stores[1]);
	bench_end_keeper(keeper);
}
