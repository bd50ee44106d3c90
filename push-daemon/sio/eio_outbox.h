/*
 * eio_outbox - what waits to be written to one connection: a ring of
 * references to messages, with a maximum in bytes of memory.
 *
 * Takes no memory while empty. Pure.
 */
#ifndef EIO_OUTBOX_H
#define EIO_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eio_message;

/* What a waiting message takes beside its bytes on the wire: its own head,
 * malloc's, and a place in the ring that may be half empty. Without it a
 * million tiny ones would cost six times the maximum. */
#define EIO_OUTBOX_OVERHEAD 48

struct eio_outbox {
	uintptr_t *ring;  /* pointers; the low bit says droppable */
	uint32_t cap;	  /* 0 or a power of two */
	uint32_t head;	  /* index of the oldest */
	uint32_t len;	  /* messages */
	uint32_t bytes;	  /* of all of them, what was written and the
			     overhead included */
	uint32_t written; /* bytes of the oldest that are already out */
	uint32_t droppable;
};

enum eio_push {
	EIO_PUSHED,
	EIO_DROPPED, /* it was droppable and there was no room */
	EIO_FULL,    /* it is not, and there is none: close the connection */
};

/* Drops waiting droppable messages (newest order kept) when max bytes would
 * be passed; *dropped is increased by each. Takes a reference when pushed. */
enum eio_push eio_outbox_push(struct eio_outbox *outbox,
			      struct eio_message *message, bool droppable,
			      uint32_t max, uint64_t *dropped);

/* The i-th oldest, i < len; borrowed. */
struct eio_message *eio_outbox_at(const struct eio_outbox *outbox, uint32_t i);

/* That many bytes went out: lets go of the messages they complete. */
void eio_outbox_wrote(struct eio_outbox *outbox, size_t bytes);

void eio_outbox_clear(struct eio_outbox *outbox);

#endif
