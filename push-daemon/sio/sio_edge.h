/*
 * sio_edge - where libsio meets libwebsockets: HTTP requests and WebSockets in,
 * answers and frames out. The sio_edge_*.c alone include libwebsockets.h.
 *
 * Runs with libwebsockets 4.1.6 and 4.3.5, which differ where it says so.
 */
#ifndef SIO_EDGE_H
#define SIO_EDGE_H

#include <uv.h>

#include "sio_core.h"

struct sio_edge;

extern const struct eio_edge sio_edge_ops;

/* NULL: libwebsockets cannot start (its libuv plugin is missing). */
struct sio_edge *sio_edge_new(uv_loop_t *loop, struct sio_core *core);

/* Serve an accepted, non-blocking stream socket, which becomes the edge's. */
void sio_edge_adopt(struct sio_edge *edge, int fd);

/* Notice held GETs whose client hung up: libwebsockets does not tell. */
void sio_edge_sweep(struct sio_edge *edge);

/* Whether a connection that was read from since the last call has more to
 * read: the loop will not sleep. */
bool sio_edge_reads_on(struct sio_edge *edge);

/* After each eio_flush(). */
void sio_edge_flushed(struct sio_edge *edge);

size_t sio_edge_connections(const struct sio_edge *edge);

/* Close all; when the loop has run out, free. */
void sio_edge_close(struct sio_edge *edge);
void sio_edge_free(struct sio_edge *edge); /* NULL: no-op */

#endif
