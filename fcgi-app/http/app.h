/*
 * app - what a worker has at hand while it answers a request.
 */
#ifndef APP_H
#define APP_H

#include <stdatomic.h>
#include <stdint.h>

#include "ids.h"

struct address_blocks;
struct address_changes;
struct metrics;
struct palabre_options;
struct stall;
struct store;
struct notify_client;
struct token_keys;
struct write_buckets;

struct app {
	const struct palabre_options *options;
	struct store *store;
	struct notify_client *notify;
	struct token_keys *keys;
	struct write_buckets *buckets;	/* NULL: no limit */
	struct metrics *metrics;	/* NULL: nobody counts */
	const struct stall *stall;	/* NULL: the disk is well */
	struct address_blocks *blocked; /* address_block's; NULL at first */
	struct address_changes *address_changes; /* NULL: nobody counts */
	unsigned address_changed; /* when the request began: how often */
	/* Counted up by what takes long, while it is not stuck; NULL: nobody
	 * looks. */
	atomic_uint *moves;
	char looked_at[ID_SIZE]; /* operator_look(): whose; or "" */
	int64_t wrote_until;	 /* of route_health(): when it tries again */
};

#endif
