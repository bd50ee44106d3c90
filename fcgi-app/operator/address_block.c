#include "address_block.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "clock.h"
#include "mem.h"
#include "network.h"
#include "store.h"

#define ASK_EVERY_MS 1000

struct address_blocks {
	int64_t asked_ms; /* clock_mono_ms() */
	struct blocked_network {
		char network[NETWORK_SIZE];
		int64_t until;
	} *list;
	size_t count;
};

static void keep_network(const struct store_address_block *block, void *context)
{
	struct address_blocks *blocks = context;
	struct blocked_network *kept;

	blocks->list = xrealloc(blocks->list,
				(blocks->count + 1) * sizeof(*blocks->list));
	kept = &blocks->list[blocks->count++];
	memccpy(kept->network, block->network, '\0', NETWORK_SIZE);
	kept->until = block->until;
}

static void ask(struct app *app, bool anew, int64_t now_ms)
{
	int64_t mono_ms = clock_mono_ms();
	struct address_blocks *blocks;

	if (app->blocked != NULL && !anew &&
	    mono_ms - app->blocked->asked_ms < ASK_EVERY_MS)
		return;
	blocks = xcalloc(1, sizeof(*blocks));
	blocks->asked_ms = mono_ms;
	if (store_address_blocks(app->store, now_ms, ADDRESS_BLOCKS_MAX,
				 keep_network, blocks) != STORE_OK) {
		address_blocks_free(blocks);
		return;
	}
	address_blocks_free(app->blocked);
	app->blocked = blocks;
}

bool address_block_has(struct app *app, const char *address, bool anew,
		       int64_t now_ms)
{
	char network[NETWORK_SIZE];

	ask(app, anew, now_ms);
	if (app->blocked == NULL || app->blocked->count == 0)
		return false;
	network_of(address, network);
	for (size_t i = 0; i < app->blocked->count; i++) {
		const struct blocked_network *blocked = &app->blocked->list[i];

		if (blocked->until > now_ms &&
		    strcmp(blocked->network, network) == 0)
			return true;
	}
	return false;
}

void address_blocks_free(struct address_blocks *blocks)
{
	if (blocks == NULL)
		return;
	free(blocks->list);
	free(blocks);
}

bool address_block_is_address(const char *text)
{
	struct in6_addr any;

	return inet_pton(AF_INET, text, &any) == 1 ||
	       inet_pton(AF_INET6, text, &any) == 1;
}
