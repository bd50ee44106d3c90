/*
 * rest_ask - a question to palabre-api at its own socket, in the place of a web
 * server, waiting for the answer. It comes from no client's address: some
 * routes answer it without a token (ROUTE_WATCH).
 */
#ifndef REST_ASK_H
#define REST_ASK_H

struct rest_question {
	const char *socket;
	const char *method, *path; /* with its query */
	const char *token;	   /* NULL: nobody's */
	const char *body;	   /* JSON; NULL: none */
};

/* The body of the answer, for the caller to free, and its status; or NULL and
 * errno, which is EAGAIN when nobody answers in time. */
char *rest_ask(const struct rest_question *question, int *status);

#endif
