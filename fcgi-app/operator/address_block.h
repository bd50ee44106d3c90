/*
 * address_block - the networks that operators have blocked for a time, as a
 * worker knows them: asked of the store when a worker of this server has
 * changed them, and once a second, for palabrectl and other nodes change them
 * too; not for each request.
 */
#ifndef ADDRESS_BLOCK_H
#define ADDRESS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct address_blocks;
struct address_changes;
struct app;

#define ADDRESS_BLOCKS_MAX 1000 /* those that end last count */

/* How often they were changed, shared with every process that is forked from
 * here on. Aborts without memory. */
struct address_changes *address_changes_new(void);
void address_changes_free(struct address_changes *changes); /* NULL: no-op */

/* The store has another one, or one less. */
void address_block_changed(struct app *app);

/* At the begin of a request, before a state of the store is held: that may be
 * older than a change that is counted later. */
void address_block_begin(struct app *app);

/* Is the network of that address blocked, as of the begin of the request? While
 * the store does not say, as it was a moment ago. anew: ask it in any case. */
bool address_block_has(struct app *app, const char *address, bool anew,
		       int64_t now_ms);

/* Of IPv4 or IPv6. */
bool address_block_is_address(const char *text);

void address_blocks_free(struct address_blocks *blocks); /* NULL: no-op */

#endif
