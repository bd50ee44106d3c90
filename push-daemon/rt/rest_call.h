/*
 * rest_call - one request of REST to the workers, in the name of somebody who
 * has no HTTP: FastCGI on a connection of its own, as nginx passes one on.
 */
#ifndef REST_CALL_H
#define REST_CALL_H

#include <stddef.h>
#include <uv.h>

#include "palabre_limits.h"

struct rest_call;

/* A page ends with the item that passes LIMIT_ANSWER. */
#define REST_CALL_ANSWER_MAX (2 * LIMIT_ANSWER)

/* Borrowed while rest_call_new() runs, but for socket. */
struct rest_request {
	const char *socket; /* path of the pool's */
	const char *method, *target;
	const char *token;   /* "": none */
	const char *address; /* from where they ask */
	const void *body;    /* NULL: none */
	size_t len;
	const char *type; /* of the body; NULL: JSON */
};

/* Borrowed while done() runs. */
struct rest_answer {
	int status;	     /* of HTTP; 0: nobody answered */
	const char *headers; /* for rest_answer_header() */
	const char *body;    /* ends with a NUL */
	size_t len;
};
/* The caller frees it; NULL: there is none of that name. */
char *rest_answer_header(const struct rest_answer *answer, const char *name);

/* Once, never within rest_call_new(). */
typedef void rest_call_done(const struct rest_answer *answer, void *user);

struct rest_call *rest_call_new(uv_loop_t *loop,
				const struct rest_request *request,
				rest_call_done *done, void *user);
/* done() is not called any more; not after it was. NULL: no-op. */
void rest_call_cancel(struct rest_call *call);

#endif
