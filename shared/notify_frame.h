/*
 * notify_frame - the frames between workers and pushd: on notify.sock, and as
 * the bodies of rt calls and their answers.
 *
 *     offset  size  field
 *          0     4  length of what follows, big endian
 *          4     1  kind (enum notify_kind)
 *          5   len  body: head, and after a line feed maybe a payload
 *
 * The head is one JSON object on one line. The payload is passed on byte for
 * byte and never looked into by pushd. docs/frames.md has the head and payload
 * of each kind.
 *
 * Pure codec: bytes in, frames out. It owns no descriptor, reads no clock and
 * logs nothing, so the unit tests and the fuzzer drive the shipped code.
 */
#ifndef NOTIFY_FRAME_H
#define NOTIFY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A RESULT names every room of a user, and they may be in 10,000. */
#define NOTIFY_BODY_MAX (1024 * 1024)
#define NOTIFY_ROOMS_MAX 16 /* that one EVENT goes to */

struct buf;

enum notify_kind {
	NOTIFY_HELLO = 1,     /* worker -> pushd: first frame of a connection */
	NOTIFY_EVENT = 2,     /* deliver an event to rooms */
	NOTIFY_JOIN = 3,      /* a user's sockets enter a room */
	NOTIFY_LEAVE = 4,     /* ... and leave it */
	NOTIFY_REVOKE = 5,    /* close the sockets of a user or a session */
	NOTIFY_SETTINGS = 6,  /* what a user shows of themselves has changed */
	NOTIFY_PRESENCE = 7,  /* a worker's question, and pushd's answer */
	NOTIFY_BYE = 8,	      /* worker -> pushd: nothing was lost, I leave */
	NOTIFY_COMMAND = 9,   /* pushd -> worker, in an rt call */
	NOTIFY_RESULT = 10,   /* worker -> pushd, in the answer to it */
	NOTIFY_POSITION = 11, /* worker -> pushd: up to there all was said */
	NOTIFY_HIDE = 12, /* two users see no more of each other, or again */
};

/* The body is borrowed: whoever filled the struct says for how long. */
struct notify_frame {
	enum notify_kind kind;
	const uint8_t *body;
	size_t body_len;
};

/* Both borrowed from the frame; payload is NULL when there is none. */
struct notify_parts {
	const char *head;
	size_t head_len;
	const char *payload;
	size_t payload_len;
};

enum notify_status {
	NOTIFY_FRAME,	  /* *frame was filled in */
	NOTIFY_NEED_MORE, /* feed more bytes, then ask again */
	NOTIFY_MALFORMED, /* stream is out of sync: drop the peer */
};

struct notify_decoder;

/* Never returns NULL. The caller frees it; freeing NULL is a no-op. */
struct notify_decoder *notify_decoder_new(void);
void notify_decoder_free(struct notify_decoder *dec);

/*
 * The next bytes of the stream, once all that was fed before is used up. They
 * are borrowed until notify_decoder_next() has said NEED_MORE: a frame that
 * lies whole in them is read where it lies.
 */
void notify_decoder_feed(struct notify_decoder *dec, const void *data,
			 size_t len);

/*
 * Take the next frame. frame->body stays valid until the next call on dec.
 * MALFORMED is final: every later call answers MALFORMED too.
 */
enum notify_status notify_decoder_next(struct notify_decoder *dec,
				       struct notify_frame *frame);

/* Nothing of an unfinished frame is held back: the stream may end here. */
bool notify_decoder_empty(const struct notify_decoder *dec);

void notify_frame_split(const struct notify_frame *frame,
			struct notify_parts *parts);

/* Append a frame whose body the caller then appends. End says that it is whole:
 * false, and out as it was before, when the body exceeds NOTIFY_BODY_MAX or out
 * had no room. */
size_t notify_frame_begin(struct buf *out, enum notify_kind kind);
bool notify_frame_end(struct buf *out, size_t begun);

/*
 * Append a frame made of a head and, unless payload is NULL, a line feed and
 * the payload. False, and out untouched, when the body would exceed
 * NOTIFY_BODY_MAX or out has no room.
 */
bool notify_frame_add(struct buf *out, enum notify_kind kind,
		      const struct notify_parts *parts);

#endif
