#include "sio_socket.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "crypt.h"
#include "mem.h"
#include "sio_core.h"
#include "sio_wire.h"

#define ID_BYTES 15

/* Acknowledgements a socket awaits, oldest first: clients answer in order, so
 * the search is short. */
struct await {
	struct await *next;
	int64_t id;
	sio_answered *done;
	void *user;
};

struct sio_acks {
	struct await *first, **last;
	size_t count;
	int64_t next_id;
};

struct sio_socket *sio_socket_new(struct sio_client *client,
				  struct sio_namespace *nsp)
{
	struct sio_socket *socket = xcalloc(1, sizeof(*socket));
	uint8_t bytes[ID_BYTES];

	client->core->config.random(bytes, sizeof(bytes));
	char *text = crypt_base64(bytes, sizeof(bytes));

	for (size_t i = 0; i < SIO_ID_SIZE - 1; i++)
		socket->id[i] = text[i] == '+'	 ? '-'
				: text[i] == '/' ? '_'
						 : text[i];
	free(text);
	socket->client = client;
	socket->nsp = nsp;
	socket->state = SIO_CONNECTING;
	socket->next = client->sockets;
	client->sockets = socket;
	sio_member_init(&socket->member, socket);
	return socket;
}

static void leave_client(struct sio_socket *socket)
{
	struct sio_client *client = socket->client;
	struct sio_socket **at = &client->sockets;

	while (*at != socket)
		at = &(*at)->next;
	*at = socket->next;
	if (client->sockets == NULL && !eio_is_stranger(client->session))
		eio_stranger(client->session);
	socket->client = NULL;
}

static void end_as(struct sio_socket *socket, enum sio_socket_state state,
		   enum sio_reason reason)
{
	struct sio_core *core = socket->nsp->core;

	sio_room_leave_all(socket->nsp->rooms, &socket->member);
	sio_namespace_leave(socket);
	leave_client(socket);
	socket->state = (uint8_t)state;
	socket->reason = (uint8_t)reason;
	socket->next = core->ending;
	core->ending = socket;
}

void sio_socket_end(struct sio_socket *socket, enum sio_reason reason)
{
	end_as(socket, SIO_ENDING, reason);
}

void sio_accept(struct sio_socket *socket)
{
	struct sio_client *client = socket->client;
	char json[64];

	if (socket->state != SIO_CONNECTING)
		return;
	socket->state = SIO_CONNECTED;
	sio_namespace_enter(socket);
	eio_known(client->session);
	int len = snprintf(json, sizeof(json), "{\"sid\":\"%s\"}", socket->id);
	sio_client_send(client, SIO_CONNECT, socket->nsp->name, -1, json,
			(size_t)len);
}

void sio_refuse(struct sio_socket *socket, const char *message,
		const char *data)
{
	struct buf json;

	if (socket->state != SIO_CONNECTING)
		return;
	buf_init(&json, UINT32_MAX);
	buf_adds(&json, "{\"message\":");
	sio_wire_quote(&json, message);
	if (data != NULL) {
		buf_adds(&json, ",\"data\":");
		buf_adds(&json, data);
	}
	buf_adds(&json, "}");
	sio_client_send(socket->client, SIO_CONNECT_ERROR, socket->nsp->name,
			-1, json.data, json.len);
	buf_done(&json);
	socket->client->left = true;
	sio_client_departs(socket->client);
	end_as(socket, SIO_REFUSED, SIO_SERVER_DISCONNECT);
}

void sio_send(struct sio_socket *socket, struct sio_message *message, int flags)
{
	if (socket->state != SIO_CONNECTED)
		return;
	eio_send(socket->client->session,
		 sio_message_wire(message, socket->nsp->name),
		 (flags & SIO_VOLATILE) != 0);
}

void sio_ack_binary(struct sio_socket *socket, int64_t ack, const char *args,
		    size_t len, const struct sio_bytes *attachments,
		    size_t count)
{
	if (socket->state != SIO_CONNECTED || ack < 0)
		return;
	struct eio_message *message =
		sio_wire(count > 0 ? SIO_BINARY_ACK : SIO_ACK,
			 socket->nsp->name, ack, args, len, attachments, count);

	eio_send(socket->client->session, message, false);
	eio_message_unref(message);
}

