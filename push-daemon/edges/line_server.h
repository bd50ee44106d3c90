/*
 * line_server - a listening TCP port, and the connections (line.h) of those who
 * come.
 */
#ifndef LINE_SERVER_H
#define LINE_SERVER_H

#include <uv.h>

#include "line.h"

/* protocol must outlive it. */
struct line_server *line_server_new(uv_loop_t *loop,
				    const struct line_server_config *config,
				    const struct line_protocol *protocol,
				    void *user);
/* Listens: NULL, or one line for the operator, which the caller frees. */
char *line_server_listen(struct line_server *server, const char *address,
			 int *port);
/* Another port, over config->tls, at most tls_rate handshakes a second. */
char *line_server_listen_tls(struct line_server *server, const char *address,
			     int *port);
/* Ends all at once; free it when the loop has run out. */
void line_server_close(struct line_server *server);
void line_server_free(struct line_server *server);
void line_server_read_stats(const struct line_server *server,
			    struct line_stats *out);

#endif
