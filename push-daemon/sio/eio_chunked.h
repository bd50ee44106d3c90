/*
 * eio_chunked - the body of a request without its chunks (RFC 9112, section
 * 7.1), which libwebsockets gives as they came.
 *
 *     *( size [;extension] CRLF  bytes CRLF )  "0" [;extension] CRLF
 *     *( trailer CRLF ) CRLF
 *
 * Pure. Extensions and trailers are passed over, up to a maximum in all.
 */
#ifndef EIO_CHUNKED_H
#define EIO_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed: at the beginning. */
struct eio_chunked {
	uint8_t state;
	uint8_t digits;
	uint16_t extra; /* bytes that were neither size nor content */
	uint64_t left;	/* of this chunk */
};

enum eio_chunked_status {
	EIO_CHUNKED_MORE,
	EIO_CHUNKED_END,
	EIO_CHUNKED_MALFORMED, /* final */
};

/* Takes what is at *data, which moves on; a piece of content is at *piece, of
 * *piece_len bytes, possibly 0. MORE: call again until nothing is left. */
enum eio_chunked_status eio_chunked_read(struct eio_chunked *chunked,
					 const char **data, size_t *len,
					 const char **piece, size_t *piece_len);

#endif
