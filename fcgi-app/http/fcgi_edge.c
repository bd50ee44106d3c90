#include "fcgi_edge.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "buf.h"
#include "fcgi_record.h"
#include "mem.h"

struct fcgi_edge {
	FCGX_Request request;
	struct buf out;
};

struct fcgi_edge *fcgi_edge_new(int listen_fd)
{
	struct fcgi_edge *edge = xcalloc(1, sizeof(*edge));

	buf_init(&edge->out, SIZE_MAX / 2);
	if (FCGX_Init() == 0 && FCGX_InitRequest(&edge->request, listen_fd,
						 FCGI_FAIL_ACCEPT_ON_INTR) == 0)
		return edge;
	free(edge);
	return NULL;
}

void fcgi_edge_free(struct fcgi_edge *edge)
{
	if (edge == NULL)
		return;
	FCGX_Free(&edge->request, 1);
	buf_done(&edge->out);
	free(edge);
}

int fcgi_edge_kept(const struct fcgi_edge *edge)
{
	return edge->request.ipcFd;
}

int fcgi_edge_accept(struct fcgi_edge *edge)
{
	int status = FCGX_Accept_r(&edge->request);

	if (status == 0)
		return 0;
	return status < 0 ? -status : EIO;
}

const char *fcgi_edge_param(const struct fcgi_edge *edge, const char *name)
{
	return FCGX_GetParam(name, edge->request.envp);
}

ssize_t fcgi_edge_pull(void *context, char *to, size_t len)
{
	struct fcgi_edge *edge = context;
	int got = FCGX_GetStr(to, len < INT_MAX ? (int)len : INT_MAX,
			      edge->request.in);

	return got > 0 || FCGX_GetError(edge->request.in) == 0 ? got : -1;
}

/* ---- answering ---- */

static void fcgi_edge_send(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return; /* whoever asked has gone */
		data += sent;
		len -= (size_t)sent;
	}
}

/* Nothing is left to be read: to close with bytes unread would reset the
 * connection under the answer. */
static bool is_read(struct fcgi_edge *edge)
{
	return FCGX_GetChar(edge->request.in) == EOF &&
	       FCGX_GetError(edge->request.in) == 0;
}

void fcgi_edge_answer(struct fcgi_edge *edge, const struct buf *head,
		      const struct buf *body)
{
	FCGX_Request *request = &edge->request;
	uint16_t id = (uint16_t)request->requestId;
	bool whole = is_read(edge);

	buf_reset(&edge->out);
	fcgi_record_add(&edge->out, FCGI_RECORD_STDOUT, id, head->data,
			head->len);
	fcgi_record_add(&edge->out, FCGI_RECORD_STDOUT, id, body->data,
			body->len);
	if (whole) {
		fcgi_record_add_eof(&edge->out, FCGI_RECORD_STDOUT, id);
		fcgi_record_add_end(&edge->out, id, 0, FCGI_RECORD_COMPLETE);
	}
	fcgi_edge_send(request->ipcFd, edge->out.data, edge->out.len);
	if (!whole) {
		FCGX_Finish_r(request);
		return;
	}
	FCGX_Detach(request);
	FCGX_Free(request, !request->keepConnection);
}

void fcgi_edge_drop(struct fcgi_edge *edge)
{
	FCGX_Finish_r(&edge->request);
}
