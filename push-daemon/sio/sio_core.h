/*
 * sio_core - Socket.IO on top of an Engine.IO engine: namespaces, clients and
 * their sockets. Knows no loop and no libwebsockets; sio_server adds these.
 *
 * Files, each calling only those above it: sio_namespace.c (who is in it),
 * sio_client.c (one connection), sio_socket.c (one socket), sio_input.c (what a
 * connection sends us), sio_core.c (life, fan-out).
 *
 * A circle with sio_socket: sio_socket.h is what users of libsio see of a
 * socket, and this what libsio itself does.
 */
#ifndef SIO_CORE_H
#define SIO_CORE_H

#include "eio_engine.h"
#include "sio_packet.h"
#include "sio_room.h"
#include "sio_socket.h"

#define SIO_ID_SIZE 21 /* 20 of base64url and NUL */

struct sio_core {
	struct sio_config config;
	struct sio_limits limits;
	struct eio_engine *engine;
	struct eio_endpoint *endpoints; /* [0] is Socket.IO */
	size_t endpoints_len;
	struct sio_namespace *namespaces;
	struct sio_socket *ending; /* to be told disconnect() */
};

struct sio_namespace {
	struct sio_namespace *next;
	struct sio_core *core;
	const struct sio_handlers *handlers;
	void *user;
	struct sio_rooms *rooms;
	struct sio_socket *sockets; /* connected */
	char name[];
};

/* One Engine.IO session that speaks Socket.IO. */
struct sio_client {
	struct sio_core *core;
	struct eio_session *session;
	struct sio_socket *sockets;
	struct sio_parser parser;
	char *handshake; /* packed by sio_client.c */
	bool left; /* the server ended a socket: its late packets may come */
	uint8_t passed_over; /* events in a row, see input_gate() */
	uint8_t departures;  /* how often it left a namespace, or was refused */
};

enum sio_socket_state {
	SIO_CONNECTING, /* connect() was called, nobody answered yet */
	SIO_CONNECTED,
	SIO_ENDING,  /* disconnect() is due */
	SIO_REFUSED, /* no disconnect() */
};

struct sio_socket {
	struct sio_client *client; /* NULL once ending */
	struct sio_socket *next;   /* of the client, or ending */
	struct sio_namespace *nsp;
	struct sio_socket *next_in_nsp, **at_in_nsp;
	void *user;
	struct sio_acks *acks; /* NULL: none awaited */
	struct sio_member member;
	uint8_t state, reason;
	char id[SIO_ID_SIZE];
};

/* A connection costs a peer something and a packet nothing: what a socket is
 * granted anew, rate limits or a look at its token, is granted so often on one
 * connection. */
#define SIO_DEPARTURES_MAX 16

/* ---- sio_namespace.c ---- */

struct sio_namespace *sio_namespace_find(struct sio_core *core,
					 const char *name, size_t len);
void sio_namespace_add(struct sio_core *core, const char *name,
		       const struct sio_handlers *handlers, void *user);
void sio_namespaces_free(struct sio_core *core);
void sio_namespace_enter(struct sio_socket *socket);
void sio_namespace_leave(struct sio_socket *socket); /* if it is in it */

/* ---- sio_client.c ---- */

/* The texts of a handshake, kept for connect() of later namespaces. */
char *sio_client_pack(const struct sio_handshake *handshake);
void sio_client_unpack(const char *packed, struct sio_handshake *out);
void sio_client_departs(struct sio_client *client);
/* One packet, outside any sio_message. */
void sio_client_send(struct sio_client *client, enum sio_type type,
		     const char *nsp, int64_t id, const char *data, size_t len);

/* ---- sio_socket.c, beside sio_socket.h ---- */

struct sio_socket *sio_socket_new(struct sio_client *client,
				  struct sio_namespace *nsp);
/* Out of its client and rooms; disconnect() follows when the loop settles. */
void sio_socket_end(struct sio_socket *socket, enum sio_reason reason);
/* disconnect() now, and freed. */
void sio_socket_end_tell(struct sio_socket *socket);
void sio_socket_answered(struct sio_socket *socket, int64_t id,
			 const struct sio_answer *answer);

/* ---- sio_input.c ---- */

extern const struct sio_engine_handlers sio_client_handlers;

/* ---- sio_core.c ---- */

/* Before sio_core_new: the defaults for what is zero. */
void sio_config_complete(struct sio_config *config);
/* config has no zeros left. */
struct sio_core *sio_core_new(const struct sio_config *config,
			      const struct eio_edge *edge, int64_t now_ms);
void sio_core_free(struct sio_core *core);
void sio_core_engine(struct sio_core *core, const char *path,
		     const struct sio_engine_handlers *handlers, void *user);
/* NULL: not served. The path may lack its last slash. */
const struct eio_endpoint *sio_core_endpoint(const struct sio_core *core,
					     const char *path, size_t len);
size_t sio_core_send_room(struct sio_core *core, const char *name,
			  const char *room, struct sio_message *message,
			  int flags, const struct sio_socket *except);

#endif
