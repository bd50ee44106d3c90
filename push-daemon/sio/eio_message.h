/*
 * eio_message - Engine.IO packets encoded once, for any number of connections.
 *
 * Holds the very bytes of a WebSocket: one or several frames one after the
 * other (a Socket.IO packet and its attachments stay together). From these the
 * packets are read back where a client polls.
 *
 *     0x81|0x82   length 0-125 | 126 and 2 bytes | 127 and 8 bytes   payload
 *     text|binary   (RFC 6455 section 5.2; a server does not mask)
 *
 * Pure. Reference counted; new gives one reference.
 */
#ifndef EIO_MESSAGE_H
#define EIO_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "eio_packet.h"

struct eio_message {
	uint32_t refs;
	uint32_t len; /* of wire */
	uint8_t wire[];
};

/* One frame to be: its payload is head and then body. */
struct eio_part {
	const char *head;
	size_t head_len;
	const void *body;
	size_t body_len;
	bool binary;
};

/* Never NULL. The parts' heads carry the packet type ("4" and so on). */
struct eio_message *eio_message_new(const struct eio_part *parts, size_t count);
struct eio_message *eio_message_text(const char *text, size_t len);
struct eio_message *eio_message_ref(struct eio_message *message);
void eio_message_unref(struct eio_message *message); /* NULL: no-op */

/* The packet at *offset of the wire, which moves on; false at the end. */
bool eio_message_next(const struct eio_message *message, size_t *offset,
		      struct eio_packet *out);

#endif
