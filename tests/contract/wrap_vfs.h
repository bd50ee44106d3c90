/*
 * wrap_vfs - a VFS of SQLite around the one of this machine: whatever is not
 * put in its place goes on to that. See sqlite.org/vfs.html.
 */
#ifndef WRAP_VFS_H
#define WRAP_VFS_H

#include <stddef.h>

#include <sqlite3.h>

/* What a file of its own begins with. */
struct wrap_file {
	sqlite3_file base;
	sqlite3_file *real;
};

/* What a VFS of its own begins with. */
struct wrap_vfs {
	sqlite3_vfs base;
	sqlite3_vfs *real; /* NULL: not registered */
	sqlite3_io_methods methods;
	size_t own; /* bytes of one of its files */
};

/* A verb of the real file. */
#define WRAP_CALL(file, verb, ...)                                             \
	((struct wrap_file *)(file))                                           \
		->real->pMethods->verb(((struct wrap_file *)(file))->real,     \
				       ##__VA_ARGS__)

/* As the real one, by another name and with files of own bytes; then it may be
 * given verbs of its own in base and methods, and be what SQLite opens files
 * with, for as long as the program runs. */
void wrap_init(struct wrap_vfs *vfs, const char *name, size_t own);
void wrap_register(struct wrap_vfs *vfs);

/* Its xOpen, for one that does more. */
int wrap_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *out, int flags,
	      int *out_flags);

#endif
