#include "file_sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ids.h"

#define LOOKED_AT FILE_GONE_MAX
/* The clock may be set back, and the disk's may be another machine's. */
#define CLOCKS_DIFFER_MS (INT64_C(3600) * 1000)

/* Nobody puts these bytes there while the lock is held. */
enum store_status file_sweep_bytes(const char hash[FILE_HASH_SIZE],
				   struct store *store, const char *dir)
{
	char path[FILE_PLACE_MAX];
	bool kept;
	int lock = file_place_lock(dir, hash, true);

	if (lock < 0)
		return STORE_OK; /* the next round may */

	enum store_status status = store_file_is_kept(store, hash, &kept);

	for (int preview = 0; !kept && preview < 2; preview++) {
		if (file_place(dir, hash, preview != 0, path))
			unlink(path);
	}
	close(lock);
	return status;
}

/* ---- files ---- */

void file_sweep_note(const char *hash, void *context)
{
	struct file_gone *gone = context;

	memccpy(gone->hash[gone->count++], hash, '\0', FILE_HASH_SIZE);
}

enum store_status file_sweep_gone(const struct file_gone *gone,
				  struct store *store, const char *dir)
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; i < gone->count && status == STORE_OK; i++)
		status = file_sweep_bytes(gone->hash[i], store, dir);
	return status;
}

enum store_status file_sweep_unused(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms, bool *more)
{
	struct file_gone swept = {.count = 0};

	sweep->files.before_ms = now_ms - FILE_UNUSED_MS;
	sweep->files.limit = LOOKED_AT;

	enum store_status status =
		store_file_sweep(store, &sweep->files, file_sweep_note, &swept);

	if (status == STORE_OK)
		status = file_sweep_gone(&swept, store, dir);
	*more = sweep->files.after[0] != '\0';
	return status;
}

/* ---- bytes ---- */

/* The name of bytes, or of their preview. */
static bool read_hash(const char *name, char hash[FILE_HASH_SIZE])
{
	size_t len = strspn(name, "0123456789abcdef");

	if (len != FILE_HASH_SIZE - 1 ||
	    (name[len] != '\0' && strcmp(name + len, ".preview") != 0))
		return false;
	memcpy(hash, name, len);
	hash[len] = '\0';
	return true;
}

struct folder_walk {
	struct file_sweep *sweep;
	struct store *store;
	const char *dir;
	int64_t before_s; /* whoever put them there has told the store */
	int64_t since_s;  /* the store would know of what was put there */
};

static enum store_status walk_begin(struct folder_walk *walk, int64_t now_ms)
{
	char epoch[ID_SIZE];
	enum store_status status = store_epoch(walk->store, epoch);

	if (status != STORE_OK)
		return status;
	walk->before_s = (now_ms - FILE_UNUSED_MS) / 1000;
	walk->since_s = (id_time(epoch) + CLOCKS_DIFFER_MS) / 1000;
	return STORE_OK;
}

static enum store_status walk_count(const struct folder_walk *walk,
				    const char *hash)
{
	bool kept;
	enum store_status status = store_file_is_kept(walk->store, hash, &kept);

	walk->sweep->strange += !kept;
	return status;
}

static enum store_status walk_name(const struct folder_walk *walk, int folder,
				   const char *name)
{
	char hash[FILE_HASH_SIZE];
	struct stat file;

	if (!read_hash(name, hash) ||
	    fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) != 0 ||
	    file.st_mtim.tv_sec >= walk->before_s)
		return STORE_OK;
	if (file.st_mtim.tv_sec < walk->since_s)
		return walk_count(walk, hash);
	return file_sweep_bytes(hash, walk->store, walk->dir);
}

static DIR *walk_open(const struct folder_walk *walk)
{
	struct file_sweep *sweep = walk->sweep;
	char path[FILE_PLACE_MAX];

	snprintf(path, sizeof(path), "%s/%02x", walk->dir,
		 (unsigned)sweep->folder);
	if (sweep->folder == 0)
		sweep->strange = 0;
	sweep->folder = (sweep->folder + 1) % FILE_FOLDERS;
	return opendir(path);
}

enum store_status file_sweep_folder(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms)
{
	struct folder_walk walk = {sweep, store, dir, 0, 0};
	enum store_status status = walk_begin(&walk, now_ms);
	const struct dirent *entry;
	DIR *folder = status == STORE_OK ? walk_open(&walk) : NULL;

	if (folder == NULL)
		return status; /* OK: nothing was ever put there */
	while (status == STORE_OK && (entry = readdir(folder)) != NULL)
		status = walk_name(&walk, dirfd(folder), entry->d_name);
	closedir(folder);
	return status;
}
