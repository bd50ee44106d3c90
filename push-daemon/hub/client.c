#include "client.h"

#include <assert.h>
#include <stdlib.h>

#include "hub_base.h"
#include "hub_message.h"
#include "sio_message.h"

struct client *client_ref(struct client *client)
{
	client->refs++;
	return client;
}

void client_unref(struct client *client)
{
	assert(client->refs > 0);
	if (--client->refs > 0)
		return;
	free(client->address);
	client->ops->free(client);
}

void client_send(struct client *client, struct sio_message *message,
		 bool droppable)
{
	if (client->state != CLIENT_READY)
		return;
	client->base->stats.delivered++;
	client->ops->send(client, message, droppable);
}

void client_send_event(struct client *client, const char *name,
		       struct json_object *body)
{
	struct sio_message *message = hub_message_new(name, body);

	client_send(client, message, false);
	sio_message_unref(message);
}
