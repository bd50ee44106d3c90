#include "sio_core.h"

#include <assert.h>
#include <string.h>

#include "eio_message.h"
#include "eio_query.h"
#include "mem.h"

/* All attachments of an event together, in max_payloads. */
#define REASSEMBLY_PAYLOADS 4

static uint32_t payloads(const struct sio_config *config, uint32_t count)
{
	return config->max_payload > UINT32_MAX / count
		       ? UINT32_MAX
		       : config->max_payload * count;
}

/* So many parts of a whole, but something. */
static uint32_t share(uint32_t whole, uint32_t parts, uint32_t of)
{
	uint32_t some = (uint32_t)((uint64_t)whole * parts / of);

	return some > 0 ? some : 1;
}

void sio_config_complete(struct sio_config *config)
{
	const struct {
		uint32_t *field;
		uint32_t preset;
	} numbers[] = {
		{&config->ping_interval_ms, 25000},
		{&config->ping_timeout_ms, 20000},
		{&config->connect_timeout_ms, 10000},
		{&config->upgrade_timeout_ms, 10000},
		{&config->max_payload, 1000000},
		{&config->max_attachments, 32},
		{&config->max_values, 50000},
		{&config->stranger_payload, 8192},
		{&config->max_unfinished, 67108864},
		{&config->packet_timeout_ms, 20000},
		{&config->outbox_max, 262144},
		{&config->max_connections, 100000},
		{&config->max_acks, 1024},
	};

	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		if (*numbers[i].field == 0)
			*numbers[i].field = numbers[i].preset;
	}
	if (config->max_packet == 0)
		config->max_packet = payloads(config, REASSEMBLY_PAYLOADS);
	if (config->max_strangers == 0)
		config->max_strangers = share(config->max_connections, 4, 5);
	if (config->max_strangers_per_address == 0)
		config->max_strangers_per_address =
			share(config->max_strangers, 1, 2);
	if (config->stranger_payload > config->max_payload)
		config->stranger_payload = config->max_payload;
	if (config->path == NULL)
		config->path = "/socket.io/";
	assert(config->now_ms != NULL && config->random != NULL);
}

static bool core_settle(void *user)
{
	struct sio_core *core = user;
	struct sio_socket *socket = core->ending;

	if (socket == NULL)
		return false;
	core->ending = socket->next;
	sio_socket_end_tell(socket);
	return true;
}

/* connect() was called and nobody has answered it. */
static bool core_waits(struct eio_session *session, void *user)
{
	const struct sio_client *client = eio_session_user(session);

	(void)user;
	return client->sockets != NULL;
}

struct sio_core *sio_core_new(const struct sio_config *config,
			      const struct eio_edge *edge, int64_t now_ms)
{
	struct sio_core *core = xcalloc(1, sizeof(*core));

	core->config = *config;
	core->limits = (struct sio_limits){
		.max_attachments = config->max_attachments,
		.max_bytes = config->max_packet,
		.max_values = config->max_values,
	};
	core->engine = eio_engine_new(config, edge, now_ms);
	eio_engine_hooks(core->engine, core_settle, core_waits, core);
	sio_core_engine(core, config->path, &sio_client_handlers, core);
	return core;
}

void sio_core_free(struct sio_core *core)
{
	if (core == NULL)
		return;
	eio_engine_free(core->engine);
	sio_namespaces_free(core);
	free(core->endpoints);
	free(core);
}

void sio_core_engine(struct sio_core *core, const char *path,
		     const struct sio_engine_handlers *handlers, void *user)
{
	/* Sessions point at their endpoint: all are named before the first. */
	assert(eio_engine_stats(core->engine)->connections_total == 0);
	core->endpoints =
		xrealloc(core->endpoints,
			 (core->endpoints_len + 1) * sizeof(*core->endpoints));
	core->endpoints[core->endpoints_len++] = (struct eio_endpoint){
		path, handlers, user, handlers == &sio_client_handlers};
}

const struct eio_endpoint *sio_core_endpoint(const struct sio_core *core,
					     const char *path, size_t len)
{
	for (size_t i = 0; i < core->endpoints_len; i++) {
		const char *own = core->endpoints[i].path;
		size_t own_len = strlen(own);

		if ((len == own_len || len + 1 == own_len) &&
		    memcmp(own, path, len) == 0)
			return &core->endpoints[i];
	}
	return NULL;
}

struct delivery {
	struct sio_message *message;
	int flags;
	const struct sio_socket *except;
	size_t sent;
};

static void core_deliver(void *owner, void *user)
{
	struct sio_socket *socket = owner;
	struct delivery *delivery = user;

	if (socket == delivery->except)
		return;
	sio_send(socket, delivery->message, delivery->flags);
	delivery->sent++;
}

size_t sio_core_send_room(struct sio_core *core, const char *name,
			  const char *room, struct sio_message *message,
			  int flags, const struct sio_socket *except)
{
	struct sio_namespace *nsp =
		sio_namespace_find(core, name, strlen(name));
	struct delivery delivery = {message, flags, except, 0};

	if (nsp == NULL)
		return 0;
	if (room != NULL) {
		sio_room_each(nsp->rooms, room, core_deliver, &delivery);
		return delivery.sent;
	}
	/* A send never takes a socket out of the list by itself. */
	for (struct sio_socket *socket = nsp->sockets; socket != NULL;
	     socket = socket->next_in_nsp)
		core_deliver(socket, &delivery);
	return delivery.sent;
}

bool sio_query(const struct sio_handshake *handshake, const char *name,
	       char *out, size_t out_size)
{
	const char *value = eio_query_get(handshake->query, name);

	out[0] = '\0';
	if (value == NULL || strlen(value) >= out_size)
		return false;
	memcpy(out, value, strlen(value) + 1);
	return true;
}

void sio_engine_send(struct eio_session *session, const void *data, size_t len,
		     bool binary)
{
	struct eio_part part = {
		.head = "4",
		.head_len = binary ? 0 : 1,
		.body = data,
		.body_len = len,
		.binary = binary,
	};
	struct eio_message *message = eio_message_new(&part, 1);

	eio_send(session, message, false);
	eio_message_unref(message);
}

void sio_engine_close(struct eio_session *session)
{
	eio_end(session, SIO_SERVER_DISCONNECT, 0, NULL);
}
