/* Copies of the whole store: one that is made while others write, and one that
 * takes its place. */
#include "store_sqlite.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "mem.h"

#define PIECE_PAGES 256
#define SYNC_EVERY (8 * 1024 * 1024)
/* The log of a store keeps all that is written while it is copied. Once it is
 * so long, the copy makes no more pauses. */
#define LOG_PATIENCE (64 * 1024 * 1024)

struct copying {
	sqlite3 *from, *to;
	const char *path; /* of the copy */
	int fd;		  /* the same file, to have it reach the disk */
	int64_t unsynced;
	store_progress *progress;
	void *context;
};

static char *say_failure(sqlite3 *handle, const char *path)
{
	return xasprintf("%s: %s", path, sqlite3_errmsg(handle));
}

/* ---- page by page ---- */

static int64_t log_size(sqlite3 *from)
{
	const char *path = sqlite3_db_filename(from, "main");
	char *log = xasprintf("%s-wal", path != NULL ? path : "");
	struct stat file;
	int64_t size = stat(log, &file) == 0 ? (int64_t)file.st_size : 0;

	free(log);
	return size;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* As long as the last piece took: half of the time is for others. */
static void make_room(const struct copying *copying, int64_t began_us)
{
	int64_t took_us = now_us() - began_us;
	struct timespec nap = {took_us / 1000000, took_us % 1000000 * 1000};

	if (log_size(copying->from) < LOG_PATIENCE)
		nanosleep(&nap, NULL);
}

static int64_t page_size(sqlite3 *handle)
{
	sqlite3_stmt *stmt = NULL;
	int64_t size = 0;

	if (sqlite3_prepare_v2(handle, "PRAGMA page_size", -1, &stmt, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		size = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return size;
}

/* The pages of an old system's cache are many, and reach the disk together with
 * what others wait for: they go there early. */
static bool reach_disk(struct copying *copying, int64_t more)
{
	copying->unsynced += more;
	if (copying->unsynced < SYNC_EVERY)
		return true;
	copying->unsynced = 0;
	return fdatasync(copying->fd) == 0;
}

static char *copy_pages(struct copying *copying, sqlite3_backup *backup)
{
	int64_t size = page_size(copying->from);
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK) {
		int64_t began_us = now_us();

		rc = sqlite3_backup_step(backup, PIECE_PAGES);
		int64_t all = sqlite3_backup_pagecount(backup) * size;
		int64_t done = all - sqlite3_backup_remaining(backup) * size;

		if (!reach_disk(copying, PIECE_PAGES * size))
			return xasprintf("%s: %s", copying->path,
					 strerror(errno));
		if (!copying->progress(done, all, copying->context))
			return xstrdup("interrupted");
		if (rc == SQLITE_OK)
			make_room(copying, began_us);
	}
	return rc == SQLITE_DONE
		       ? NULL
		       : xasprintf("%s: %s", copying->path, sqlite3_errstr(rc));
}

/* The file is new: nothing of it is worth a journal. */
static char *open_copy(struct copying *copying)
{
	static const char ours[] =
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";

	copying->fd = open(copying->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			   0600);
	if (copying->fd < 0)
		return xasprintf("%s: %s", copying->path, strerror(errno));
	if (sqlite3_open_v2(copying->path, &copying->to,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK ||
	    sqlite3_exec(copying->to, ours, NULL, NULL, NULL) != SQLITE_OK)
		return say_failure(copying->to, copying->path);
	return NULL;
}

static char *copy_all(struct copying *copying)
{
	char *error = open_copy(copying);

	if (error != NULL)
		return error;
	sqlite3_backup *backup =
		sqlite3_backup_init(copying->to, "main", copying->from, "main");

	if (backup == NULL)
		return say_failure(copying->to, copying->path);
	error = copy_pages(copying, backup);
	sqlite3_backup_finish(backup);
	/* Wherever it is put, it says that it is another file (sqlite_lineage);
	 * what is no store of ours is refused later. */
	sqlite3_exec(copying->to,
		     "INSERT OR REPLACE INTO meta"
		     " VALUES ('lineage', 'copy copy copy')",
		     NULL, NULL, NULL);
	return error;
}

/* Of a new file that fails, nothing stays. */
static char *copy_to(sqlite3 *from, const char *path, store_progress *progress,
		     void *context)
{
	struct copying copying = {
		.from = from,
		.path = path,
		.fd = -1,
		.progress = progress,
		.context = context,
	};
	char *error = copy_all(&copying);

	sqlite3_close(copying.to);
	if (error == NULL && fsync(copying.fd) != 0)
		error = xasprintf("%s: %s", path, strerror(errno));
	if (copying.fd >= 0) {
		close(copying.fd);
		if (error != NULL)
			unlink(path);
	}
	return error;
}

char *sqlite_backup(struct store *store, const char *path,
		    store_progress *progress, void *context)
{
	struct sqlite_db *db = store_sqlite_db(store);

	return copy_to(db->handle, path, progress, context);
}

/* ---- the backup to restore ---- */

/* With all that is special in a URI as %XX. */
static char *uri_of(const char *path, const char *parameters)
{
	struct buf out;

	buf_init(&out, 65536);
	buf_adds(&out, "file:");
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		buf_addf(&out,
			 isalnum(c) || strchr("/._-", c) ? "%c" : "%%%02x", c);
	}
	buf_adds(&out, parameters);
	return buf_take(&out);
}

/* Nothing is written beside a file that has no log of its own. */
static sqlite3 *open_backup(const char *path, char **error)
{
	char *log = xasprintf("%s-wal", path);
	char *uri =
		uri_of(path, access(log, F_OK) == 0 ? "?mode=ro"
						    : "?mode=ro&immutable=1");
	sqlite3 *handle = NULL;

	free(log);
	if (access(path, R_OK) != 0)
		*error = xasprintf("%s: %s", path, strerror(errno));
	else if (sqlite3_open_v2(uri, &handle,
				 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
					 SQLITE_OPEN_NOMUTEX,
				 NULL) != SQLITE_OK ||
		 sqlite3_exec(handle, "BEGIN; SELECT * FROM sqlite_schema",
			      NULL, NULL, NULL) != SQLITE_OK)
		*error = say_failure(handle, path);
	free(uri);
	if (*error == NULL)
		return handle;
	sqlite3_close(handle);
	return NULL;
}

/* ---- the store that is replaced ---- */

/* Nobody else has it open, nor can open it until the handle is closed; and it
 * is one file, without a log. One that is broken is nobody's, and held by
 * none. */
static char *hold(const char *path, sqlite3 **handle)
{
	static const char sql[] = "PRAGMA locking_mode = EXCLUSIVE;"
				  "PRAGMA journal_mode = DELETE;"
				  "BEGIN EXCLUSIVE";

	if (access(path, F_OK) != 0)
		return NULL;
	int rc = sqlite3_open_v2(path, handle,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
				 NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*handle, sql, NULL, NULL, NULL);
	if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
		return xasprintf("%s is in use: stop palabre-api first", path);
	return NULL;
}

static char *move_beside(const char *path, const char *end, const char *to)
{
	char *from = xasprintf("%s%s", path, end);
	char *there = xasprintf("%s%s", to, end);
	char *error = NULL;

	if (rename(from, there) != 0 && errno != ENOENT)
		error = xasprintf("%s: %s", from, strerror(errno));
	free(from);
	free(there);
	return error;
}

static void sync_directory(const char *path)
{
	char *directory = xstrdup(path);
	char *slash = strrchr(directory, '/');

	if (slash != NULL)
		slash[slash == directory] = '\0';
	int fd = open(slash != NULL ? directory : ".",
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(directory);
}

/* At no moment is there no store: whoever starts then would make an empty one.
 * A log without its file would be taken for that of the next. */
static char *take_place(const char *copy, const char *path, const char *kept)
{
	char *error = NULL;

	if (link(path, kept) != 0 && errno != ENOENT)
		return xasprintf("%s: %s", kept, strerror(errno));
	error = move_beside(path, "-wal", kept);
	if (error == NULL)
		error = move_beside(path, "-shm", kept);
	if (error == NULL)
		error = move_beside(path, "-stamp", kept);
	if (error == NULL)
		error = move_beside(copy, "-stamp", path);
	if (error == NULL)
		error = move_beside(copy, "", path);
	sync_directory(path);
	return error;
}

/* ---- from one to the other ---- */

static void remove_copy(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-stamp"};

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		char *file = xasprintf("%s%s", path, ends[i]);

		unlink(file);
		free(file);
	}
}

/* The copy becomes a store, of this program's schema and with an epoch of its
 * own, and is asked about. */
static char *accept_copy(struct sqlite_db *db, const char *path,
			 const struct store_restore *how)
{
	char *uri = xasprintf("sqlite:%s", path), *error = NULL;
	const struct store_config config = {.uri = uri, .random = db->random};
	struct store *copy = store_new(&config, &error);

	if (error == NULL)
		error = store_prepare(copy);
	if (error == NULL && !how->accept(copy, how->context))
		error = xasprintf("%s is not as it should be", how->from);
	store_free(copy); /* which leaves one file, without a log */
	free(uri);
	return error;
}

static char *restore_from(struct sqlite_db *db, sqlite3 *backup,
			  const struct store_restore *how, const char *kept)
{
	char *copy = xasprintf("%s.restore", db->path);
	sqlite3 *held = NULL;
	char *error = hold(db->path, &held);

	if (error == NULL) {
		remove_copy(copy); /* of one that was killed */
		error = copy_to(backup, copy, how->progress, how->context);
	}
	if (error == NULL)
		error = accept_copy(db, copy, how);
	if (error == NULL)
		error = take_place(copy, db->path, kept);
	if (error != NULL)
		remove_copy(copy);
	sqlite3_close(held);
	free(copy);
	return error;
}

static char *name_kept(const char *path)
{
	char when[CLOCK_ISO_SIZE];

	clock_iso(clock_now_ms(), when);
	return xasprintf("%s.before-%.23s", path, when);
}

char *sqlite_restore(struct store *store, const struct store_restore *how,
		     char **kept)
{
	struct sqlite_db *db = store_sqlite_db(store);
	char *error = NULL;
	sqlite3 *backup = open_backup(how->from, &error);

	*kept = NULL;
	if (backup == NULL)
		return error;
	sqlite_db_close(db);
	error = how->opened(how->context);
	if (error == NULL) {
		*kept = name_kept(db->path);
		error = restore_from(db, backup, how, *kept);
	}
	sqlite3_close(backup);
	if (*kept != NULL && (error != NULL || access(*kept, F_OK) != 0)) {
		free(*kept);
		*kept = NULL;
	}
	return error;
}
