/*
 * hub_log - the hub's lines in the log, at level debug; failures that people
 * notice at info. Every line of a connection has its name, the id of the
 * request that opened it, and the way of each of its events is `name.1`,
 * `name.2`...: here, in the worker's lines, and in the frames.
 */
#ifndef HUB_LOG_H
#define HUB_LOG_H

#include <stdint.h>

struct client;
struct frame_head;

/* Room for `name.4294967295`. */
#define HUB_REQUEST_SIZE 52

/* Name a new client: nginx's request id, else one of our own. */
void hub_log_name(struct client *client, const char *request_id);
/* The id of its next request. */
void hub_log_request(struct client *client, char out[HUB_REQUEST_SIZE]);

/* It came in or was turned away; code: why it was refused, or NULL. */
void hub_log_client(const char *message, const struct client *client,
		    const char *code);
/* It went. */
void hub_log_gone(const struct client *client, const char *reason);
/* An event of its own was answered; code "" is good. */
void hub_log_answer(const struct client *client, const char *event,
		    const char *request_id, const char *code);
/* What became of a frame; sent: messages to sockets. */
void hub_log_frame(const char *message, const struct frame_head *head,
		   uint64_t sent);

#endif
