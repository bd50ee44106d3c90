/*
 * sio_socket - one client in one namespace of a Socket.IO server, and what can
 * be done with it.
 *
 * Calls on a socket that is already going away do nothing, until its
 * disconnect handler has returned: then the pointer is dead.
 */
#ifndef SIO_SOCKET_H
#define SIO_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sio_base.h"
#include "sio_message.h"
#include "sio_room.h"

struct sio_socket;

/* The decoded value of a query parameter; false, and "" in out, when there is
 * none or it does not fit. */
bool sio_query(const struct sio_handshake *handshake, const char *name,
	       char *out, size_t out_size);

/* Borrowed while event() runs. */
struct sio_event {
	const char *name; /* decoded, NUL-terminated */
	size_t name_len;
	const char *args; /* JSON after the name: `1,{"a":2}`, "" if none */
	size_t args_len;  /* NOT NUL-terminated */
	const struct sio_bytes *attachments;
	size_t attachments_len;
	int64_t ack; /* for sio_ack(), -1 when the client wants none */
};

/* A namespace's. */
struct sio_handlers {
	/* A client asks for the namespace. Leads to sio_accept() or
	 * sio_refuse(), now or later. NULL: accepted. */
	void (*connect)(struct sio_socket *socket,
			const struct sio_handshake *handshake, void *user);
	void (*event)(struct sio_socket *socket, const struct sio_event *event,
		      void *user);
	/* Once for every socket that connect() saw and sio_refuse() did not
	 * end: the pointer dies when this returns. */
	void (*disconnect)(struct sio_socket *socket, enum sio_reason reason,
			   void *user);
	/* May the socket send so many bytes now, which nobody has looked at?
	 * Asked for each event, acknowledgement and attachment before it is
	 * read; false: it is passed over. ack: as of an event. NULL: always. */
	bool (*admit)(struct sio_socket *socket, size_t bytes, int64_t ack,
		      void *user);
};

/* Exactly one of these answers connect(). data is JSON or NULL. */
void sio_accept(struct sio_socket *socket);
void sio_refuse(struct sio_socket *socket, const char *message,
		const char *data);

/* flags: SIO_VOLATILE = the first to be dropped when the client is slow. The
 * message stays the caller's. Before sio_accept() nothing is sent. */
#define SIO_VOLATILE 1
void sio_send(struct sio_socket *socket, struct sio_message *message,
	      int flags);

/* args: a JSON array with its brackets. */
void sio_ack(struct sio_socket *socket, int64_t ack, const char *args,
	     size_t len);
void sio_ack_binary(struct sio_socket *socket, int64_t ack, const char *args,
		    size_t len, const struct sio_bytes *attachments,
		    size_t count);

/* done() runs once: with what the client answered, or with NULL when the
 * socket goes first. json: `["name",...]`. False: max_acks are awaited. */
struct sio_answer {
	const char *args; /* JSON without brackets, not NUL-terminated */
	size_t args_len;
	const struct sio_bytes *attachments;
	size_t attachments_len;
};
typedef void sio_answered(struct sio_socket *socket,
			  const struct sio_answer *answer, void *user);
bool sio_emit_with_ack(struct sio_socket *socket, const char *json, size_t len,
		       sio_answered *done, void *user);

/* Leave the namespace; with the whole connection when close_transport. */
void sio_disconnect(struct sio_socket *socket, bool close_transport);
/* Close the connection with a WebSocket close code (4000-4999) and a word. */
void sio_close(struct sio_socket *socket, int code, const char *word);

const char *sio_socket_id(const struct sio_socket *socket);
const char *sio_socket_namespace(const struct sio_socket *socket);
const char *sio_socket_transport(const struct sio_socket *socket);
size_t sio_socket_waiting(const struct sio_socket *socket); /* bytes queued */
void sio_socket_set_user(struct sio_socket *socket, void *user);
void *sio_socket_user(const struct sio_socket *socket);

/* Rooms of the socket's namespace; left by themselves on disconnect. */
void sio_join(struct sio_socket *socket, const char *room);
void sio_leave(struct sio_socket *socket, const char *room);
struct sio_server;
/* room NULL: the whole namespace; except may be NULL. Answers how many. */
size_t sio_send_room(struct sio_server *server, const char *name,
		     const char *room, struct sio_message *message, int flags,
		     const struct sio_socket *except);

/* Plain Engine.IO (sio_engine() in sio.h). */
void sio_engine_send(struct eio_session *session, const void *data, size_t len,
		     bool binary);
void sio_engine_close(struct eio_session *session);

#endif
