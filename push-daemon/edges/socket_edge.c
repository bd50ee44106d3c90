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

static void accept_client(struct client *client)
{
	sio_accept(socket_of(client));
}

static void refuse_client(struct client *client, const char *message,
			  const char *data)
{
	sio_refuse(socket_of(client), message, data);
	((struct socket_client *)client)->socket = NULL;
}

static void send_client(struct client *client, struct sio_message *message,
			bool droppable)
{
	sio_send(socket_of(client), message, droppable ? SIO_VOLATILE : 0);
}

static void ack_client(struct client *client, int64_t ack, const char *json,
		       size_t len)
{
	struct buf args;

	buf_init(&args, ACK_MAX);
	buf_adds(&args, "[");
	buf_add(&args, json, len);
	buf_adds(&args, "]");
	sio_ack(socket_of(client), ack, args.data, args.len);
	buf_done(&args);
}

static void close_client(struct client *client)
{
	sio_disconnect(socket_of(client), true);
}

static void drop_client(struct client *client)
{
	sio_close(socket_of(client), CLOSE_TRY_LATER, "try again later");
}

static void free_client(struct client *client)
{
	free(client);
}

static const struct client_ops ops = {
	.accept = accept_client,
	.refuse = refuse_client,
	.send = send_client,
	.ack = ack_client,
	.close = close_client,
	.drop = drop_client,
	.free = free_client,
};

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
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

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
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

static bool on_admit(struct sio_socket *socket, size_t bytes, int64_t ack,
		     void *user)
{
	struct socket_client *client = sio_socket_user(socket);

	return hub_client_admit(user, &client->client, bytes, ack);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason,
			  void *user)
{
	struct socket_client *client = sio_socket_user(socket);

	client->socket = NULL;
	hub_client_gone(user, &client->client, sio_reason_name(reason));
}

void socket_edge_serve(struct sio_server *server, struct hub *hub)
{
	static const struct sio_handlers handlers = {
		.connect = on_connect,
		.event = on_event,
		.disconnect = on_disconnect,
		.admit = on_admit,
	};

	sio_namespace(server, "/", &handlers, hub);
}
