/*
 * sio_edge_lws - what the files of the edge share, each of which calls only
 * those above it: sio_edge_request.c (what is asked), sio_edge_answer.c (one
 * answer), sio_edge_http.c (polling), sio_edge_ws.c (WebSocket), sio_edge.c
 * (context and callbacks).
 */
#ifndef SIO_EDGE_LWS_H
#define SIO_EDGE_LWS_H

#include <libwebsockets.h>
#include <sys/queue.h>

#include "buf.h"
#include "sio_edge.h"

#define EDGE_BATCH_SIZE (256 * 1024) /* bytes of one write */
#define EDGE_BATCH_ITEMS 512
#define EDGE_QUERY_SIZE 4096
#define EDGE_READERS 8

/* The frames of the last write, used again while the next connection has the
 * very same ones to get: fan-out copies once. */
struct edge_batch {
	struct eio_message *items[EDGE_BATCH_ITEMS]; /* referenced */
	size_t count;
	size_t len;
	uint8_t bytes[LWS_PRE + EDGE_BATCH_SIZE];
};

/* What libwebsockets keeps for us of each connection: the beginning of an
 * edge_loose, edge_exchange or edge_ws. */
enum edge_kind { EDGE_LOOSE, EDGE_EXCHANGE, EDGE_WS };
struct edge_conn {
	struct lws *wsi;
	uint8_t kind; /* enum edge_kind */
	bool listed;  /* among the loose ones */
	bool closing; /* of a WebSocket: nothing more is sent */
};

/* A connection that serves no session: before or between requests, or with a
 * body that nobody will read. The first to go where descriptors are few. */
struct edge_loose {
	struct edge_conn conn;
	TAILQ_ENTRY(edge_loose) link;
};

struct sio_edge {
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct sio_core *core;
	LIST_HEAD(, edge_exchange) held;	 /* GETs, for the sweep */
	TAILQ_HEAD(edge_list, edge_loose) loose; /* oldest first */
	size_t crowd; /* connections from which on strangers make room */
	size_t most;  /* connections */
	/* WebSockets that filled their read in this iteration of the loop. */
	struct {
		int fds[EDGE_READERS];
		size_t count;
		struct lws *last; /* whose reads are counted now */
		size_t bytes;
	} readers;
	/* A timeout was set outside libwebsockets' own callbacks: it looks at
	 * its timers only after an event, so give it one. */
	bool nudge;
	size_t connections, own; /* own: libwebsockets' internal ones */
	struct edge_batch batch;
};

struct edge_answer {
	int status;
	const char *type, *body;
	size_t len;
	const char *origin;	   /* that may read it; NULL or "" none */
	const char *allow_headers; /* a preflight's; NULL: it is none */
	bool closes;		   /* the connection, behind it */
};

/* Headers and parameters of a request, copied: libwebsockets lets go of its
 * own once it is answered. */
struct edge_request {
	const struct eio_endpoint *endpoint;
	enum eio_method method;
	bool preflight;
	bool closes;		  /* the client wants no more answers */
	bool chunked;		  /* the body is */
	bool fits;		  /* nothing was too long to copy */
	long long content_length; /* -1: not given */
	struct sio_handshake handshake;
	char origin[256], host[256], address[64], agent[256], id[72];
	char asked_headers[512]; /* of a preflight */
	char query[EDGE_QUERY_SIZE];
};

/* ---- sio_edge_request.c ---- */

struct sio_edge *edge_of(struct lws *wsi);
int64_t edge_now(const struct sio_edge *edge);
struct edge_conn *edge_conn_of(struct lws *wsi); /* NULL: none yet */
/* Whether it is time that strangers make room. */
bool edge_crowded(const struct sio_edge *edge);
void edge_loosen(struct sio_edge *edge, struct edge_loose *loose);
void edge_tighten(struct sio_edge *edge, struct edge_loose *loose);
/* It is another kind of connection now, or none. */
void edge_forget_loose(struct sio_edge *edge, struct lws *wsi);
/* End the connection, from anywhere, as soon as it is safe. */
void edge_kill(struct lws *wsi);
/* ... or when so much time has passed. */
void edge_patience(struct lws *wsi, int seconds);
void edge_read_request(struct sio_edge *edge, struct lws *wsi,
		       struct edge_request *out);
/* What RFC 6455, section 4.2.1, wants of the handshake of a WebSocket; false:
 * *error is the answer. */
bool edge_check_handshake(struct lws *wsi, enum eio_error *error);
enum eio_verdict edge_judge(struct sio_edge *edge,
			    const struct edge_request *request, bool websocket,
			    struct eio_session **session,
			    enum eio_error *error);

/* ---- sio_edge_answer.c ---- */

/* False: the connection is broken. */
bool edge_answer_write(struct lws *wsi, const struct edge_answer *answer);
/* An upgrade that is refused: the answer at once, and what the callback is to
 * return. */
int edge_answer_refuse_upgrade(struct lws *wsi, enum eio_error error);

/* ---- sio_edge_http.c; an int is what the callback is to return ---- */

int edge_http_request(struct sio_edge *edge, struct lws *wsi);
int edge_http_body(struct sio_edge *edge, struct lws *wsi, const void *data,
		   size_t len);
int edge_http_complete(struct sio_edge *edge, struct lws *wsi);
int edge_http_writable(struct lws *wsi);
void edge_http_closed(struct lws *wsi);
void edge_http_expired(struct eio_timer *timer);
void edge_http_answer(struct eio_poll *poll, struct buf *body);
void edge_http_drop(struct eio_post *post);
/* A connection without a request. */
void edge_http_wait(struct sio_edge *edge, struct lws *wsi);
/* Held GETs whose client hung up, which libwebsockets does not tell. */
void edge_http_sweep(struct sio_edge *edge);

/* ---- sio_edge_ws.c ---- */

int edge_ws_established(struct sio_edge *edge, struct lws *wsi);
int edge_ws_receive(struct sio_edge *edge, struct lws *wsi, const char *data,
		    size_t len);
int edge_ws_writable(struct lws *wsi);
int edge_ws_peer_closes(struct lws *wsi);
void edge_ws_closed(struct lws *wsi);
void edge_ws_write(struct eio_ws *base, struct eio_outbox *outbox);
void edge_ws_text(struct eio_ws *base, const char *text);
void edge_ws_read(struct eio_ws *base, bool on);
void edge_ws_close(struct eio_ws *base, struct eio_outbox *rest, int code,
		   const char *word);
void edge_batch_forget(struct edge_batch *batch);

#endif
