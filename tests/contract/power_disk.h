/*
 * power_disk - what a disk would hold had the power failed: a folder's
 * writes are told to it as they happen, then replayed up to each sync.
 *
 * A file's bytes last from its next sync on, and a name (made or removed) from
 * the next sync of the folder, as POSIX has it. It opens nothing itself but
 * what power_replay_save() writes.
 */
#ifndef POWER_DISK_H
#define POWER_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct power_disk;

struct power_disk *power_disk_new(void);
void power_disk_free(struct power_disk *disk);

/* The file of this name, which appears if there is none; a number for the
 * verbs below. A name without a folder; 8 names and 64 files at most. */
int power_disk_open(struct power_disk *disk, const char *name);
void power_disk_unlink(struct power_disk *disk, const char *name);
void power_disk_write(struct power_disk *disk, int file, int64_t at,
		      const void *bytes, size_t len);
void power_disk_truncate(struct power_disk *disk, int file, int64_t size);
void power_disk_sync(struct power_disk *disk, int file);
void power_disk_sync_folder(struct power_disk *disk);

/* How much has happened: what is durable at a cut, and so what was promised,
 * is a matter of before and after. */
size_t power_disk_now(const struct power_disk *disk);

/* The cuts: right before each sync, in turn, and at the very end. The disk
 * must outlive it and not change meanwhile. */
struct power_replay;

struct power_replay *power_replay_new(const struct power_disk *disk);
void power_replay_free(struct power_replay *replay);
bool power_replay_next(struct power_replay *replay); /* false: no more cuts */
size_t power_replay_at(const struct power_replay *replay);

enum power_loss {
	POWER_LOSE_ALL,	 /* whatever was not synced is forgotten */
	POWER_LOSE_SOME, /* every second sector and name of it, at random */
};
/* Write what survives into an empty folder. */
void power_replay_save(const struct power_replay *replay, enum power_loss loss,
		       const char *folder);

#endif
