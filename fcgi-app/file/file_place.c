#include "file_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Of file_dir, too, where there is none yet; nginx reads as another user of
 * the same group. */
#define EXPORT_KEPT_S 3600
#define FOLDER_MODE 0750
#define TMP_MODE 0640

void file_place_below(const char hash[FILE_HASH_SIZE], bool preview,
		      char out[FILE_PLACE_MAX])
{
	snprintf(out, FILE_PLACE_MAX, "%.2s/%s%s", hash, hash,
		 preview ? ".preview" : "");
}

bool file_place(const char *dir, const char hash[FILE_HASH_SIZE], bool preview,
		char out[FILE_PLACE_MAX])
{
	return snprintf(out, FILE_PLACE_MAX, "%s/%.2s/%s%s", dir, hash, hash,
			preview ? ".preview" : "") < FILE_PLACE_MAX;
}

/* Whatever umask says: nginx is in the group. Not by chmod, which takes away
 * the setgid bit by which what is below belongs to that group, too. */
static bool place_make_one(const char *path)
{
	mode_t before = umask(0);
	bool made = mkdir(path, FOLDER_MODE) == 0;

	umask(before);
	return made || errno == EEXIST;
}

/* A folder of DIR, and DIR itself. */
static bool place_make(const char *dir, const char *folder,
		       char path[FILE_PLACE_MAX])
{
	if (snprintf(path, FILE_PLACE_MAX, "%s/%s", dir, folder) >=
	    FILE_PLACE_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (place_make_one(path))
		return true;
	return errno == ENOENT && place_make_one(dir) && place_make_one(path);
}

int file_place_lock(const char *dir, const char hash[FILE_HASH_SIZE],
		    bool alone)
{
	char path[FILE_PLACE_MAX];
	const char folder[] = {hash[0], hash[1], '\0'};

	if (!place_make(dir, folder, path))
		return -1;

	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, alone ? LOCK_EX : LOCK_SH) == 0)
		return fd;
	close(fd);
	return -1;
}

int file_place_tmp(const char *dir, char path[FILE_PLACE_MAX])
{
	char folder[FILE_PLACE_MAX];
	uint64_t random;

	if (!place_make(dir, "tmp", folder))
		return -1;
	crypt_random(&random, sizeof(random));
	if (snprintf(path, FILE_PLACE_MAX, "%s/%016" PRIx64, folder, random) >=
	    FILE_PLACE_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}

	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, TMP_MODE);

	if (fd < 0 ||
	    (flock(fd, LOCK_EX | LOCK_NB) == 0 && fchmod(fd, TMP_MODE) == 0))
		return fd;
	close(fd);
	unlink(path);
	return -1;
}

int file_place_export_turn(const char *dir)
{
	char path[FILE_PLACE_MAX];

	/* No sweep takes a name with a dot. */
	if (snprintf(path, sizeof(path), "%s/tmp/.export", dir) >=
	    FILE_PLACE_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}

	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, TMP_MODE);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

bool file_place_export(const char *dir, const char *user, bool late,
		       char out[FILE_PLACE_MAX])
{
	return snprintf(out, FILE_PLACE_MAX, "%s/tmp/" FILE_EXPORT "%s%s", dir,
			late ? "late-" : "", user) < FILE_PLACE_MAX;
}

/* Of an export there is no lock while it is sent. */
static bool is_fresh_export(int fd, const char *name)
{
	struct stat file;

	return strncmp(name, FILE_EXPORT, strlen(FILE_EXPORT)) == 0 &&
	       fstat(fd, &file) == 0 &&
	       time(NULL) - file.st_mtim.tv_sec < EXPORT_KEPT_S;
}

/* The lock goes with whoever had it, however they ended. What is not locked
 * yet is a moment old. */
static void place_sweep_one(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!is_fresh_export(fd, name) && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(folder, name, 0);
	close(fd);
}

void file_place_sweep_tmp(const char *dir)
{
	char path[FILE_PLACE_MAX];
	const struct dirent *entry;

	if (snprintf(path, sizeof(path), "%s/tmp", dir) >= FILE_PLACE_MAX)
		return;

	DIR *folder = opendir(path);

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.')
			place_sweep_one(dirfd(folder), entry->d_name);
	}
	closedir(folder);
}
