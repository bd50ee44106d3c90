/*
 * power_vfs - SQLite's own file system, with a witness: what is written to
 * databases, journals and WALs is told to a power_disk, too. Its syncs reach
 * no real disk, so tests of power loss are fast. See sqlite.org/vfs.html.
 */
#ifndef POWER_VFS_H
#define POWER_VFS_H

#include "power_disk.h"

/* Connections opened from now on tell disk, all others nobody; it becomes
 * SQLite's default with the first call. NULL: nobody is told. */
void power_vfs_tell(struct power_disk *disk);

#endif
