/*
 * store_files - what is known of uploaded files; their bytes are in file_dir,
 * under their hash, which several files may share.
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "store_base.h"

/* A walk over all files, some at a time. */
struct store_file_sweep {
	char after[ID_SIZE]; /* in, out: the last one looked at; "": begin */
	int64_t before_ms;   /* younger ones stay */
	size_t limit;	     /* looked at */
};

typedef void store_each_file(const struct store_file *file, void *context);

struct store_file_verbs {
	enum store_status (*own)(struct store *, const struct store_viewer *,
				 const char *after, size_t limit,
				 store_each_file *, void *);
	enum store_status (*room)(struct store *, const char *owner,
				  int64_t size, int64_t quota);
	enum store_status (*add)(struct store *, struct store_file *,
				 int64_t quota);
	enum store_status (*get)(struct store *, const struct store_viewer *,
				 const char *id, struct store_file *);
	enum store_status (*sweep)(struct store *, struct store_file_sweep *,
				   store_each_hash *, void *);
	enum store_status (*is_kept)(struct store *, const char *hash,
				     bool *kept);
};

/* FULL: with so many bytes more the owner's files would be more than quota
 * bytes. Others may come meanwhile: only store_file_add() holds to it. */
static inline enum store_status store_file_room(struct store *store,
						const char *owner, int64_t size,
						int64_t quota)
{
	return store->files->room(store, owner, size, quota);
}

/* Fills in the id. FULL: the owner's files would be more than quota bytes. */
static inline enum store_status
store_file_add(struct store *store, struct store_file *file, int64_t quota)
{
	return store->files->add(store, file, quota);
}

/* NOT_FOUND unless it is the viewer's own, a message that they see names it, it
 * is the picture of a user, or of a group that they see. UNAVAILABLE is
 * also what a backend answers that had no time to look at all messages which
 * name it, of a file that was forwarded very often. */
static inline enum store_status
store_file_get(struct store *store, const struct store_viewer *viewer,
	       const char *id, struct store_file *out)
{
	*out = (struct store_file){.id = ""};

	enum store_status status = store->files->get(store, viewer, id, out);

	if (status != STORE_OK)
		store_file_done(out);
	return status;
}

/* Forgets, of the next few, those which nothing names; each one's hash is
 * given. after is "" again when there are no more. */
static inline enum store_status store_file_sweep(struct store *store,
						 struct store_file_sweep *sweep,
						 store_each_hash *each,
						 void *context)
{
	return store->files->sweep(store, sweep, each, context);
}

/* Is there still a file of these bytes? */
static inline enum store_status store_file_is_kept(struct store *store,
						   const char *hash, bool *kept)
{
	bool there = true;
	enum store_status status = store->files->is_kept(store, hash, &there);

	*kept = status != STORE_OK || there;
	return status;
}

/* The viewer's own, by id, those behind after; at most limit. */
static inline enum store_status
store_own_files(struct store *store, const struct store_viewer *viewer,
		const char *after, size_t limit, store_each_file *each,
		void *context)
{
	return store->files->own(store, viewer, after, limit, each, context);
}

/* What a message shows of it, as JSON: {"_id","name","mime","size"}, and
 * width, height, preview, duration where there are such. The caller frees it.
 */
char *store_file_attachment(const struct store_file *file);
/* The id of the file that such a text is of. */
void store_file_id_of(const char *attachment, char out[ID_SIZE]);

#endif
