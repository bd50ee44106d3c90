/*
 * notify_edge - notify.sock: the frames of the workers, each on a connection
 * of its own. What it cannot be sure to have got whole it has looked for.
 */
#ifndef NOTIFY_EDGE_H
#define NOTIFY_EDGE_H

#include <stdint.h>
#include <uv.h>

struct hub;
struct notify_edge;

struct notify_edge_stats {
	uint64_t connected;	  /* workers, now */
	uint64_t lost, malformed; /* connections that ended so */
};

/* NULL and *error (the caller frees it): cannot listen; the loop is to be run
 * out even then. */
struct notify_edge *notify_edge_new(uv_loop_t *loop, struct hub *hub,
				    const char *path, char **error);
/* The loop is to be run out after. NULL: no-op. */
void notify_edge_close(struct notify_edge *edge);

void notify_edge_read_stats(const struct notify_edge *edge,
			    struct notify_edge_stats *out);

#endif
