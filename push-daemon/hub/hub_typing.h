/*
 * hub_typing - who types where: to whom it goes, and the stop that follows.
 */
#ifndef HUB_TYPING_H
#define HUB_TYPING_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct hub_audience;
struct hub_base;
struct hub_rooms;
struct hub_typing;
struct hub_users;
struct json_object;

struct hub_typing *hub_typing_new(const struct hub_base *base,
				  struct hub_audience *audience,
				  struct hub_users *users,
				  struct hub_rooms *rooms);
void hub_typing_free(struct hub_typing *typing); /* NULL: no-op */

/* body: {to} or {conversationId}; false: it is neither. */
bool hub_typing_start(struct hub_typing *typing, struct client *client,
		      const struct json_object *body);
bool hub_typing_stop(struct hub_typing *typing, const struct client *client,
		     const struct json_object *body);

/* A message of that user's is there. */
void hub_typing_written(struct hub_typing *typing, const char *user_id,
			const char *conversation);
/* A client goes; what it typed has stopped, which the next tick says. */
void hub_typing_gone(struct hub_typing *typing, struct client *client);
void hub_typing_tick(struct hub_typing *typing);
uint64_t hub_typing_count(const struct hub_typing *typing);

#endif
