#include "power_vfs.h"

#include <string.h>

#include "wrap_vfs.h"

struct power_file {
	struct wrap_file wrap;
	struct power_disk *disk; /* NULL: not watched */
	int number;
	/* The unix VFS opens the folder, too, and syncs it, at the first sync
	 * of a journal or WAL that it was told to create. */
	bool syncs_folder;
};

struct power_vfs {
	struct wrap_vfs wrap;
	struct power_disk *disk;
};

static struct power_file *own(sqlite3_file *file)
{
	return (struct power_file *)file;
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
	int rc = WRAP_CALL(file, xWrite, bytes, len, at);

	if (rc == SQLITE_OK && own(file)->disk != NULL)
		power_disk_write(own(file)->disk, own(file)->number, at, bytes,
				 (size_t)len);
	return rc;
}

static int power_xTruncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = WRAP_CALL(file, xTruncate, size);

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
	int rc = wrap_open(base, path, out, flags, out_flags);

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
	int rc = vfs->wrap.real->xDelete(vfs->wrap.real, path, 0);

	if (rc != SQLITE_OK || vfs->disk == NULL)
		return rc;
	power_disk_unlink(vfs->disk, base_name(path));
	if (sync_folder)
		power_disk_sync_folder(vfs->disk);
	return SQLITE_OK;
}

void power_vfs_tell(struct power_disk *disk)
{
	static struct power_vfs vfs;

	vfs.disk = disk;
	if (vfs.wrap.real != NULL)
		return;
	wrap_init(&vfs.wrap, "power", sizeof(struct power_file));
	vfs.wrap.base.xOpen = power_xOpen;
	vfs.wrap.base.xDelete = power_xDelete;
	vfs.wrap.methods.xWrite = power_xWrite;
	vfs.wrap.methods.xTruncate = power_xTruncate;
	vfs.wrap.methods.xSync = power_xSync;
	vfs.wrap.methods.xDeviceCharacteristics = power_xDeviceCharacteristics;
	wrap_register(&vfs.wrap);
}
