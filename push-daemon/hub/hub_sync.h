/*
 * hub_sync - tells clients to fetch for themselves what they may have missed.
 */
#ifndef HUB_SYNC_H
#define HUB_SYNC_H

struct client;
struct hub_audience;
struct hub_base;
struct hub_clients;
struct hub_sync;

struct hub_sync *hub_sync_new(struct hub_base *base,
			      struct hub_audience *audience,
			      struct hub_clients *clients);
void hub_sync_free(struct hub_sync *sync); /* NULL: no-op */

void hub_sync_client(struct hub_sync *sync, struct client *client);
/* rooms: names with a blank between. */
void hub_sync_rooms(struct hub_sync *sync, const char *rooms);
/* Each at a moment of its own within the next seconds. */
void hub_sync_everyone(struct hub_sync *sync);
void hub_sync_tick(struct hub_sync *sync);

#endif
