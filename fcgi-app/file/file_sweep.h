/*
 * file_sweep - takes away what nothing names any more: of the store's files
 * those that were unused for a day, and of file_dir the bytes that belong to
 * none, as who dies in an upload leaves them.
 */
#ifndef FILE_SWEEP_H
#define FILE_SWEEP_H

#include <stdbool.h>

#include "store.h"

#define FILE_UNUSED_MS (INT64_C(24) * 3600 * 1000)

/* Walks over both, in turns; begin with zeros. */
struct file_sweep {
	struct store_file_sweep files;
	int folder; /* the next one of file_dir, of FILE_FOLDERS */
};
#define FILE_FOLDERS 256

/* Some of the store's files. *more: there are others. */
enum store_status file_sweep_unused(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms, bool *more);

/* One folder of file_dir: what is there for a day and the store does not
 * know. */
enum store_status file_sweep_folder(struct file_sweep *sweep,
				    struct store *store, const char *dir,
				    int64_t now_ms);

#endif
