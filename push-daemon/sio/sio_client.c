#include <string.h>

#include "eio_query.h"
#include "mem.h"
#include "sio_core.h"
#include "sio_wire.h"

/* A connection costs a peer something and a packet nothing: what a socket is
 * granted anew, rate limits or a look at its token, is granted so often on one
 * connection. */
#define DEPARTURES_MAX 16
#define INVALID_NAMESPACE "{\"message\":\"Invalid namespace\"}"

/* The handshake of a connection as texts one after the other: the query list,
 * then these. */
static const size_t handshake_texts[] = {
	offsetof(struct sio_handshake, origin),
	offsetof(struct sio_handshake, host),
	offsetof(struct sio_handshake, address),
	offsetof(struct sio_handshake, user_agent),
	offsetof(struct sio_handshake, request_id),
};

static const char **text_at(struct sio_handshake *handshake, size_t i)
{
	return (const char **)((char *)handshake + handshake_texts[i]);
}

static char *pack(const struct sio_handshake *given)
{
	struct sio_handshake handshake = *given;
	size_t size = eio_query_size(given->query);

	for (size_t i = 0; i < COUNT_OF(handshake_texts); i++)
		size += strlen(*text_at(&handshake, i)) + 1;

	char *packed = xmalloc(size);
	size_t at = eio_query_size(given->query);

	memcpy(packed, given->query, at);
	for (size_t i = 0; i < COUNT_OF(handshake_texts); i++) {
		const char *text = *text_at(&handshake, i);
		size_t len = strlen(text) + 1;

		memcpy(packed + at, text, len);
		at += len;
	}
	return packed;
}

static void unpack(const char *packed, struct sio_handshake *out)
{
	const char *at = packed + eio_query_size(packed);

	out->query = packed;
	for (size_t i = 0; i < COUNT_OF(handshake_texts); i++) {
		*text_at(out, i) = at;
		at += strlen(at) + 1;
	}
}

static void start_connect_timer(struct sio_client *client)
{
	struct eio_engine *engine = client->core->engine;

	client->connect_timer.kind = EIO_TIMER_ABOVE;
	eio_wheel_set(eio_engine_wheel(engine), &client->connect_timer,
		      eio_engine_now(engine) +
			      client->core->config.connect_timeout_ms);
}

static void client_open(struct eio_session *session,
			const struct sio_handshake *handshake, void *user)
{
	struct sio_client *client = xcalloc(1, sizeof(*client));

	client->core = user;
	client->session = session;
	client->handshake = pack(handshake);
	eio_session_set_user(session, client);
	start_connect_timer(client);
}

static void client_close(struct eio_session *session, enum sio_reason reason,
			 void *user)
{
	struct sio_client *client = eio_session_user(session);

	(void)user;
	while (client->sockets != NULL)
		sio_socket_end(client->sockets, reason);
	eio_wheel_cancel(eio_engine_wheel(client->core->engine),
			 &client->connect_timer);
	sio_parser_done(&client->parser);
	free(client->handshake);
	free(client);
}

/* Nobody joined a namespace in time. One who still waits for connect()'s
 * answer may wait on. */
void sio_client_timeout(struct sio_client *client)
{
	if (client->sockets == NULL)
		eio_doom(client->session, SIO_PROTOCOL_ERROR, 0,
			 "connect timeout");
	else
		start_connect_timer(client);
}

void sio_client_send(struct sio_client *client, enum sio_type type,
		     const char *nsp, int64_t id, const char *data, size_t len)
{
	struct eio_message *message =
		sio_wire(type, nsp, id, data, len, NULL, 0);

	eio_send(client->session, message, false);
	eio_message_unref(message);
}

static void refuse_namespace(struct sio_client *client,
			     const struct sio_packet *packet)
{
	char *name = xstrndup(packet->nsp, packet->nsp_len);

	sio_client_send(client, SIO_CONNECT_ERROR, name, -1, INVALID_NAMESPACE,
			strlen(INVALID_NAMESPACE));
	free(name);
}

