#include "rt_answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "mem.h"

#define STATUS_OK 200

struct rt_answer {
	struct notify_decoder *frames;
	struct buf headers; /* until they are read */
	int status;	    /* 0: headers are not read yet */
	bool malformed;
};

struct rt_answer *rt_answer_new(void)
{
	struct rt_answer *answer = xcalloc(1, sizeof(*answer));

	answer->frames = notify_decoder_new();
	buf_init(&answer->headers, RT_ANSWER_HEADERS_MAX);
	return answer;
}

void rt_answer_free(struct rt_answer *answer)
{
	if (answer == NULL)
		return;
	notify_decoder_free(answer->frames);
	buf_done(&answer->headers);
	free(answer);
}

void rt_answer_reset(struct rt_answer *answer)
{
	notify_decoder_free(answer->frames);
	answer->frames = notify_decoder_new();
	buf_reset(&answer->headers);
	answer->status = 0;
	answer->malformed = false;
}

static int read_status(const char *headers)
{
	static const char name[] = "Status:";
	const char *line = headers;

	while (line != NULL) {
		if (strncasecmp(line, name, sizeof(name) - 1) == 0)
			return atoi(line + sizeof(name) - 1);
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return STATUS_OK; /* RFC 3875: what no Status means */
}

/* Where the empty line ends that ends the headers; NULL: not there yet. */
static const char *headers_end(const struct buf *headers)
{
	const char *feed = headers->data;

	while ((feed = strchr(feed, '\n')) != NULL) {
		feed++;
		if (feed[0] == '\n')
			return feed + 1;
		if (feed[0] == '\r' && feed[1] == '\n')
			return feed + 2;
	}
	return NULL;
}

/* Byte by byte: headers are short. Answers how many were theirs. */
static size_t feed_headers(struct rt_answer *answer, const char *data,
			   size_t len)
{
	for (size_t i = 0; i < len; i++) {
		buf_add(&answer->headers, data + i, 1);
		if (answer->headers.overflow || data[i] == '\0') {
			answer->malformed = true;
			return len;
		}
		if (data[i] == '\n' && headers_end(&answer->headers) != NULL) {
			answer->status = read_status(answer->headers.data);
			answer->malformed = answer->status != STATUS_OK;
			return i + 1;
		}
	}
	return len;
}

void rt_answer_feed(struct rt_answer *answer, const void *data, size_t len)
{
	size_t headers = 0;

	if (answer->status == 0 && !answer->malformed)
		headers = feed_headers(answer, data, len);
	if (answer->status != 0 && !answer->malformed)
		notify_decoder_feed(answer->frames,
				    (const char *)data + headers,
				    len - headers);
}

/* Whatever a worker announces, and what it answers. */
static bool kind_expected(enum notify_kind kind)
{
	return (kind >= NOTIFY_EVENT && kind <= NOTIFY_SETTINGS) ||
	       kind == NOTIFY_RESULT;
}

enum notify_status rt_answer_next(struct rt_answer *answer,
				  struct notify_frame *frame)
{
	if (answer->malformed)
		return NOTIFY_MALFORMED;
	if (answer->status == 0)
		return NOTIFY_NEED_MORE;

	enum notify_status status = notify_decoder_next(answer->frames, frame);

	if (status == NOTIFY_MALFORMED ||
	    (status == NOTIFY_FRAME && !kind_expected(frame->kind)))
		answer->malformed = true;
	return answer->malformed ? NOTIFY_MALFORMED : status;
}

bool rt_answer_whole(const struct rt_answer *answer)
{
	return answer->status != 0 && !answer->malformed &&
	       notify_decoder_empty(answer->frames);
}
