/*
 * address_block - the networks that operators have blocked for a time, as a
 * worker knows them: asked of the store once a second, and not for each
 * request.
 */
#ifndef ADDRESS_BLOCK_H
#define ADDRESS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct address_blocks;
struct app;

#define ADDRESS_BLOCKS_MAX 1000 /* those that end last count */

/* Is the network of that address blocked? While the store does not say, as it
 * was a moment ago. anew: ask it in any case. */
bool address_block_has(struct app *app, const char *address, bool anew,
		       int64_t now_ms);

/* Of IPv4 or IPv6. */
bool address_block_is_address(const char *text);

void address_blocks_free(struct address_blocks *blocks); /* NULL: no-op */

#endif
