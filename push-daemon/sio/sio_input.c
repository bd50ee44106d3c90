#include <string.h>

#include "mem.h"
#include "sio_core.h"

#define PASSED_OVER_MOST 200
#define PAUSE_MS 1000
#define INVALID_NAMESPACE "{\"message\":\"Invalid namespace\"}"

static void client_open(struct eio_session *session,
			const struct sio_handshake *handshake, void *user)
{
	struct sio_client *client = xcalloc(1, sizeof(*client));

	client->core = user;
	client->session = session;
	client->handshake = sio_client_pack(handshake);
	eio_session_set_user(session, client);
}

static void client_close(struct eio_session *session, enum sio_reason reason,
			 void *user)
{
	struct sio_client *client = eio_session_user(session);

	(void)user;
	while (client->sockets != NULL)
		sio_socket_end(client->sockets, reason);
	sio_parser_done(&client->parser);
	free(client->handshake);
	free(client);
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
		sio_namespace_find(client->core, packet->nsp, packet->nsp_len);

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
	sio_client_unpack(client->handshake, &handshake);
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

static void (*const sio_takers[])(struct sio_socket *socket,
				  const struct sio_packet *packet) = {
	[SIO_DISCONNECT] = take_disconnect,
	[SIO_EVENT] = take_event,
	[SIO_ACK] = take_ack,
	[SIO_BINARY_EVENT] = take_event,
	[SIO_BINARY_ACK] = take_ack,
};

static struct sio_socket *sio_input_socket(const struct sio_client *client,
					   const struct sio_packet *packet)
{
	struct sio_socket *socket = client->sockets;

	while (socket != NULL &&
	       (strlen(socket->nsp->name) != packet->nsp_len ||
		memcmp(socket->nsp->name, packet->nsp, packet->nsp_len) != 0))
		socket = socket->next;
	return socket;
}

/* Who gives one up unanswered gets no other: somebody still looks at its
 * token. */
static void count_departure(struct sio_client *client,
			    const struct sio_socket *socket)
{
	if (socket->state == SIO_CONNECTING)
		client->departures = SIO_DEPARTURES_MAX;
	else
		sio_client_departs(client);
}

/* Who goes on after so many were not admitted is not read from for a while: it
 * is to wait, and not we to say no all the time. */
static bool admits(struct sio_socket *socket, const struct sio_packet *head,
		   size_t bytes)
{
	const struct sio_namespace *nsp = socket->nsp;
	struct sio_client *client = socket->client;

	if (nsp->handlers->admit == NULL ||
	    nsp->handlers->admit(socket, bytes, head->id, nsp->user)) {
		client->passed_over = 0;
		return true;
	}
	if (++client->passed_over == PASSED_OVER_MOST) {
		client->passed_over = 0;
		eio_pause(client->session, PAUSE_MS);
	}
	return false;
}

/* Before anything of it is read but its head: is the client in a state to send
 * that, and does the layer above take so much? */
static enum sio_gate input_gate(const struct sio_packet *head, size_t bytes,
				void *user)
{
	const struct sio_client *client = user;
	struct sio_socket *socket = sio_input_socket(client, head);

	if (head->type == SIO_CONNECT)
		return socket == NULL && client->departures < SIO_DEPARTURES_MAX
			       ? SIO_GATE_TAKE
			       : SIO_GATE_REFUSE;
	/* What was on its way while we ended that socket is no fault. */
	if (socket == NULL)
		return client->left ? SIO_GATE_SKIP : SIO_GATE_REFUSE;
	if (head->type == SIO_DISCONNECT)
		return SIO_GATE_TAKE;
	if (socket->state == SIO_CONNECTING)
		return SIO_GATE_REFUSE;
	return admits(socket, head, bytes) ? SIO_GATE_TAKE : SIO_GATE_SKIP;
}

static void sio_take_packet(struct sio_client *client,
			    const struct sio_packet *packet)
{
	struct sio_socket *socket = sio_input_socket(client, packet);

	if (packet->type == SIO_CONNECT) {
		take_connect(client, packet);
		return;
	}
	if (socket == NULL) /* gone while the gate was asked */
		return;
	if (packet->type == SIO_DISCONNECT)
		count_departure(client, socket);
	sio_takers[packet->type](socket, packet);
}

static void client_message(struct eio_session *session, const void *data,
			   size_t len, bool binary, void *user)
{
	struct sio_client *client = eio_session_user(session);
	const struct sio_feed feed = {&client->core->limits, input_gate,
				      client};
	struct sio_packet packet;
	bool ready;

	(void)user;
	enum sio_packet_status status =
		binary ? sio_parser_binary(&client->parser, &feed, data, len,
					   &packet, &ready)
		       : sio_parser_text(&client->parser, &feed, data, len,
					 &packet, &ready);

	if (status == SIO_PACKET_TOO_LARGE || status == SIO_PACKET_TOO_MANY)
		eio_end(session, SIO_TOO_LARGE, 0, NULL);
	else if (status != SIO_PACKET_OK)
		eio_end(session, SIO_PROTOCOL_ERROR, 0, NULL);
	else if (ready)
		sio_take_packet(client, &packet);
	sio_packet_done(&packet);
	eio_half(session, EIO_HALF_PACKET, sio_parser_waiting(&client->parser));
}

const struct sio_engine_handlers sio_client_handlers = {
	.open = client_open,
	.message = client_message,
	.close = client_close,
};
