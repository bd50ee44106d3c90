#include "address_block.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "clock.h"
#include "mem.h"
#include "network.h"
#include "store.h"

#define ASK_EVERY_MS 1000

struct address_changes {
	atomic_uint count;
};

struct address_blocks {
	int64_t asked_ms; /* clock_mono_ms() */
	unsigned changes; /* that it has for sure */
	struct blocked_network {
		char network[NETWORK_SIZE];
		int64_t until;
	} *list;
	size_t count;
};

/* ---- what the workers tell each other ---- */

struct address_changes *address_changes_new(void)
{
	return mem_shared_new(sizeof(struct address_changes));
}

void address_changes_free(struct address_changes *changes)
{
	mem_shared_free(changes, sizeof(*changes));
}

void address_block_changed(struct app *app)
{
	if (app->address_changes != NULL)
		app->address_changes->count++;
}

void address_block_begin(struct app *app)
{
	if (app->address_changes != NULL)
		app->address_changed = app->address_changes->count;
}

/* ---- the list ---- */

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

static bool is_fresh(const struct app *app, int64_t mono_ms)
{
	return app->blocked != NULL &&
	       app->blocked->changes == app->address_changed &&
	       mono_ms - app->blocked->asked_ms < ASK_EVERY_MS;
}

static void ask(struct app *app, bool anew, int64_t now_ms)
{
	int64_t mono_ms = clock_mono_ms();
	struct address_blocks *blocks;

	if (!anew && is_fresh(app, mono_ms))
		return;
	blocks = xcalloc(1, sizeof(*blocks));
	blocks->asked_ms = mono_ms;
	blocks->changes = app->address_changed;
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
