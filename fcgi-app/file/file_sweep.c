#include "file_sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOKED_AT FILE_GONE_MAX

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

static bool is_old(int folder, const char *name, int64_t now_ms)
{
	struct stat file;

	return fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
	       file.st_mtim.tv_sec < (now_ms - FILE_UNUSED_MS) / 1000;
}

enum store_status file_sweep_folder(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms)
{
	char path[FILE_PLACE_MAX], hash[FILE_HASH_SIZE];
	enum store_status status = STORE_OK;
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s/%02x", dir, (unsigned)sweep->folder);
	sweep->folder = (sweep->folder + 1) % FILE_FOLDERS;

	DIR *folder = opendir(path);

	if (folder == NULL)
		return STORE_OK; /* nothing was ever put there */
	while (status == STORE_OK && (entry = readdir(folder)) != NULL) {
		if (read_hash(entry->d_name, hash) &&
		    is_old(dirfd(folder), entry->d_name, now_ms))
			status = file_sweep_bytes(hash, store, dir);
	}
	closedir(folder);
	return status;
}
