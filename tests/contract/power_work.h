/*
 * power_work - a fixed workload of the store, every kind of write, on a
 * power_disk, and the facts that it was promised meanwhile.
 */
#ifndef POWER_WORK_H
#define POWER_WORK_H

#include "power_disk.h"
#include "power_fact.h"

#define POWER_FACTS_MAX 400
#define POWER_ROUNDS 40

struct power_work {
	struct contract c;
	struct power_disk *disk;
	struct power_fact fact[POWER_FACTS_MAX];
	size_t facts;
	int64_t seq; /* the newest of the conversation */
	const char *folder;
	bool full_sync;
};

/* Done in this folder, its store still open: nobody says good-bye before the
 * power fails. */
struct power_work *power_work_new(const char *folder, bool full_sync);
void power_work_free(struct power_work *work);

/* The store in this folder, made if there is none. */
struct store *power_store_open(const char *folder, bool full_sync);

/* So many letters; the caller frees them. */
char *power_text(size_t len);

#endif
