#include "eio_outbox.h"

#include <assert.h>

#include "eio_message.h"
#include "mem.h"

#define FIRST_CAP 4
#define DROPPABLE ((uintptr_t)1)

static uint32_t outbox_slot(const struct eio_outbox *outbox, uint32_t i)
{
	return (outbox->head + i) & (outbox->cap - 1);
}

struct eio_message *eio_outbox_at(const struct eio_outbox *outbox, uint32_t i)
{
	assert(i < outbox->len);
	return (struct eio_message *)(outbox->ring[outbox_slot(outbox, i)] &
				      ~DROPPABLE);
}

static uint32_t outbox_cost(const struct eio_message *message)
{
	return message->len + EIO_OUTBOX_OVERHEAD;
}

static void outbox_grow(struct eio_outbox *outbox)
{
	uint32_t cap = outbox->cap == 0 ? FIRST_CAP : outbox->cap * 2;
	uintptr_t *ring = xmalloc(cap * sizeof(*ring));

	for (uint32_t i = 0; i < outbox->len; i++)
		ring[i] = outbox->ring[outbox_slot(outbox, i)];
	free(outbox->ring);
	outbox->ring = ring;
	outbox->cap = cap;
	outbox->head = 0;
}

static void drop_all_droppable(struct eio_outbox *outbox, uint64_t *dropped)
{
	/* The oldest stays when a part of it is on the wire already. */
	uint32_t kept = outbox->written > 0 ? 1 : 0;

	for (uint32_t i = kept; i < outbox->len; i++) {
		uintptr_t entry = outbox->ring[outbox_slot(outbox, i)];

		if ((entry & DROPPABLE) == 0) {
			outbox->ring[outbox_slot(outbox, kept++)] = entry;
			continue;
		}
		struct eio_message *message = eio_outbox_at(outbox, i);
		outbox->bytes -= outbox_cost(message);
		outbox->droppable--;
		eio_message_unref(message);
		(*dropped)++;
	}
	outbox->len = kept;
}

enum eio_push eio_outbox_push(struct eio_outbox *outbox,
			      struct eio_message *message, bool droppable,
			      uint32_t max, uint64_t *dropped)
{
	uint64_t bytes = (uint64_t)outbox->bytes + outbox_cost(message);

	if (bytes > max && outbox->droppable > 0) {
		drop_all_droppable(outbox, dropped);
		bytes = (uint64_t)outbox->bytes + outbox_cost(message);
	}
	if (bytes > max) {
		*dropped += droppable;
		return droppable ? EIO_DROPPED : EIO_FULL;
	}
	if (outbox->len == outbox->cap)
		outbox_grow(outbox);
	outbox->ring[outbox_slot(outbox, outbox->len)] =
		(uintptr_t)eio_message_ref(message) |
		(droppable ? DROPPABLE : 0);
	outbox->len++;
	outbox->bytes = (uint32_t)bytes;
	outbox->droppable += droppable;
	return EIO_PUSHED;
}

static void outbox_pop(struct eio_outbox *outbox)
{
	uintptr_t entry = outbox->ring[outbox->head];
	struct eio_message *message = eio_outbox_at(outbox, 0);

	outbox->bytes -= outbox_cost(message);
	outbox->droppable -= (entry & DROPPABLE) != 0;
	outbox->head = outbox_slot(outbox, 1);
	outbox->len--;
	eio_message_unref(message);
}

void eio_outbox_wrote(struct eio_outbox *outbox, size_t bytes)
{
	bytes += outbox->written;
	while (outbox->len > 0 && bytes >= eio_outbox_at(outbox, 0)->len) {
		bytes -= eio_outbox_at(outbox, 0)->len;
		outbox_pop(outbox);
	}
	assert(outbox->len > 0 || bytes == 0);
	outbox->written = (uint32_t)bytes;
	if (outbox->len == 0)
		eio_outbox_clear(outbox);
}

void eio_outbox_clear(struct eio_outbox *outbox)
{
	while (outbox->len > 0)
		outbox_pop(outbox);
	free(outbox->ring);
	*outbox = (struct eio_outbox){0};
}
