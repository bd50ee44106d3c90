/*
 * body_reader - the bytes of a request's body, pulled when somebody wants them
 * and never past the length that was said.
 */
#ifndef BODY_READER_H
#define BODY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct body_reader {
	/* As read(): 0 at the end, -1 when the peer is gone. NULL: the bytes
	 * are in memory, at context. */
	ssize_t (*pull)(void *context, char *to, size_t len);
	void *context;
	int64_t length; /* as said; 0: there is no body */
	int64_t taken;
	bool broken; /* it ended before its length: nobody waits any more */
};

/* The next bytes, at most len of them. 0: that was all, or it broke. */
size_t body_reader_next(struct body_reader *reader, char *to, size_t len);

/* All that is left, with a NUL behind it; the caller frees it, and has looked
 * at the length before. NULL: it broke. */
char *body_reader_rest(struct body_reader *reader, size_t *len);

#endif
