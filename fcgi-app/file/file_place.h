/*
 * file_place - where bytes of files are in file_dir. Their name is their
 * SHA-256, so equal bytes are there once, and nothing of a client's is in a
 * path:
 *
 *     tmp/RANDOM              being written; locked (flock(2)) by whoever does
 *     ab/abcdef...            the bytes
 *     ab/abcdef....preview    a small copy of a picture
 *
 * Who puts bytes there or takes them away holds the lock of their folder until
 * the store says the same: a shared one to put, the only one to take away.
 */
#ifndef FILE_PLACE_H
#define FILE_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "crypt.h"

#define FILE_HASH_SIZE (2 * CRYPT_SHA256_SIZE + 1)
#define FILE_PLACE_MAX 4096

/* "DIR/ab/abcdef...", and ".preview" behind it. False: DIR is too long. */
bool file_place(const char *dir, const char hash[FILE_HASH_SIZE], bool preview,
		char out[FILE_PLACE_MAX]);
/* The same below file_dir, as nginx is told it (X-Accel-Redirect). */
void file_place_below(const char hash[FILE_HASH_SIZE], bool preview,
		      char out[FILE_PLACE_MAX]);

/* The lock of the folder of these bytes, which is made when missing: close()
 * lets it go. -1: errno says why. */
int file_place_lock(const char *dir, const char hash[FILE_HASH_SIZE],
		    bool alone);

/* DIR/tmp/RANDOM, made, open and locked; path is where it is. -1: errno. */
int file_place_tmp(const char *dir, char path[FILE_PLACE_MAX]);

/* Whose turn it is to write an export into DIR/tmp, which is there; until the
 * descriptor is closed. -1: somebody else's (EWOULDBLOCK), or errno. */
int file_place_export_turn(const char *dir);
/* DIR/tmp/export-USER: an export, which is sent from there and goes an hour
 * later. late: one that waits for its user to ask again. False: DIR is too
 * long. */
#define FILE_EXPORT "export-"
bool file_place_export(const char *dir, const char *user, bool late,
		       char out[FILE_PLACE_MAX]);

/* Removes from DIR/tmp what nobody writes any more. */
void file_place_sweep_tmp(const char *dir);

#endif
