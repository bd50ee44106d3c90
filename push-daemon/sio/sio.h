/*
 * sio - a Socket.IO server (socket.io-protocol revision 5 over
 * engine.io-protocol revision 4) for one libuv loop.
 *
 * Life: sio_server_new(), sio_namespace() for each namespace, sio_server_
 * listen_*(), uv_run(). To stop: sio_server_close(), run the loop until it runs
 * out, sio_server_free(). One thread: every call from the loop's own.
 *
 * What a handler sends leaves when the loop iteration ends, everything for one
 * connection in one write. Where a connection has more to read it is read
 * first, for 64 iterations, 2000 microseconds or a quarter of outbox_max bytes
 * at most: what one sender says to many then costs one write to each, not one
 * for each 512 bytes. Texts given are UTF-8; JSON goes out byte for byte.
 */
#ifndef SIO_H
#define SIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "sio_base.h"
#include "sio_message.h"
#include "sio_socket.h"

struct sio_server;

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
