/*
 * rt_answer - the answer of a worker to an rt call, in whatever pieces, as it
 * came on FastCGI's STDOUT: CGI headers (RFC 3875, section 6) until an empty
 * line, a status of 200, then frames.
 */
#ifndef RT_ANSWER_H
#define RT_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "notify_frame.h"

#define RT_ANSWER_HEADERS_MAX 4096

struct rt_answer;

/* Never NULL. */
struct rt_answer *rt_answer_new(void);
void rt_answer_free(struct rt_answer *answer); /* NULL: no-op */

/* Forget everything: another answer begins. */
void rt_answer_reset(struct rt_answer *answer);

/* The next bytes of it, borrowed as by notify_decoder_feed(). */
void rt_answer_feed(struct rt_answer *answer, const void *data, size_t len);

/* As notify_decoder_next(). MALFORMED also for another status, for headers
 * without end, and for a frame that no answer has. */
enum notify_status rt_answer_next(struct rt_answer *answer,
				  struct notify_frame *frame);

/* The headers were read, and no part of a frame is left over. */
bool rt_answer_whole(const struct rt_answer *answer);

#endif