void sio_ack(struct sio_socket *socket, int64_t ack, const char *args,
	     size_t len)
{
	sio_ack_binary(socket, ack, args, len, NULL, 0);
}

bool sio_emit_with_ack(struct sio_socket *socket, const char *json, size_t len,
		       sio_answered *done, void *user)
{
	struct sio_acks *acks = socket->acks;

	if (socket->state != SIO_CONNECTED)
		return false;
	if (acks == NULL) {
		acks = socket->acks = xcalloc(1, sizeof(*acks));
		acks->last = &acks->first;
	}
	if (acks->count >= socket->nsp->core->config.max_acks)
		return false;

	struct await *await = xcalloc(1, sizeof(*await));
	await->id = acks->next_id++;
	await->done = done;
	await->user = user;
	*acks->last = await;
	acks->last = &await->next;
	acks->count++;
	sio_client_send(socket->client, SIO_EVENT, socket->nsp->name, await->id,
			json, len);
	return true;
}

static struct await *take_await(struct sio_acks *acks, struct await **at)
{
	struct await *await = *at;

	*at = await->next;
	if (*at == NULL)
		acks->last = at;
	acks->count--;
	return await;
}

void sio_socket_answered(struct sio_socket *socket, int64_t id,
			 const struct sio_answer *answer)
{
	struct sio_acks *acks = socket->acks;
	struct await **at;

	if (acks == NULL)
		return;
	for (at = &acks->first; *at != NULL && (*at)->id != id;)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	struct await *await = take_await(acks, at);

	await->done(socket, answer, await->user);
	free(await);
}

void sio_socket_end_tell(struct sio_socket *socket)
{
	const struct sio_handlers *handlers = socket->nsp->handlers;
	struct sio_acks *acks = socket->acks;

	while (acks != NULL && acks->first != NULL) {
		struct await *await = take_await(acks, &acks->first);

		await->done(socket, NULL, await->user);
		free(await);
	}
	if (socket->state == SIO_ENDING && handlers->disconnect != NULL)
		handlers->disconnect(socket, (enum sio_reason)socket->reason,
				     socket->nsp->user);
	free(acks);
	free(socket);
}

static bool alive(const struct sio_socket *socket)
{
	return socket->state <= SIO_CONNECTED;
}

void sio_disconnect(struct sio_socket *socket, bool close_transport)
{
	struct sio_client *client = socket->client;

	if (!alive(socket))
		return;
	sio_client_send(client, SIO_DISCONNECT, socket->nsp->name, -1, NULL, 0);
	client->left = true;
	sio_socket_end(socket, SIO_SERVER_DISCONNECT);
	if (close_transport)
		eio_end(client->session, SIO_SERVER_DISCONNECT, 0, NULL);
}

void sio_close(struct sio_socket *socket, int code, const char *word)
{
	if (alive(socket))
		eio_end(socket->client->session, SIO_SERVER_DISCONNECT, code,
			word);
}

const char *sio_socket_id(const struct sio_socket *socket)
{
	return socket->id;
}

const char *sio_socket_namespace(const struct sio_socket *socket)
{
	return socket->nsp->name;
}

const char *sio_socket_transport(const struct sio_socket *socket)
{
	return socket->client == NULL
		       ? ""
		       : eio_session_transport(socket->client->session);
}

size_t sio_socket_waiting(const struct sio_socket *socket)
{
	return socket->client == NULL
		       ? 0
		       : eio_session_waiting(socket->client->session);
}

void sio_socket_set_user(struct sio_socket *socket, void *user)
{
	socket->user = user;
}

void *sio_socket_user(const struct sio_socket *socket)
{
	return socket->user;
}

void sio_join(struct sio_socket *socket, const char *room)
{
	if (alive(socket))
		sio_room_join(socket->nsp->rooms, room, &socket->member);
}

void sio_leave(struct sio_socket *socket, const char *room)
{
	if (alive(socket))
		sio_room_leave(socket->nsp->rooms, room, &socket->member);
}
