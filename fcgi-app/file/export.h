/*
 * export - everything of one person as an archive (tar.h):
 *
 *     account.json            who they are, and whom they block
 *     conversations/ID/conversation.json
 *     conversations/ID/N.json messages, by seq, as they see them
 *     files.json              what they uploaded
 *     files/ID                ... and its bytes
 *
 * It is written as it is read: however much there is, little of it is in
 * memory. What is written to meanwhile may be in it or not.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdatomic.h>

#include "store.h"

enum export_status {
	EXPORT_OK,
	EXPORT_STORE,	 /* the store's error says why */
	EXPORT_NO_SPACE, /* errno says why, here and below */
	EXPORT_BUSY,	 /* not by export_write(): another one is under way */
	EXPORT_FAILED,
};

struct export_job {
	const char *file_dir;
	int64_t now_ms;
	int fd;		    /* written to from where it stands */
	atomic_uint *moves; /* counted up as bytes are; NULL: nobody looks */
};

enum export_status export_write(struct store *store,
				const struct store_user *user,
				const struct export_job *job);

#endif
