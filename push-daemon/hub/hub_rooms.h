/*
 * hub_rooms - which clients are in which rooms (shared/room.h has the names).
 */
#ifndef HUB_ROOMS_H
#define HUB_ROOMS_H

#include <stdbool.h>
#include <stddef.h>

#include "client.h"

struct hub_rooms;

struct hub_base;

struct hub_rooms *hub_rooms_new(const struct hub_base *base);
void hub_rooms_free(struct hub_rooms *rooms); /* empty; NULL: no-op */

void hub_rooms_join(struct hub_rooms *rooms, const char *name,
		    struct client *client);
void hub_rooms_leave(struct hub_rooms *rooms, const char *name,
		     struct client *client);
void hub_rooms_leave_all(struct hub_rooms *rooms, struct client *client);

bool hub_rooms_has(const struct hub_rooms *rooms, const char *name,
		   const struct client *client);
/* Is anybody in it? */
bool hub_rooms_is_occupied(const struct hub_rooms *rooms, const char *name);
size_t hub_rooms_count(const struct hub_rooms *rooms);

/* visit may do what it likes: who goes meanwhile is not visited. */
void hub_rooms_each(struct hub_rooms *rooms, const char *name,
		    client_visit *visit, void *user);

#endif
