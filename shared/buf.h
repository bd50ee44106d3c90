/*
 * buf - a growing byte buffer with a maximum.
 *
 * Appending past the maximum appends nothing and sets `overflow`, which stays
 * set until buf_reset(): write everything, then look once.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* always NUL-terminated once something was appended */
	size_t len;
	size_t cap;
	size_t max; /* bytes, the NUL not counted */
	bool overflow;
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);	 /* frees; buf is then as after buf_init() */
void buf_reset(struct buf *buf); /* empties, keeps the memory */

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_cut(struct buf *buf, size_t len); /* what is behind the first len */
void buf_adds(struct buf *buf, const char *text);
void buf_add_int(struct buf *buf, int64_t number); /* decimal */
void buf_addf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

char *buf_more(struct buf *buf, size_t len); /* buf_room() beyond cap */

/* Room for len more bytes, to be written by the caller, who then calls
 * buf_grew(); NULL when that would pass the maximum. */
static inline char *buf_room(struct buf *buf, size_t len)
{
	if (len < buf->cap - buf->len && !buf->overflow)
		return buf->data + buf->len;
	return buf_more(buf, len);
}

static inline void buf_grew(struct buf *buf, size_t len)
{
	buf->len += len;
	buf->data[buf->len] = '\0';
}

/* The text (never NULL); the caller frees it, buf is empty again. */
char *buf_take(struct buf *buf);

#endif
