/*
 * response_out - a response as the worker sees it: made, filled by a handler
 * through response.h, and turned into the bytes that leave.
 */
#ifndef RESPONSE_OUT_H
#define RESPONSE_OUT_H

#include "json_text.h"
#include "response.h"

struct response_pair {
	const char *name; /* a literal */
	char *value;
};

struct response {
	int status; /* 0: nothing was said yet */
	struct json_text body;
	const char *type; /* of the body */
	bool dropped, store_failed;
	const char *code; /* of a refusal, for the log */
	struct response_pair *headers;
	size_t header_count;
};

void response_init(struct response *response);
void response_done(struct response *response);
/* As after response_init(), but the memory of the body is kept. */
void response_reset(struct response *response);

/* No body: OPTIONS. */
void response_empty(struct response *response, int status);

/* Nobody waits for it. */
void response_drop(struct response *response);

/* CGI headers (RFC 3875), before which the length of the body is known. */
void response_head(const struct response *response, struct buf *out);

#endif