static void take_connect(struct sio_client *client,
			 const struct sio_packet *packet)
{
	struct sio_namespace *nsp =
		sio_core_find(client->core, packet->nsp, packet->nsp_len);

	if (nsp == NULL) {
		refuse_namespace(client, packet);
		return;
	}
	struct sio_socket *socket = sio_socket_new(client, nsp);

	if (nsp->handlers->connect == NULL) {
		sio_accept(socket);
		return;
	}
	char *auth = packet->data_len > 0
			     ? xstrndup(packet->data, packet->data_len)
			     : xstrdup("{}");
	struct sio_handshake handshake = {
		.auth = auth,
		.auth_len = strlen(auth),
		.transport = eio_session_transport(client->session),
	};
	unpack(client->handshake, &handshake);
	nsp->handlers->connect(socket, &handshake, nsp->user);
	free(auth);
}

static void take_disconnect(struct sio_socket *socket,
			    const struct sio_packet *packet)
{
	(void)packet;
	sio_socket_end(socket, SIO_CLIENT_DISCONNECT);
}

static void take_event(struct sio_socket *socket,
		       const struct sio_packet *packet)
{
	struct sio_namespace *nsp = socket->nsp;
	struct sio_event event = {
		.name = packet->name,
		.name_len = packet->name_len,
		.args = packet->args,
		.args_len = packet->args_len,
		.attachments = packet->attachments,
		.attachments_len = packet->attachments_len,
		.ack = packet->id,
	};

	if (nsp->handlers->event != NULL)
		nsp->handlers->event(socket, &event, nsp->user);
}

static void take_ack(struct sio_socket *socket, const struct sio_packet *packet)
{
	struct sio_answer answer = {
		.args = packet->args,
		.args_len = packet->args_len,
		.attachments = packet->attachments,
		.attachments_len = packet->attachments_len,
	};

	sio_socket_answered(socket, packet->id, &answer);
}

static void (*const takers[])(struct sio_socket *socket,
			      const struct sio_packet *packet) = {
	[SIO_DISCONNECT] = take_disconnect,
	[SIO_EVENT] = take_event,
	[SIO_ACK] = take_ack,
	[SIO_BINARY_EVENT] = take_event,
	[SIO_BINARY_ACK] = take_ack,
};

static struct sio_socket *socket_of(const struct sio_client *client,
				    const struct sio_packet *packet)
{
	struct sio_socket *socket = client->sockets;

	while (socket != NULL &&
	       (strlen(socket->nsp->name) != packet->nsp_len ||
		memcmp(socket->nsp->name, packet->nsp, packet->nsp_len) != 0))
		socket = socket->next;
	return socket;
}

void sio_client_departs(struct sio_client *client)
{
	if (client->departures < DEPARTURES_MAX)
		client->departures++;
}

/* Who gives one up unanswered gets no other: somebody still looks at its
 * token. */
static void count_departure(struct sio_client *client,
			    const struct sio_socket *socket)
{
	if (socket->state == SIO_CONNECTING)
		client->departures = DEPARTURES_MAX;
	else
		sio_client_departs(client);
}

/* False: the client is in no state to send that. */
static bool take_packet(struct sio_client *client,
			const struct sio_packet *packet)
{
	struct sio_socket *socket = socket_of(client, packet);

	if (packet->type == SIO_CONNECT) {
		if (socket != NULL || client->departures >= DEPARTURES_MAX)
			return false;
		take_connect(client, packet);
		return true;
	}
	/* What was on its way while we ended that socket is no fault. */
	if (socket == NULL)
		return client->left;
	if (packet->type == SIO_DISCONNECT)
		count_departure(client, socket);
	else if (socket->state == SIO_CONNECTING)
		return false;
	takers[packet->type](socket, packet);
	return true;
}

static void client_message(struct eio_session *session, const void *data,
			   size_t len, bool binary, void *user)
{
	struct sio_client *client = eio_session_user(session);
	const struct sio_limits *limits = &client->core->limits;
	struct sio_packet packet;
	bool ready;

	(void)user;
	enum sio_packet_status status =
		binary ? sio_parser_binary(&client->parser, limits, data, len,
					   &packet, &ready)
		       : sio_parser_text(&client->parser, limits, data, len,
					 &packet, &ready);

	if (status == SIO_PACKET_TOO_LARGE)
		eio_doom(session, SIO_TOO_LARGE, 0, NULL);
	else if (status != SIO_PACKET_OK ||
		 (ready && !take_packet(client, &packet)))
		eio_doom(session, SIO_PROTOCOL_ERROR, 0, NULL);
	sio_packet_done(&packet);
}

const struct sio_engine_handlers sio_client_handlers = {
	.open = client_open,
	.message = client_message,
	.close = client_close,
};
