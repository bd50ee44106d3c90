/*
 * sync_request - what a client says it knows: the body of POST /api/sync.
 * Pure.
 */
#ifndef SYNC_REQUEST_H
#define SYNC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "ids.h"
#include "sync_plan.h"

struct json_object;

/* A conversation as the client named it. */
struct sync_named {
	char id[ID_SIZE];
	struct sync_point at;
	bool met;    /* for the caller; false at first */
	bool wrong;  /* never, of a request that was read */
	size_t said; /* how many were named before it */
};

struct sync_request {
	const char *epoch; /* NULL: none */
	int64_t own;	   /* the number of the newest own mark; 0: none */
	struct sync_named *named; /* by id, each once */
	size_t count, cap;
	struct json_object *tree; /* owned: epoch's */
};

/* Of an object that json_would_parse(), with a NUL. NULL, or the field that is
 * wrong. sync_request_done() frees in either case. */
const char *sync_request_read(struct sync_request *request, const char *body);
void sync_request_done(struct sync_request *request);

/* NULL: the client did not name it. */
struct sync_named *sync_request_find(const struct sync_request *request,
				     const char *id);

#endif
