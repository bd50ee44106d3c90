#include "eio_ledger.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "mem.h"

#define FIRST_CAP 16

/* The networks of IPv6 below 2^32 are reserved (RFC 4291, section 2.4): there
 * is room for those of IPv4. */
#define FOUR_MARK ((uint64_t)1 << 32)

struct eio_peer {
	struct eio_peer *next; /* in the chain */
	uint64_t address;
	struct eio_hold *oldest, *newest;
	size_t weight;
	size_t index; /* in the heap */
};

uint64_t eio_address_key(const char *address)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0,    0,
					   0, 0, 0, 0, 0xff, 0xff};
	struct in6_addr six;
	uint64_t network;
	uint32_t four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return FOUR_MARK | be32toh(four);
	if (inet_pton(AF_INET6, address, &six) != 1)
		return 0;
	if (memcmp(&six, mapped, sizeof(mapped)) == 0) {
		memcpy(&four, six.s6_addr + sizeof(mapped), sizeof(four));
		return FOUR_MARK | be32toh(four);
	}
	memcpy(&network, &six, sizeof(network));
	return be64toh(network);
}

void eio_ledger_init(struct eio_ledger *ledger,
		     void (*random)(void *out, size_t len))
{
	*ledger = (struct eio_ledger){.cap = FIRST_CAP};
	random(ledger->seed, sizeof(ledger->seed));
	ledger->peers = xcalloc(FIRST_CAP, sizeof(struct eio_peer *));
	ledger->heap = xcalloc(FIRST_CAP, sizeof(struct eio_peer *));
}

void eio_ledger_done(struct eio_ledger *ledger)
{
	assert(ledger->holds == 0);
	free(ledger->peers);
	free(ledger->heap);
}

static struct eio_peer **peer_find(const struct eio_ledger *ledger,
				   uint64_t address)
{
	uint64_t hash = crypt_hash(&address, sizeof(address), ledger->seed);
	struct eio_peer **at = &ledger->peers[hash & (ledger->cap - 1)];

	while (*at != NULL && (*at)->address != address)
		at = &(*at)->next;
	return at;
}

static void ledger_resize(struct eio_ledger *ledger, size_t cap)
{
	free(ledger->peers);
	ledger->peers = xcalloc(cap, sizeof(struct eio_peer *));
	ledger->heap = xrealloc(ledger->heap, cap * sizeof(struct eio_peer *));
	ledger->cap = cap;
	for (size_t i = 0; i < ledger->len; i++) {
		struct eio_peer *peer = ledger->heap[i];

		peer->next = NULL;
		*peer_find(ledger, peer->address) = peer;
	}
}

static void heap_put(struct eio_ledger *ledger, size_t index,
		     struct eio_peer *peer)
{
	ledger->heap[index] = peer;
	peer->index = index;
}

static void heap_rise(struct eio_ledger *ledger, struct eio_peer *peer)
{
	size_t at = peer->index;

	while (at > 0 && ledger->heap[(at - 1) / 2]->weight < peer->weight) {
		heap_put(ledger, at, ledger->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(ledger, at, peer);
}

static void heap_sink(struct eio_ledger *ledger, struct eio_peer *peer)
{
	size_t at = peer->index, child;

	for (; (child = 2 * at + 1) < ledger->len; at = child) {
		if (child + 1 < ledger->len &&
		    ledger->heap[child + 1]->weight >
			    ledger->heap[child]->weight)
			child++;
		if (ledger->heap[child]->weight <= peer->weight)
			break;
		heap_put(ledger, at, ledger->heap[child]);
	}
	heap_put(ledger, at, peer);
}

static struct eio_peer *peer_get(struct eio_ledger *ledger, uint64_t address)
{
	struct eio_peer **at = peer_find(ledger, address);

	if (*at != NULL)
		return *at;
	if (ledger->len == ledger->cap) {
		ledger_resize(ledger, ledger->cap * 2);
		at = peer_find(ledger, address);
	}
	*at = xcalloc(1, sizeof(**at));
	(*at)->address = address;
	heap_put(ledger, ledger->len++, *at);
	return *at;
}

static void peer_drop(struct eio_ledger *ledger, struct eio_peer *peer)
{
	struct eio_peer *last = ledger->heap[--ledger->len];

	*peer_find(ledger, peer->address) = peer->next;
	if (last != peer) {
		heap_put(ledger, peer->index, last);
		heap_rise(ledger, last);
		heap_sink(ledger, last);
	}
	free(peer);
	if (ledger->cap > FIRST_CAP && ledger->len < ledger->cap / 8)
		ledger_resize(ledger, ledger->cap / 2);
}

static void hold_add(struct eio_peer *peer, struct eio_hold *hold)
{
	hold->peer = peer;
	hold->newer = NULL;
	hold->older = peer->newest;
	if (peer->newest != NULL)
		peer->newest->newer = hold;
	else
		peer->oldest = hold;
	peer->newest = hold;
}

static void hold_remove(struct eio_hold *hold)
{
	struct eio_peer *peer = hold->peer;

	if (hold->older != NULL)
		hold->older->newer = hold->newer;
	else
		peer->oldest = hold->newer;
	if (hold->newer != NULL)
		hold->newer->older = hold->older;
	else
		peer->newest = hold->older;
	*hold = (struct eio_hold){0};
}

void eio_ledger_set(struct eio_ledger *ledger, struct eio_hold *hold,
		    uint64_t address, size_t weight)
{
	struct eio_peer *peer = hold->peer;
	size_t before = hold->weight;

	if (weight == 0) {
		eio_ledger_remove(ledger, hold);
		return;
	}
	if (peer == NULL) {
		peer = peer_get(ledger, address);
		hold_add(peer, hold);
		ledger->holds++;
	}
	hold->weight = weight;
	ledger->weight = ledger->weight - before + weight;
	peer->weight = peer->weight - before + weight;
	heap_rise(ledger, peer);
	heap_sink(ledger, peer);
}

void eio_ledger_remove(struct eio_ledger *ledger, struct eio_hold *hold)
{
	struct eio_peer *peer = hold->peer;

	if (peer == NULL)
		return;
	ledger->weight -= hold->weight;
	peer->weight -= hold->weight;
	ledger->holds--;
	hold_remove(hold);
	if (peer->oldest == NULL)
		peer_drop(ledger, peer);
	else
		heap_sink(ledger, peer);
}

struct eio_hold *eio_ledger_worst(const struct eio_ledger *ledger)
{
	return ledger->len > 0 ? ledger->heap[0]->oldest : NULL;
}

struct eio_hold *eio_ledger_oldest(const struct eio_ledger *ledger,
				   uint64_t address, size_t *weight)
{
	const struct eio_peer *peer = *peer_find(ledger, address);

	*weight = peer != NULL ? peer->weight : 0;
	return peer != NULL ? peer->oldest : NULL;
}
