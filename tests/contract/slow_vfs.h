/*
 * slow_vfs - SQLite's files, counted, on a disk that may be slow to sync. It
 * counts for this process and those that it forks.
 */
#ifndef SLOW_VFS_H
#define SLOW_VFS_H

#include <stdbool.h>
#include <stdint.h>

struct slow_counts {
	int64_t log_pages, log_bytes; /* written to logs */
	int64_t file_writes;	      /* to the stores themselves */
	int64_t syncs;		      /* of either */
	int64_t syncing, most_syncing;
};

/* From now on all that SQLite opens by itself. sync_us: what a sync takes
 * besides. */
void slow_vfs_use(int64_t sync_us);
/* No sync of this process succeeds. */
void slow_vfs_break(bool broken);
void slow_vfs_counts(struct slow_counts *out);
/* syncing and most_syncing begin anew, while nobody syncs. */
void slow_vfs_reset(void);

#endif
