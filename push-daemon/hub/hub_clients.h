/*
 * hub_clients - the clients that were admitted and have not gone: READY and
 * CLOSING ones, in the order in which they came.
 */
#ifndef HUB_CLIENTS_H
#define HUB_CLIENTS_H

#include <stddef.h>

#include "client.h"

struct hub_clients;

struct hub_clients *hub_clients_new(void);
void hub_clients_free(struct hub_clients *clients); /* empty; NULL: no-op */

void hub_clients_add(struct hub_clients *clients, struct client *client);
void hub_clients_remove(struct hub_clients *clients, struct client *client);
size_t hub_clients_count(const struct hub_clients *clients);

/* visit may make the client go that it gets, and no other. */
void hub_clients_each(struct hub_clients *clients, client_visit *visit,
		      void *user);

#endif
