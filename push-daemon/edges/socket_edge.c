#include "socket_edge.h"

#include "buf.h"
#include "hub.h"
#include "mem.h"
#include "sio.h"

#define TOKEN_SIZE 4096
#define ACK_MAX (1024 * 1024)
#define CLOSE_TRY_LATER 4013 /* after 1013 of RFC 6455's registry */

struct socket_client {
	struct client client;	   /* must be first */
	struct sio_socket *socket; /* NULL: it is gone */
};

static struct sio_socket *socket_of(const struct client *client)
{
	return ((const struct socket_client *)client)->socket;
}

static void socket_edge_accept(struct client *client)
{
	sio_accept(socket_of(client));
}

static void socket_edge_refuse(struct client *client, const char *message,
			       const char *data)
{
	sio_refuse(socket_of(client), message, data);
	((struct socket_client *)client)->socket = NULL;
}

static void socket_edge_send(struct client *client, struct sio_message *message,
			     bool droppable)
{
	sio_send(socket_of(client), message, droppable ? SIO_VOLATILE : 0);
}

static void socket_edge_ack(struct client *client, int64_t ack,
			    const char *json, size_t len)
{
	struct buf args;

	buf_init(&args, ACK_MAX);
	buf_room(&args, len + 2); /* at once */
	buf_adds(&args, "[");
	buf_add(&args, json, len);
	buf_adds(&args, "]");
	sio_ack(socket_of(client), ack, args.data, args.len);
	buf_done(&args);
}

static void socket_edge_close(struct client *client)
{
	sio_disconnect(socket_of(client), true);
}

static void socket_edge_drop(struct client *client)
{
	sio_close(socket_of(client), CLOSE_TRY_LATER, "try again later");
}

static const char *socket_edge_transport(const struct client *client)
{
	return sio_socket_transport(socket_of(client));
}

static size_t socket_edge_waiting(const struct client *client)
{
	const struct sio_socket *socket = socket_of(client);

	return socket == NULL ? 0 : sio_socket_waiting(socket);
}

static void socket_edge_free(struct client *client)
{
	free(client);
}

static const struct client_ops ops = {
	.accept = socket_edge_accept,
	.refuse = socket_edge_refuse,
	.send = socket_edge_send,
	.ack = socket_edge_ack,
	.close = socket_edge_close,
	.drop = socket_edge_drop,
	.transport = socket_edge_transport,
	.waiting = socket_edge_waiting,
	.free = socket_edge_free,
};

static void socket_edge_on_connect(struct sio_socket *socket,
				   const struct sio_handshake *handshake,
				   void *user)
{
	struct socket_client *client = xcalloc(1, sizeof(*client));
	char token[TOKEN_SIZE];
	const struct hub_hello hello = {
		.auth = handshake->auth,
		.auth_len = handshake->auth_len,
		.query_token = token,
		.address = handshake->address,
		.agent = handshake->user_agent,
		.request_id = handshake->request_id,
	};

	client->client.ops = &ops;
	client->socket = socket;
	sio_socket_set_user(socket, client);
	sio_query(handshake, "token", token, sizeof(token));
	hub_client_connect(user, &client->client, &hello);
}

static void socket_edge_on_event(struct sio_socket *socket,
				 const struct sio_event *event, void *user)
{
	struct socket_client *client = sio_socket_user(socket);
	const struct hub_event heard = {
		.name = event->name,
		.args = event->args,
		.args_len = event->args_len,
		.ack = event->ack,
	};

	hub_client_event(user, &client->client, &heard);
}

static bool socket_edge_on_admit(struct sio_socket *socket, size_t bytes,
				 int64_t ack, void *user)
{
	struct socket_client *client = sio_socket_user(socket);

	return hub_client_admit(user, &client->client, bytes, ack);
}

static void socket_edge_on_disconnect(struct sio_socket *socket,
				      enum sio_reason reason, void *user)
{
	struct socket_client *client = sio_socket_user(socket);

	client->socket = NULL;
	hub_client_gone(user, &client->client, sio_reason_name(reason));
}

void socket_edge_serve(struct sio_server *server, struct hub *hub)
{
	static const struct sio_handlers handlers = {
		.connect = socket_edge_on_connect,
		.event = socket_edge_on_event,
		.disconnect = socket_edge_on_disconnect,
		.admit = socket_edge_on_admit,
	};

	sio_namespace(server, "/", &handlers, hub);
}
