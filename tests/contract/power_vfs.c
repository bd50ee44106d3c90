#include "power_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdalign.h>
#include <string.h>

/* The real file follows, in the room that SQLite makes for szOsFile. */
struct power_file {
	sqlite3_file base;
	struct power_disk *disk; /* NULL: not watched */
	int number;
	/* The unix VFS opens the folder, too, and syncs it, at the first sync
	 * of a journal or WAL that it was told to create. */
	bool syncs_folder;
	alignas(sqlite3_int64) char real[];
};

struct power_vfs {
	sqlite3_vfs base;
	sqlite3_vfs *real;
	struct power_disk *disk;
};

static struct power_file *own(sqlite3_file *file)
{
	return (struct power_file *)file;
}

static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)own(file)->real;
}

#define FORWARD(verb, parameters, ...)                                         \
	static int power_##verb parameters                                     \
	{                                                                      \
		return real(file)->pMethods->verb(real(file), ##__VA_ARGS__);  \
	}

FORWARD(xClose, (sqlite3_file * file))
FORWARD(xRead, (sqlite3_file * file, void *into, int len, sqlite3_int64 at),
	into, len, at)
FORWARD(xFileSize, (sqlite3_file * file, sqlite3_int64 *size), size)
FORWARD(xLock, (sqlite3_file * file, int level), level)
FORWARD(xUnlock, (sqlite3_file * file, int level), level)
FORWARD(xCheckReservedLock, (sqlite3_file * file, int *held), held)
FORWARD(xFileControl, (sqlite3_file * file, int what, void *arg), what, arg)
FORWARD(xSectorSize, (sqlite3_file * file))
FORWARD(xShmMap,
	(sqlite3_file * file, int page, int size, int extend,
	 void volatile **out),
	page, size, extend, out)
FORWARD(xShmLock, (sqlite3_file * file, int at, int count, int flags), at,
	count, flags)
FORWARD(xShmUnmap, (sqlite3_file * file, int remove), remove)

static void power_xShmBarrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

/* Whatever this machine's file system can do, the tests are the same. */
static int power_xDeviceCharacteristics(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int power_xWrite(sqlite3_file *file, const void *bytes, int len,
			sqlite3_int64 at)
{
	int rc = real(file)->pMethods->xWrite(real(file), bytes, len, at);

	if (rc == SQLITE_OK && own(file)->disk != NULL)
		power_disk_write(own(file)->disk, own(file)->number, at, bytes,
				 (size_t)len);
	return rc;
}

static int power_xTruncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = real(file)->pMethods->xTruncate(real(file), size);

	if (rc == SQLITE_OK && own(file)->disk != NULL)
		power_disk_truncate(own(file)->disk, own(file)->number, size);
	return rc;
}

static int power_xSync(sqlite3_file *base, int flags)
{
	struct power_file *file = own(base);

	(void)flags;
	if (file->disk == NULL)
		return SQLITE_OK;
	power_disk_sync(file->disk, file->number);
	if (file->syncs_folder)
		power_disk_sync_folder(file->disk);
	file->syncs_folder = false;
	return SQLITE_OK;
}

/* Version 2: without xFetch nothing is written past us through a mapping. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = power_xClose,
	.xRead = power_xRead,
	.xWrite = power_xWrite,
	.xTruncate = power_xTruncate,
	.xSync = power_xSync,
	.xFileSize = power_xFileSize,
	.xLock = power_xLock,
	.xUnlock = power_xUnlock,
	.xCheckReservedLock = power_xCheckReservedLock,
	.xFileControl = power_xFileControl,
	.xSectorSize = power_xSectorSize,
	.xDeviceCharacteristics = power_xDeviceCharacteristics,
	.xShmMap = power_xShmMap,
	.xShmLock = power_xShmLock,
	.xShmBarrier = power_xShmBarrier,
	.xShmUnmap = power_xShmUnmap,
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int power_xOpen(sqlite3_vfs *base, const char *path, sqlite3_file *out,
		       int flags, int *out_flags)
{
	static const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
	struct power_vfs *vfs = (struct power_vfs *)base;
	struct power_file *file = own(out);
	int rc = vfs->real->xOpen(vfs->real, path, real(out), flags, out_flags);

	/* NULL: SQLite must not close it. */
	file->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
	file->disk = NULL;
	file->syncs_folder = false;
	if (rc == SQLITE_OK && vfs->disk != NULL &&
	    (flags & (journals | SQLITE_OPEN_MAIN_DB)) != 0) {
		file->disk = vfs->disk;
		file->number = power_disk_open(vfs->disk, base_name(path));
		file->syncs_folder = (flags & journals) != 0 &&
				     (flags & SQLITE_OPEN_CREATE) != 0;
	}
	return rc;
}

static int power_xDelete(sqlite3_vfs *base, const char *path, int sync_folder)
{
	struct power_vfs *vfs = (struct power_vfs *)base;
	int rc = vfs->real->xDelete(vfs->real, path, 0);

	if (rc != SQLITE_OK || vfs->disk == NULL)
		return rc;
	power_disk_unlink(vfs->disk, base_name(path));
	if (sync_folder)
		power_disk_sync_folder(vfs->disk);
	return SQLITE_OK;
}

void power_vfs_tell(struct power_disk *disk)
{
	/* SQLite keeps a registered VFS for as long as the program runs. */
	static struct power_vfs vfs;

	vfs.disk = disk;
	if (vfs.real != NULL)
		return;
	vfs.real = sqlite3_vfs_find(NULL);
	assert(vfs.real != NULL);
	vfs.base = *vfs.real; /* its other verbs do not care whose they are */
	vfs.base.zName = "power";
	vfs.base.pNext = NULL;
	vfs.base.szOsFile = (int)sizeof(struct power_file) + vfs.real->szOsFile;
	vfs.base.xOpen = power_xOpen;
	vfs.base.xDelete = power_xDelete;
	if (sqlite3_vfs_register(&vfs.base, 1) != SQLITE_OK)
		assert(!"no VFS can be registered");
}
