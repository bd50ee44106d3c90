/*
 * sio - a Socket.IO server (socket.io-protocol revision 5 over
 * engine.io-protocol revision 4) for one libuv loop.
 *
 * Life: sio_server_new(), sio_namespace() for each namespace, sio_server_
 * listen_*(), uv_run(). To stop: sio_server_close(), run the loop until it runs
 * out, sio_server_free(). One thread: every call from the loop's own.
 *
 * What a handler sends leaves when the loop iteration ends, everything for one
 * connection in one write. Texts given are UTF-8; JSON goes out byte for byte.
 */
#ifndef SIO_H
#define SIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "sio_message.h"
#include "sio_socket.h"

struct sio_server;

/* Zero or NULL means the default that follows each field. */
struct sio_config {
	const char *path;	     /* "/socket.io/" */
	uint32_t ping_interval_ms;   /* 25000 */
	uint32_t ping_timeout_ms;    /* 20000 */
	uint32_t connect_timeout_ms; /* 45000: from open to first CONNECT */
	uint32_t upgrade_timeout_ms; /* 10000: from probe to upgrade */
	uint32_t max_payload;	     /* 1000000 bytes of one frame or POST */
	uint32_t max_attachments;    /* 32 of one event */
	uint32_t outbox_max;	     /* 262144 bytes waiting per connection */
	uint32_t max_connections;    /* 100000; past it 503 */
	uint32_t max_acks;	     /* 1024 awaited per socket */
	const char *sid_prefix; /* "": up to 4 of A-Za-z0-9, names the node */
	bool trust_proxy;	/* the address is X-Real-IP's */
	/* May a page of that origin connect? Not asked when the browser sent
	 * no Origin. NULL: only where origin's host is the Host header. */
	bool (*allow_origin)(const char *origin, const char *host, void *user);
	/* A clock in milliseconds that never jumps (clock_mono_ms), and a
	 * source of random bytes (crypt_random): both wanted. */
	int64_t (*now_ms)(void);
	void (*random)(void *out, size_t len);
	void *user; /* for allow_origin */
};

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
};

/* Plain Engine.IO on a path of its own, without Socket.IO on top. */
struct sio_engine_handlers {
	void (*open)(struct eio_session *session,
		     const struct sio_handshake *handshake, void *user);
	void (*message)(struct eio_session *session, const void *data,
			size_t len, bool binary, void *user);
	void (*close)(struct eio_session *session, enum sio_reason reason,
		      void *user);
};

struct sio_stats {
	uint64_t connections;	    /* now */
	uint64_t connections_total; /* since start */
	uint64_t websockets;	    /* now, of connections */
	uint64_t upgrades;	    /* polling to websocket, completed */
	uint64_t bytes_in, bytes_out;
	uint64_t messages_in;
	uint64_t deliveries; /* messages queued for one connection each */
	uint64_t writes;     /* calls that handed bytes to the kernel */
	uint64_t dropped;    /* droppable messages that were */
	uint64_t overflows;  /* connections closed as too slow */
	uint64_t timeouts;   /* ... as silent */
	uint64_t refused;    /* requests answered with an error */
};

/* Never NULL. Copies config; handlers and user stay the caller's. */
struct sio_server *sio_server_new(uv_loop_t *loop,
				  const struct sio_config *config);

/* name "/" or "/word..."; handlers must outlive the server. */
void sio_namespace(struct sio_server *server, const char *name,
		   const struct sio_handlers *handlers, void *user);
void sio_engine(struct sio_server *server, const char *path,
		const struct sio_engine_handlers *handlers, void *user);

/* Each answers NULL, or one line for the operator that the caller frees.
 * port 0: any; *port is what it became. A stale socket file is replaced. */
char *sio_server_listen_unix(struct sio_server *server, const char *path,
			     unsigned mode);
char *sio_server_listen_tcp(struct sio_server *server, const char *address,
			    int *port);

/* Ends every connection (SIO_SHUTDOWN) and stops listening. The rest happens
 * in the loop; free when uv_run() has returned. */
void sio_server_close(struct sio_server *server);
void sio_server_free(struct sio_server *server); /* NULL: no-op */

void sio_server_stats(const struct sio_server *server, struct sio_stats *out);

#endif
