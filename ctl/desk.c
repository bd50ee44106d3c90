#include "desk.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

void desk_done(struct desk *desk)
{
	for (size_t i = 0; i < desk->count; i++) {
		free(desk->clients[i]->name);
		free(desk->clients[i]);
	}
	free(desk->clients);
	*desk = (struct desk){NULL, 0};
}

struct desk_client *desk_client(const struct desk *desk, const char *id)
{
	for (size_t i = 0; i < desk->count; i++) {
		if (strcmp(desk->clients[i]->id, id) == 0)
			return desk->clients[i];
	}
	return NULL;
}

bool desk_is_lobby(const struct desk_client *client)
{
	return strcmp(client->id, ID_LOBBY) == 0;
}

struct desk_client *desk_meet(struct desk *desk, const char *id,
			      const char *name)
{
	struct desk_client *client = desk_client(desk, id);

	if (client != NULL || desk->count == DESK_MAX || !id_valid(id))
		return client;
	if ((desk->count & (desk->count - 1)) == 0) /* a power of two: full */
		desk->clients = xrealloc(desk->clients, 2 * (desk->count + 1) *
								sizeof(client));
	client = xcalloc(1, sizeof(*client));
	desk->clients[desk->count++] = client;
	client->number = desk->count;
	memcpy(client->id, id, ID_SIZE);
	if (desk_is_lobby(client))
		memcpy(client->conversation, id, ID_SIZE);
	else
		id_direct(id, ID_SERVER, client->conversation);
	client->name = xstrdup(name);
	return client;
}

struct desk_client *desk_find(const struct desk *desk, const char *word)
{
	struct desk_client *found = NULL;
	char *end, *wanted = text_fold(word);
	unsigned long number = strtoul(word, &end, 10);

	for (size_t i = 0; i < desk->count && found == NULL; i++) {
		char *name = text_fold(desk->clients[i]->name);

		if (strcmp(name, wanted) == 0)
			found = desk->clients[i];
		free(name);
	}
	if (found == NULL && *word != '\0' && *end == '\0' && number >= 1 &&
	    number <= desk->count)
		found = desk->clients[number - 1];
	free(wanted);
	return found;
}
