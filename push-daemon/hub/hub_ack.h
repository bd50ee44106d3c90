/*
 * hub_ack - how an event is acknowledged.
 */
#ifndef HUB_ACK_H
#define HUB_ACK_H

#include <stdint.h>

struct client;
struct json_object;

/* Takes answer. ack -1, here and below: none is wanted. */
void hub_ack(struct client *client, int64_t ack, struct json_object *answer);
void hub_ack_error(struct client *client, int64_t ack, const char *code);
/* retry_s: seconds after which to try again; 0: that is not said. */
void hub_ack_error_after(struct client *client, int64_t ack, const char *code,
			 int64_t retry_s);

/* Rounded up. */
int64_t hub_ack_seconds(int64_t ms);

#endif
