/*
 * fcgi_edge - one request at a time from the web server: taken and read by
 * libfcgi, answered by our own records. The only file that knows libfcgi.
 *
 * libfcgi would send an answer in pieces of 8 KiB, each of which wakes the web
 * server, and then wait for it to hang up.
 */
#ifndef FCGI_EDGE_H
#define FCGI_EDGE_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct fcgi_edge;

/* listen_fd: non-blocking, borrowed. NULL: libfcgi cannot start. */
struct fcgi_edge *fcgi_edge_new(int listen_fd);
void fcgi_edge_free(struct fcgi_edge *edge);

/* The connection of the request that is served; else the one that the next
 * comes by, because its peer keeps it; -1: a new one. */
int fcgi_edge_kept(const struct fcgi_edge *edge);

/* Takes the request that is there and reads its parameters. 0, or an errno:
 * EAGAIN, EINTR and ECONNABORTED when somebody else was faster. */
int fcgi_edge_accept(struct fcgi_edge *edge);

/* Borrowed until the answer; NULL when not said. */
const char *fcgi_edge_param(const struct fcgi_edge *edge, const char *name);

/* Bytes of the body, as read() gives them; edge is a struct fcgi_edge (this is
 * what a body_reader pulls). */
ssize_t fcgi_edge_pull(void *edge, char *to, size_t len);

/* Answers with CGI headers (RFC 3875) and a body, and is done with the request.
 * Blocks as long as the web server does not read. */
void fcgi_edge_answer(struct fcgi_edge *edge, const struct buf *head,
		      const struct buf *body);
/* Is done with it without a word. */
void fcgi_edge_drop(struct fcgi_edge *edge);

#endif
