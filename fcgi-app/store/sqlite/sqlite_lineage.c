#include "sqlite_lineage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "sqlite_query.h"
#include "sqlite_span.h"

#define FILE_SIZE 64   /* of text that names a file */
#define STAMPS_SIZE 64 /* of the two words in PATH-stamp */
#define BOOT_SIZE 64
#define BOOT_LEFT "left" /* nobody serves it */

struct lineage {
	char file[FILE_SIZE];
	char stamp[ID_SIZE];
	char boot[BOOT_SIZE];
};

char *sqlite_lineage_path(const char *path)
{
	return xasprintf("%s-stamp", path);
}

static bool name_file(struct sqlite_db *db, char out[FILE_SIZE])
{
	struct statx file;

	if (statx(AT_FDCWD, db->path, 0, STATX_INO | STATX_BTIME, &file) != 0) {
		sqlite_db_refuse(db, strerror(errno));
		return false;
	}
	if ((file.stx_mask & STATX_BTIME) == 0)
		file.stx_btime.tv_sec = file.stx_btime.tv_nsec = 0;
	snprintf(out, FILE_SIZE, "%llu:%lld.%09u",
		 (unsigned long long)file.stx_ino,
		 (long long)file.stx_btime.tv_sec, file.stx_btime.tv_nsec);
	return true;
}

/* random(4) */
static void read_boot(char out[BOOT_SIZE])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL || fscanf(file, "%63s", out) != 1)
		out[0] = '\0';
	if (file != NULL)
		fclose(file);
}

/* ---- PATH-stamp: the last stamp and, while it changes, the next one ---- */

static void read_stamps(const struct sqlite_db *db, char out[STAMPS_SIZE])
{
	char *path = sqlite_lineage_path(db->path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd >= 0 ? read(fd, out, STAMPS_SIZE - 1) : 0;

	out[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		close(fd);
	free(path);
}

static bool write_stamps(struct sqlite_db *db, const char *stamps)
{
	char *path = sqlite_lineage_path(db->path);
	char *temp = xasprintf("%s.new", path);
	size_t len = strlen(stamps);

	unlink(temp);
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	errno = fd >= 0 ? ENOSPC : errno; /* of a short write */
	bool written = fd >= 0 && write(fd, stamps, len) == (ssize_t)len &&
		       fsync(fd) == 0 && rename(temp, path) == 0;

	if (!written)
		sqlite_db_refuse(db, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(temp);
	free(path);
	return written;
}

/* ---- what the store says ---- */

/* False: it says nothing yet. */
static bool read_lineage(struct sqlite_db *db, struct lineage *out)
{
	static const char sql[] =
		"SELECT value FROM meta WHERE key = 'lineage'";
	struct query q = QUERY(db, sql);
	bool found =
		query_row(&q) && sscanf(query_text(&q, 0), "%63s %24s %63s",
					out->file, out->stamp, out->boot) >= 2;

	query_close(&q);
	return found;
}

static void write_lineage(struct sqlite_db *db, const struct lineage *lineage)
{
	static const char sql[] = "INSERT OR REPLACE INTO meta VALUES"
				  " ('lineage', ?1 || ' ' || ?2 || ' ' || ?3)";

	QUERY_RUN(db, sql, TEXT(lineage->file), TEXT(lineage->stamp),
		  TEXT(lineage->boot));
}

static void write_epoch(struct sqlite_db *db)
{
	static const char sql[] =
		"UPDATE meta SET value = ?1 WHERE key = 'epoch'";
	char epoch[ID_SIZE];

	id_new(clock_now_ms(), db->random, epoch);
	QUERY_RUN(db, sql, TEXT(epoch));
}

static bool is_foreign(const struct sqlite_db *db, const struct lineage *said,
		       const char *file)
{
	char stamps[STAMPS_SIZE];

	read_stamps(db, stamps);
	return strcmp(file, said->file) != 0 ||
	       strstr(stamps, said->stamp) == NULL;
}

/* While it was served the machine went down, for all that is known. */
static bool has_lost_power(const struct lineage *said, const char *boot)
{
	return strcmp(said->boot, BOOT_LEFT) != 0 &&
	       (boot[0] == '\0' || strcmp(said->boot, boot) != 0);
}

/* ---- a new stamp ---- */

/* The next stamp stands beside the file before it stands in it, and the last
 * one until it does: whenever this ends, the two agree. Under the write lock,
 * for several may do it at once. */
static bool change_stamp(struct sqlite_db *db, const struct lineage *before,
			 struct lineage *next)
{
	char stamps[STAMPS_SIZE];

	id_new(clock_now_ms(), db->random, next->stamp);
	snprintf(stamps, sizeof(stamps), "%s %s", before->stamp, next->stamp);
	if (!write_stamps(db, stamps))
		return false;
	write_lineage(db, next);
	return true;
}

/* Unless somebody has changed it again. */
static bool settle_stamp(struct sqlite_db *db, const struct lineage *next)
{
	struct lineage said = {0};

	sqlite_span_verb(db, ACCESS_WRITE);
	if (read_lineage(db, &said) && strcmp(said.stamp, next->stamp) == 0)
		write_stamps(db, next->stamp);
	return sqlite_end(db, STORE_OK) == STORE_OK;
}

bool sqlite_lineage_begin(struct sqlite_db *db)
{
	struct lineage said = {0}, next;

	sqlite_span_verb(db, ACCESS_WRITE);
	bool known = read_lineage(db, &said);
	read_boot(next.boot);
	bool doubtful = name_file(db, next.file) && known &&
			(is_foreign(db, &said, next.file) ||
			 has_lost_power(&said, next.boot));

	if (change_stamp(db, &said, &next) && doubtful)
		write_epoch(db);
	return sqlite_end(db, STORE_OK) == STORE_OK && settle_stamp(db, &next);
}

bool sqlite_lineage_end(struct sqlite_db *db)
{
	struct lineage said = {0}, next;

	sqlite_span_verb(db, ACCESS_WRITE);
	/* Not of one that was put there while we ran. */
	bool ours = read_lineage(db, &said) && name_file(db, next.file) &&
		    !is_foreign(db, &said, next.file);

	snprintf(next.boot, sizeof(next.boot), BOOT_LEFT);
	if (ours)
		change_stamp(db, &said, &next);
	return sqlite_end(db, STORE_OK) == STORE_OK &&
	       (!ours || settle_stamp(db, &next));
}
