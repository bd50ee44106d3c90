/*
 * eio_ledger - who holds how much, by address: where there is too much in all,
 * the one who goes is the oldest of the address that holds most.
 *
 * A hold is whatever embeds a struct eio_hold. Set, remove and the question for
 * the worst are O(log n) of the addresses. Pure.
 */
#ifndef EIO_LEDGER_H
#define EIO_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "crypt.h"

struct eio_peer;

/* Zeroed: in no ledger. */
struct eio_hold {
	struct eio_peer *peer;
	struct eio_hold *older, *newer; /* of the same address */
	size_t weight;
};

struct eio_ledger {
	struct eio_peer **peers; /* chains */
	struct eio_peer **heap;	 /* the heaviest is first */
	size_t cap;		 /* of both, a power of two */
	size_t len;		 /* addresses */
	size_t holds;
	size_t weight; /* of all */
	uint8_t seed[CRYPT_SEED_SIZE];
};

/* An address as inet_ntop(3) writes it, as a number: of IPv6 the network, for
 * who has one address there has all 2^64 beside it (RFC 4291, section 2.5.4).
 * All texts that are none count as one. */
uint64_t eio_address_key(const char *address);

/* random: for a seed, as peers may choose their addresses. */
void eio_ledger_init(struct eio_ledger *ledger,
		     void (*random)(void *out, size_t len));
void eio_ledger_done(struct eio_ledger *ledger); /* nothing is held */

/* A new hold is its address' youngest; weight 0 removes it. */
void eio_ledger_set(struct eio_ledger *ledger, struct eio_hold *hold,
		    uint64_t address, size_t weight);
void eio_ledger_remove(struct eio_ledger *ledger, struct eio_hold *hold);

/* NULL: nobody holds anything. */
struct eio_hold *eio_ledger_worst(const struct eio_ledger *ledger);
/* The oldest of that address and what it holds; NULL and 0: nothing. */
struct eio_hold *eio_ledger_oldest(const struct eio_ledger *ledger,
				   uint64_t address, size_t *weight);

#endif
