/*
 * line_edge - clients of the old TCP line protocol (docs/lines.md), each of
 * them a client of the hub like any other.
 */
#ifndef LINE_EDGE_H
#define LINE_EDGE_H

#include <uv.h>

#include "line_config.h"

struct line_edge;

/* config->hub must outlive it. */
struct line_edge *line_edge_new(uv_loop_t *loop,
				const struct line_edge_config *config);
/* As line_server_listen(), _close(), _free() and _read_stats(). */
char *line_edge_listen(struct line_edge *edge, const char *address, int *port);
char *line_edge_listen_tls(struct line_edge *edge, const char *address,
			   int *port);
void line_edge_close(struct line_edge *edge);
void line_edge_free(struct line_edge *edge);
void line_edge_read_stats(const struct line_edge *edge, struct line_stats *out);

#endif
