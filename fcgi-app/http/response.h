/*
 * response - the only way bytes leave a worker: a status, headers and a body,
 * which is one JSON value unless its type is said. Calling one of these a
 * second time replaces what the first said. Errors are
 * {"error":{"code","message","field"?}}.
 */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "refusals.h"
#include "store.h"

struct buf;
struct json_object;
struct json_text;
struct response;

/* An empty body to be written to, if need be before it is clear what it
 * becomes: an error replaces it. Borrowed. */
struct json_text *response_body(struct response *response, int status);

/* Takes body. */
void response_json(struct response *response, int status,
		   struct json_object *body);

/* 200 {"message": words}, where there is nothing else to say. */
void response_say(struct response *response, const char *words);

/* An empty body of another type (a literal, RFC 9110), to be written to as
 * that of response_body(). */
struct buf *response_bytes(struct response *response, int status,
			   const char *type);

/* In the words of the table, or in others; field and words may be NULL. */
void response_refuse(struct response *response, enum refusal refusal);
void response_refuse_as(struct response *response, enum refusal refusal,
			const char *field, const char *words);

/* With Retry-After. */
void response_refuse_for(struct response *response, enum refusal refusal,
			 int64_t seconds);

/* The answer to a store verb that was not STORE_OK; 503 with Retry-After. */
void response_store_error(struct response *response, enum store_status status);
enum refusal response_store_refusal(enum store_status status);

/* Of what was said last. */
int response_status(const struct response *response);

/* name is a literal; name and value are printable ASCII. Each name once: the
 * last value stands. */
void response_header(struct response *response, const char *name,
		     const char *value);
/* May it be one of those? To be asked of what a client said. */
bool response_header_may_be(const char *value);

/* The answer says in its own way that the store is not available: the
 * operator is to read why. */
void response_store_failed(struct response *response);

#endif
