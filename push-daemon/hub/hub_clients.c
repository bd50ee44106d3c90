#include "hub_clients.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

struct hub_clients {
	struct client_list list;
	size_t count;
};

struct hub_clients *hub_clients_new(void)
{
	struct hub_clients *clients = xcalloc(1, sizeof(*clients));

	TAILQ_INIT(&clients->list);
	return clients;
}

void hub_clients_free(struct hub_clients *clients)
{
	if (clients == NULL)
		return;
	assert(clients->count == 0);
	free(clients);
}

void hub_clients_add(struct hub_clients *clients, struct client *client)
{
	TAILQ_INSERT_TAIL(&clients->list, client, link);
	clients->count++;
}

void hub_clients_remove(struct hub_clients *clients, struct client *client)
{
	TAILQ_REMOVE(&clients->list, client, link);
	clients->count--;
}

size_t hub_clients_count(const struct hub_clients *clients)
{
	return clients->count;
}

void hub_clients_each(struct hub_clients *clients, client_visit *visit,
		      void *user)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&clients->list); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		visit(client, user);
	}
}
