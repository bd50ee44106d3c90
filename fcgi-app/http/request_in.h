/*
 * request_in - what a web server said about a request, and the struct request
 * made of it: the target is decoded strictly, or refused.
 *
 * A circle with router: the router looks a request up, and a request holds the
 * parameters that were found in its path.
 */
#ifndef REQUEST_IN_H
#define REQUEST_IN_H

#include <stdbool.h>

#include "request.h"
#include "router.h"

#define REQUEST_SEGMENTS_MAX 8

/* As it came; any text may be NULL. */
struct request_source {
	const char *method;
	const char *target; /* path, maybe ? and a query, percent-encoded */
	const char *content_type, *authorization, *origin;
	const char *asked_headers; /* by a preflight (Fetch, section 4.8) */
	const char *id, *address, *agent;
	struct body_reader *reader; /* NULL: it has no body */
	int64_t now_ms;
	int peer; /* the connection that it came by */
};

/* A request and the memory it borrows from. */
struct request_in {
	struct request request;
	char *path, *segments, *query;
	char *text; /* of the body, until there is a tree of it */
	size_t text_len;
	const char *segment[REQUEST_SEGMENTS_MAX]; /* of the path */
	size_t segment_count;
	bool open; /* nobody has to be known */
};

/* False: the target is malformed (bad escape, NUL, not UTF-8, an encoded
 * slash, too many parts). in has to be done() in either case. */
bool request_in_init(struct request_in *in,
		     const struct request_source *source);
void request_in_done(struct request_in *in);

enum request_body {
	REQUEST_BODY_OK,
	REQUEST_BODY_MISSING, /* an object is required */
	REQUEST_BODY_TYPE,    /* Content-Type is not application/json */
	REQUEST_BODY_FORM,    /* a form, where bytes are taken as they are */
	REQUEST_BODY_LARGE,   /* bytes or values */
	REQUEST_BODY_DEEP,
	REQUEST_BODY_INVALID, /* not UTF-8, not JSON */
	REQUEST_BODY_NO_OBJECT,
	REQUEST_BODY_BROKEN, /* nobody waits for an answer */
};

/* Reads what the route takes, unless its handler does. */
enum request_body request_in_fetch(struct request_in *in,
				   const struct request_source *source,
				   const struct route *route);
/* Then makes in->request.body of it, if it is JSON, or in->request.text. */
enum request_body request_in_parse(struct request_in *in,
				   const struct route *route);

#endif
