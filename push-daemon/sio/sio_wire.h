/*
 * sio_wire - Socket.IO packets as Engine.IO messages, inside libsio.
 *
 * A circle with sio_message and sio_packet: a message keeps itself encoded, and
 * a packet has the bytes of messages in it.
 */
#ifndef SIO_WIRE_H
#define SIO_WIRE_H

#include "eio_message.h"
#include "sio_packet.h"

/* A packet of data (JSON) and attachments; the caller's reference. */
struct eio_message *sio_wire(enum sio_type type, const char *nsp, int64_t id,
			     const char *data, size_t len,
			     const struct sio_bytes *attachments, size_t count);

/* The message as it goes to that namespace: encoded at the first call, kept
 * for the next. Borrowed from the message. */
struct eio_message *sio_message_wire(struct sio_message *message,
				     const char *nsp);

/* Append text as a JSON string with its quotes. */
struct buf;
void sio_wire_quote(struct buf *out, const char *text);

#endif
