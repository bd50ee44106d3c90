/*
 * erasure - a person goes: what store_erase.h does, and the frames that tell
 * everyone who is left.
 */
#ifndef ERASURE_H
#define ERASURE_H

#include "store.h"

struct buf;

/* Their sockets are closed, and they are gone from every list. */
void erasure_announce_begin(struct buf *out, const char *user,
			    const char *request_id);

/* One step (store_erase_step()), with its frames in out. */
enum store_status erasure_step(struct store *store, struct buf *out,
			       store_each_hash *each, void *context,
			       int64_t now_ms);

#endif
