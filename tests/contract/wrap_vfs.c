#include "wrap_vfs.h"

#include <assert.h>
#include <stddef.h>

#define FORWARD(verb, parameters, ...)                                         \
	static int wrap_##verb parameters                                      \
	{                                                                      \
		return WRAP_CALL(file, verb, ##__VA_ARGS__);                   \
	}

FORWARD(xClose, (sqlite3_file * file))
FORWARD(xRead, (sqlite3_file * file, void *into, int len, sqlite3_int64 at),
	into, len, at)
FORWARD(xWrite,
	(sqlite3_file * file, const void *bytes, int len, sqlite3_int64 at),
	bytes, len, at)
FORWARD(xTruncate, (sqlite3_file * file, sqlite3_int64 size), size)
FORWARD(xSync, (sqlite3_file * file, int flags), flags)
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

static void wrap_xShmBarrier(sqlite3_file *file)
{
	WRAP_CALL(file, xShmBarrier);
}

/* Version 2: without xFetch nothing is written past us through a mapping. */
static const sqlite3_io_methods wrap_methods = {
	.iVersion = 2,
	.xClose = wrap_xClose,
	.xRead = wrap_xRead,
	.xWrite = wrap_xWrite,
	.xTruncate = wrap_xTruncate,
	.xSync = wrap_xSync,
	.xFileSize = wrap_xFileSize,
	.xLock = wrap_xLock,
	.xUnlock = wrap_xUnlock,
	.xCheckReservedLock = wrap_xCheckReservedLock,
	.xFileControl = wrap_xFileControl,
	.xSectorSize = wrap_xSectorSize,
	.xDeviceCharacteristics = wrap_xDeviceCharacteristics,
	.xShmMap = wrap_xShmMap,
	.xShmLock = wrap_xShmLock,
	.xShmBarrier = wrap_xShmBarrier,
	.xShmUnmap = wrap_xShmUnmap,
};

/* The real file lies behind ours, in the room that SQLite makes for
 * szOsFile. */
int wrap_open(sqlite3_vfs *base, const char *path, sqlite3_file *out, int flags,
	      int *out_flags)
{
	struct wrap_vfs *vfs = (struct wrap_vfs *)base;
	struct wrap_file *file = (struct wrap_file *)out;

	file->real = (sqlite3_file *)((char *)out + vfs->own);

	int rc =
		vfs->real->xOpen(vfs->real, path, file->real, flags, out_flags);

	/* NULL: SQLite must not close it. */
	file->base.pMethods = rc == SQLITE_OK ? &vfs->methods : NULL;
	return rc;
}

void wrap_init(struct wrap_vfs *vfs, const char *name, size_t own)
{
	assert(own % sizeof(sqlite3_int64) == 0);
	vfs->real = sqlite3_vfs_find(NULL);
	assert(vfs->real != NULL);
	vfs->base = *vfs->real; /* its other verbs do not care whose they are */
	vfs->base.zName = name;
	vfs->base.pNext = NULL;
	vfs->base.szOsFile = (int)own + vfs->real->szOsFile;
	vfs->base.xOpen = wrap_open;
	vfs->own = own;
	vfs->methods = wrap_methods;
}

void wrap_register(struct wrap_vfs *vfs)
{
	if (sqlite3_vfs_register(&vfs->base, 1) != SQLITE_OK)
		assert(!"no VFS can be registered");
}
