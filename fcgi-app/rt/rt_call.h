/*
 * rt_call - a call of pushd as bytes: 1 to 64 COMMAND frames in, the RESULT of
 * each out (docs/frames.md). Pure.
 */
#ifndef RT_CALL_H
#define RT_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "json_flat.h"
#include "palabre_limits.h"

struct buf;

struct rt_command {
	struct json_flat head;
	const char *name; /* borrowed from head */
	/* What the client said; NULL when it said nothing ... */
	struct json_object *payload;
	bool garbled; /* ... or no JSON */
};

struct rt_call {
	size_t count;
	struct rt_command commands[LIMIT_BATCH];
};

/* False: malformed, and *call is empty. Else rt_call_done() frees, until when
 * body is borrowed. */
bool rt_call_read(struct rt_call *call, const void *body, size_t len);
void rt_call_done(struct rt_call *call);

/* Append a RESULT; takes head and payload (NULL: none). One that is too long
 * for a frame is what rt_result_too_large() says. */
void rt_result_add(struct buf *out, struct json_object *head,
		   struct json_object *payload);
/* {ok: false, code: "too_large"} */
void rt_result_too_large(struct buf *out);

#endif
