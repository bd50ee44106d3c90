/*
 * eio_packet - the packets of engine.io-protocol revision 4, one at a time and
 * joined in an HTTP payload.
 *
 *     text       <type digit> <data>          WebSocket text frame, HTTP
 *     binary     <data>                       WebSocket binary frame
 *                "b" <base64 of data>         HTTP, WebSocket text frame
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
#define EIO_BASE64 'b'

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

/* As the reference server takes it, whose decoder is Node's: letters of either
 * alphabet up to the first '=', anything between them passed over (some clients
 * break the lines), padded or not. out has room for len, and may be text. */
size_t eio_base64_read(const char *text, size_t len, char *out);

/* A text frame. False: empty, or no packet type. */
bool eio_packet_read(const char *text, size_t len, struct eio_packet *out);

/* A walk over the body of a POST. */
struct eio_payload {
	char *at, *end;
	bool malformed;
};

enum eio_payload_status {
	EIO_PAYLOAD_PACKET, /* *out was filled in, valid until the next */
	EIO_PAYLOAD_END,
	EIO_PAYLOAD_MALFORMED, /* final */
};

/* The walk writes into body. */
void eio_payload_init(struct eio_payload *payload, char *body, size_t len);
enum eio_payload_status eio_payload_next(struct eio_payload *payload,
					 struct eio_packet *out);

struct buf;

/* Append a packet to a payload, with the separator where one is needed. */
void eio_payload_add(struct buf *body, const struct eio_packet *packet);

/* UTF-8, U+0000 allowed. */
bool eio_text_valid(const char *text, size_t len);

#endif
