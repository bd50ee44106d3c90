#include <assert.h>
#include <string.h>

#include "mem.h"
#include "sio_core.h"

struct sio_namespace *sio_namespace_find(struct sio_core *core,
					 const char *name, size_t len)
{
	struct sio_namespace *nsp = core->namespaces;

	while (nsp != NULL &&
	       (strlen(nsp->name) != len || memcmp(nsp->name, name, len) != 0))
		nsp = nsp->next;
	return nsp;
}

void sio_namespace_add(struct sio_core *core, const char *name,
		       const struct sio_handlers *handlers, void *user)
{
	size_t len = strlen(name);
	struct sio_namespace *nsp = xcalloc(1, sizeof(*nsp) + len + 1);

	assert(name[0] == '/' && strchr(name, ',') == NULL);
	assert(sio_namespace_find(core, name, len) == NULL);
	memcpy(nsp->name, name, len + 1);
	nsp->core = core;
	nsp->handlers = handlers;
	nsp->user = user;
	nsp->rooms = sio_rooms_new(core->config.random);
	nsp->next = core->namespaces;
	core->namespaces = nsp;
}

void sio_namespace_enter(struct sio_socket *socket)
{
	struct sio_namespace *nsp = socket->nsp;

	socket->next_in_nsp = nsp->sockets;
	socket->at_in_nsp = &nsp->sockets;
	if (nsp->sockets != NULL)
		nsp->sockets->at_in_nsp = &socket->next_in_nsp;
	nsp->sockets = socket;
}

void sio_namespace_leave(struct sio_socket *socket)
{
	if (socket->at_in_nsp == NULL)
		return;
	*socket->at_in_nsp = socket->next_in_nsp;
	if (socket->next_in_nsp != NULL)
		socket->next_in_nsp->at_in_nsp = socket->at_in_nsp;
	socket->at_in_nsp = NULL;
}

void sio_namespaces_free(struct sio_core *core)
{
	struct sio_namespace *nsp;

	while ((nsp = core->namespaces) != NULL) {
		core->namespaces = nsp->next;
		sio_rooms_free(nsp->rooms);
		free(nsp);
	}
}
