/*
 * hub_message - the events that the hub itself says to clients, encoded once.
 * Whoever makes one has the reference to it.
 */
#ifndef HUB_MESSAGE_H
#define HUB_MESSAGE_H

#include <stdint.h>

struct json_object;
struct sio_message;

/* ["name",body]; takes body, which may be NULL. */
struct sio_message *hub_message_new(const char *name, struct json_object *body);

/* last_seen_ms, or PRESENCE_UNSAID, or PRESENCE_ONLINE: who is online was seen
 * now. */
struct sio_message *hub_message_user_status(const char *user_id,
					    const char *status_text,
					    int64_t last_seen_ms,
					    int64_t now_wall_ms);

#endif
