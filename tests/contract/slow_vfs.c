#include "slow_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* As in https://sqlite.org/walformat.html. */
#define FRAME_HEADER 24

struct shared {
	_Atomic int64_t log_pages, log_bytes, file_writes, syncs;
	_Atomic int64_t syncing, most_syncing;
};

/* The real file follows, in the room that SQLite makes for szOsFile. */
struct slow_file {
	sqlite3_file base;
	int kind; /* SQLITE_OPEN_... */
	alignas(sqlite3_int64) char real[];
};

/* SQLite keeps a registered VFS for as long as the program runs. */
static struct {
	sqlite3_vfs base;
	sqlite3_vfs *real;
	int64_t sync_us;
	bool broken;
	struct shared *counts;
} slow;

static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)((struct slow_file *)file)->real;
}

#define FORWARD(verb, parameters, ...)                                         \
	static int slow_##verb parameters                                      \
	{                                                                      \
		return real(file)->pMethods->verb(real(file), ##__VA_ARGS__);  \
	}

FORWARD(xClose, (sqlite3_file * file))
FORWARD(xRead, (sqlite3_file * file, void *into, int len, sqlite3_int64 at),
	into, len, at)
FORWARD(xTruncate, (sqlite3_file * file, sqlite3_int64 size), size)
FORWARD(xFileSize, (sqlite3_file * file, sqlite3_int64 *size), size)
FORWARD(xLock, (sqlite3_file * file, int level), level)
FORWARD(xUnlock, (sqlite3_file * file, int level), level)
FORWARD(xCheckReservedLock, (sqlite3_file * file, int *held), held)
FORWARD(xFileControl, (sqlite3_file * file, int what, void *arg), what, arg)
FORWARD(xSectorSize, (sqlite3_file * file))
FORWARD(xDeviceCharacteristics, (sqlite3_file * file))
FORWARD(xShmMap,
	(sqlite3_file * file, int page, int size, int extend,
	 void volatile **out),
	page, size, extend, out)
FORWARD(xShmLock, (sqlite3_file * file, int at, int count, int flags), at,
	count, flags)
FORWARD(xShmUnmap, (sqlite3_file * file, int remove), remove)

static void slow_xShmBarrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

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
	return real(file)->pMethods->xWrite(real(file), bytes, len, at);
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
	rc = real(file)->pMethods->xSync(real(file), flags);
	if (slow.sync_us > 0)
		nanosleep(&nap, NULL);
	slow.counts->syncing--;
	return slow.broken ? SQLITE_IOERR_FSYNC : rc;
}

/* Version 2: without xFetch nothing is written past us through a mapping. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = slow_xClose,
	.xRead = slow_xRead,
	.xWrite = slow_xWrite,
	.xTruncate = slow_xTruncate,
	.xSync = slow_xSync,
	.xFileSize = slow_xFileSize,
	.xLock = slow_xLock,
	.xUnlock = slow_xUnlock,
	.xCheckReservedLock = slow_xCheckReservedLock,
	.xFileControl = slow_xFileControl,
	.xSectorSize = slow_xSectorSize,
	.xDeviceCharacteristics = slow_xDeviceCharacteristics,
	.xShmMap = slow_xShmMap,
	.xShmLock = slow_xShmLock,
	.xShmBarrier = slow_xShmBarrier,
	.xShmUnmap = slow_xShmUnmap,
};

static int slow_xOpen(sqlite3_vfs *vfs, const char *path, sqlite3_file *out,
		      int flags, int *out_flags)
{
	struct slow_file *file = (struct slow_file *)out;
	int rc = slow.real->xOpen(slow.real, path, real(out), flags, out_flags);

	(void)vfs;
	/* NULL: SQLite must not close it. */
	file->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
	file->kind = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB);
	return rc;
}

void slow_vfs_use(int64_t sync_us)
{
	slow.sync_us = sync_us;
	if (slow.real != NULL)
		return;
	slow.counts = mmap(NULL, sizeof(*slow.counts), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(slow.counts != MAP_FAILED);
	slow.real = sqlite3_vfs_find(NULL);
	assert(slow.real != NULL);
	slow.base = *slow.real;
	slow.base.zName = "slow";
	slow.base.pNext = NULL;
	slow.base.szOsFile =
		(int)sizeof(struct slow_file) + slow.real->szOsFile;
	slow.base.xOpen = slow_xOpen;
	if (sqlite3_vfs_register(&slow.base, 1) != SQLITE_OK)
		assert(!"no VFS can be registered");
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
