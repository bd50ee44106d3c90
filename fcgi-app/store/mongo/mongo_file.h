/*
 * mongo_file - a file as it is found, and who may read it.
 */
#ifndef MONGO_FILE_H
#define MONGO_FILE_H

#include "mongo_query.h"
#include "store_files.h"

/* The texts are the file's. */
void mongo_file_read(const bson_t *row, struct store_file *out);

/* False: there is none. May the viewer read it? */
bool mongo_file_find(struct mongo_db *db, const char *id,
		     struct store_file *out);
bool mongo_file_readable(struct mongo_db *db, const struct store_viewer *viewer,
			 const struct store_file *file);

/* It is about to be named, and until then not forgotten. False: it is being
 * forgotten. */
bool mongo_file_hold(struct mongo_db *db, const char *id);
/* Forgets it and gives its hash, unless something names it or it is held since
 * then. Did it? */
bool mongo_file_forget(struct mongo_db *db, const char *id, int64_t before_ms,
		       store_each_hash *each, void *context);

/* A picture that is a file is one that the viewer may read (NOT_FOUND) and that
 * is shown as such (NO_PICTURE): whoever sees theirs may read it from then on.
 */
enum store_status mongo_file_shows(struct mongo_db *db,
				   const struct store_viewer *viewer,
				   const char *avatar);

#endif
