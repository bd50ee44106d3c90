/*
 * local_rest - REST in the name of somebody, with JSON both ways.
 */
#ifndef LOCAL_REST_H
#define LOCAL_REST_H

struct json_object;

struct local_rest {
	const char *socket; /* path of the pool's */
	const char *token;
};

/* The status of HTTP, 0: nobody answered. body is taken; NULL: none. *answer is
 * the caller's, NULL where it is no JSON. */
int local_rest(const struct local_rest *rest, const char *method,
	       const char *target, struct json_object *body,
	       struct json_object **answer);

/* Why not, for people; borrowed from answer. */
const char *local_rest_words(int status, const struct json_object *answer);

#endif
