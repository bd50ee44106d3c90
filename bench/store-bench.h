/*
 * store-bench - what the two halves of bench/store share: a store that
 * bench/fill has filled, and somebody writing to it.
 */
#ifndef STORE_BENCH_H
#define STORE_BENCH_H

#include <sys/types.h>

#include "store.h"

/* As bench/fill has it: person0 writes with person1, who have one message of
 * ten, and with 39 others. */
#define KNOWN 41

struct bench {
	char *uri;
	const char *sync; /* of sqlite_sync */
	size_t people;
	char (*ids)[ID_SIZE];
	int64_t now_ms;
};

_Noreturn void bench_die(const char *what, const struct store *store);
struct store *bench_open(const struct bench *bench);

/* A message with a clientId. */
void bench_say_to(struct bench *bench, struct store *store, size_t from,
		  size_t to);
/* ... between two whom person0 does not know. */
void bench_say(struct bench *bench, struct store *store);

/* The process that copies the log back, as housekeeping does. */
pid_t bench_start_keeper(const struct bench *bench);
void bench_end_keeper(pid_t pid);

/* ---- the halves ---- */

void bench_verbs(struct bench *bench);
void bench_writers(struct bench *bench, int64_t fsync_ms, int64_t seconds);

#endif
