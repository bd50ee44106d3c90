/*
 * rest_ask - a question to palabre-api at its own socket, in the place of a web
 * server: a GET without a client, which some routes answer without a token
 * (ROUTE_WATCH).
 */
#ifndef REST_ASK_H
#define REST_ASK_H

/* The body of the answer, for the caller to free, and its status; or NULL and
 * errno, which is EAGAIN when nobody answers in time. */
char *rest_ask(const char *socket, const char *path, int *status);

#endif
