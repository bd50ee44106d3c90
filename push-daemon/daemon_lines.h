/*
 * daemon_lines - the ports of the line protocol, as the settings have them.
 */
#ifndef DAEMON_LINES_H
#define DAEMON_LINES_H

#include <uv.h>

struct daemon_lines;
struct hub;
struct line_edge;
struct palabre_options;

/* options and hub must outlive it. *error: NULL, or one line for the operator,
 * which the caller frees. */
struct daemon_lines *daemon_lines_new(uv_loop_t *loop, struct hub *hub,
				      const struct palabre_options *options,
				      char **error);
/* NULL: no line is served. */
struct line_edge *daemon_lines_edge(const struct daemon_lines *lines);
/* The certificate is read again. */
void daemon_lines_reload(struct daemon_lines *lines);
/* As line_edge_close() and _free(). */
void daemon_lines_close(struct daemon_lines *lines);
void daemon_lines_free(struct daemon_lines *lines);

#endif
