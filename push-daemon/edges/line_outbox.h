/*
 * line_outbox - what waits for an old TCP client, and how much of it may be
 * written now. These clients read 1024 bytes at a time (docs/lines.md):
 *
 *     who ends lines     reads on and on, and decodes each read by itself: a
 *                        write is whole lines of at most 1024 bytes, or one
 *                        longer line, which must be ASCII; then comes a pause
 *     who does not       reads once after each send: one write of at most 1024
 *                        bytes, cut between characters, for each
 *
 * Pure: no descriptor and no clock.
 */
#ifndef LINE_OUTBOX_H
#define LINE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_READ 1024	 /* bytes */
#define LINE_PAUSE_MS 10 /* after a write to who ends lines */

struct line_outbox {
	char *data; /* NULL while nothing waits, as most of the time */
	size_t len, at, cap, max;
	size_t file;	/* what waited with the last file: max is more by it */
	size_t begun;	/* bytes that belong to a write which was cut short */
	uint64_t added; /* bytes, since the start */
	uint64_t written;
	int64_t next_ms; /* who ends lines: not before */
	bool ends;	 /* the client ends its lines */
	bool awaits;	 /* who does not: it has sent, and reads once */
	bool hurries;	 /* the last words: all of it, now */
};

void line_outbox_init(struct line_outbox *outbox, size_t max);
void line_outbox_done(struct line_outbox *outbox);

/* Whole lines, LF and all. False: more than max would wait; nothing is added.
 */
bool line_outbox_add(struct line_outbox *outbox, const char *lines, size_t len);

/* The same for a file, whatever its size, once what waits is no more than max;
 * behind it as much may wait as else. */
bool line_outbox_add_file(struct line_outbox *outbox, const char *line,
			  size_t len);

/* Bytes for one write, now; 0: none. */
size_t line_outbox_ready(const struct line_outbox *outbox, int64_t now_ms,
			 const char **data);
/* So many of those that were ready were taken. */
void line_outbox_wrote(struct line_outbox *outbox, size_t len, int64_t now_ms);

static inline size_t line_outbox_waiting(const struct line_outbox *outbox)
{
	return outbox->len - outbox->at;
}

#endif
