/*
 * eio_packet - the packets of engine.io-protocol revision 4, one at a time and
 * joined in an HTTP payload.
 *
 *     text       <type digit> <data>          WebSocket text frame, HTTP
 *     binary     <data>                       WebSocket binary frame
 *                "b" <base64 of data>         HTTP
 *     payload    packet *(0x1e packet)        HTTP body
 *
 * Pure codec. https://socket.io/docs/v4/engine-io-protocol/
 */
#ifndef EIO_PACKET_H
#define EIO_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EIO_SEPARATOR '\x1e'

enum eio_type {
	EIO_OPEN = 0,
	EIO_CLOSE = 1,
	EIO_PING = 2,
	EIO_PONG = 3,
	EIO_MESSAGE = 4,
	EIO_UPGRADE = 5,
	EIO_NOOP = 6,
};

/* data is borrowed. Only a message is ever binary. */
struct eio_packet {
	enum eio_type type;
	bool binary;
	const char *data;
	size_t len;
};

/* A text frame. False: empty, or no packet type. */
bool eio_packet_read(const char *text, size_t len, struct eio_packet *out);

/* A walk over the body of a POST. */
struct eio_payload {
	char *at, *end; /* end is where the NUL is */
	char *decoded;	/* of the last binary packet */
	bool malformed;
};

enum eio_payload_status {
	EIO_PAYLOAD_PACKET, /* *out was filled in, valid until the next */
	EIO_PAYLOAD_END,
	EIO_PAYLOAD_MALFORMED, /* final */
};

/* body[len] must be NUL; the walk writes into it. */
void eio_payload_init(struct eio_payload *payload, char *body, size_t len);
enum eio_payload_status eio_payload_next(struct eio_payload *payload,
					 struct eio_packet *out);
void eio_payload_done(struct eio_payload *payload);

struct buf;

/* Append a packet to a payload, with the separator where one is needed. */
void eio_payload_add(struct buf *body, const struct eio_packet *packet);

/* UTF-8, U+0000 allowed. */
bool eio_text_valid(const char *text, size_t len);

#endif
