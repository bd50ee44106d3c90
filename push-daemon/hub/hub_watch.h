/*
 * hub_watch - whom a client watches, even if they are strangers to it.
 */
#ifndef HUB_WATCH_H
#define HUB_WATCH_H

#include <stdbool.h>

struct client;
struct hub_rooms;
struct json_object;

/* ids, of whom a guest may watch few, take the place of those it watched until
 * now: client->watched. False: they are not as
 * they should be, and nothing changed. */
bool hub_watch_set(struct hub_rooms *rooms, struct client *client,
		   struct json_object *ids);
/* It has left all rooms: free what is left. */
void hub_watch_done(struct client *client);

#endif
