#include "slow_vfs.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "wrap_vfs.h"

/* As in https://sqlite.org/walformat.html. */
#define FRAME_HEADER 24

struct shared {
	_Atomic int64_t log_pages, log_bytes, file_writes, syncs;
	_Atomic int64_t syncing, most_syncing;
};

struct slow_file {
	struct wrap_file wrap;
	int kind; /* SQLITE_OPEN_... */
};

static struct {
	struct wrap_vfs wrap;
	int64_t sync_us;
	bool broken;
	struct shared *counts;
} slow;

static int slow_xWrite(sqlite3_file *file, const void *bytes, int len,
		       sqlite3_int64 at)
{
	int kind = ((struct slow_file *)file)->kind;

	if (kind == SQLITE_OPEN_WAL) {
		slow.counts->log_bytes += len;
		/* The log's own header is longer. */
		slow.counts->log_pages += len == FRAME_HEADER;
	} else if (kind == SQLITE_OPEN_MAIN_DB) {
		slow.counts->file_writes++;
	}
	return WRAP_CALL(file, xWrite, bytes, len, at);
}

static void note_most(int64_t now)
{
	int64_t most = slow.counts->most_syncing;

	while (now > most && !atomic_compare_exchange_weak(
				     &slow.counts->most_syncing, &most, now))
		;
}

static int slow_xSync(sqlite3_file *file, int flags)
{
	struct timespec nap = {slow.sync_us / 1000000,
			       slow.sync_us % 1000000 * 1000};
	int rc;

	slow.counts->syncs++;
	note_most(++slow.counts->syncing);
	rc = WRAP_CALL(file, xSync, flags);
	if (slow.sync_us > 0)
		nanosleep(&nap, NULL);
	slow.counts->syncing--;
	return slow.broken ? SQLITE_IOERR_FSYNC : rc;
}

static int slow_xOpen(sqlite3_vfs *vfs, const char *path, sqlite3_file *out,
		      int flags, int *out_flags)
{
	((struct slow_file *)out)->kind =
		flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB);
	return wrap_open(vfs, path, out, flags, out_flags);
}

void slow_vfs_use(int64_t sync_us)
{
	slow.sync_us = sync_us;
	if (slow.wrap.real != NULL)
		return;
	slow.counts = mmap(NULL, sizeof(*slow.counts), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(slow.counts != MAP_FAILED);
	wrap_init(&slow.wrap, "slow", sizeof(struct slow_file));
	slow.wrap.base.xOpen = slow_xOpen;
	slow.wrap.methods.xWrite = slow_xWrite;
	slow.wrap.methods.xSync = slow_xSync;
	wrap_register(&slow.wrap);
}

void slow_vfs_break(bool broken)
{
	slow.broken = broken;
}

void slow_vfs_counts(struct slow_counts *out)
{
	*out = (struct slow_counts){
		.log_pages = slow.counts->log_pages,
		.log_bytes = slow.counts->log_bytes,
		.file_writes = slow.counts->file_writes,
		.syncs = slow.counts->syncs,
		.syncing = slow.counts->syncing,
		.most_syncing = slow.counts->most_syncing,
	};
}

void slow_vfs_reset(void)
{
	/* Who was killed in a sync has not ended it. */
	slow.counts->syncing = 0;
	slow.counts->most_syncing = 0;
}
