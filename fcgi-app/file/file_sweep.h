/*
 * file_sweep - takes away what nothing names any more: of the store's files
 * those that were unused for a day, and of file_dir the bytes that belong to
 * none, as who dies in an upload leaves them.
 *
 * A store can say that only of bytes that were put there after its epoch began.
 * Older ones that it does not know are strange: they may be another store's,
 * which is put in its place for a while, or of a state that a copy was restored
 * over and that somebody goes back to.
 */
#ifndef FILE_SWEEP_H
#define FILE_SWEEP_H

#include <stdbool.h>

#include "file_place.h"
#include "store.h"

#define FILE_GONE_MAX 200
#define FILE_UNUSED_MS (INT64_C(24) * 3600 * 1000)

/* Walks over both, in turns; begin with zeros. */
struct file_sweep {
	struct store_file_sweep files;
	int folder;	/* the next one of file_dir, of FILE_FOLDERS */
	size_t strange; /* names in the folders of this round, up to there */
};
#define FILE_FOLDERS 256

/* Some of the store's files. *more: there are others. */
enum store_status file_sweep_unused(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms, bool *more);

/* Bytes, and their preview, unless a file of the store is of them; whoever puts
 * them there is waited for. */
enum store_status file_sweep_bytes(const char hash[FILE_HASH_SIZE],
				   struct store *store, const char *dir);

/* The hashes of files that are no more, and then their bytes, unless another
 * file has the same. As many as a store_each_hash may be given at once. */
struct file_gone {
	char hash[FILE_GONE_MAX][FILE_HASH_SIZE];
	size_t count;
};
void file_sweep_note(const char *hash, void *gone);
enum store_status file_sweep_gone(const struct file_gone *gone,
				  struct store *store, const char *dir);

/* One folder of file_dir: what is there for a day and the store does not know
 * goes, unless it is strange. A round ends when folder is 0 again. */
enum store_status file_sweep_folder(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms);

#endif
