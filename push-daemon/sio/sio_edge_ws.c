#include <string.h>

#include "eio_message.h"
#include "mem.h"
#include "sio_edge_lws.h"

#define CLOSE_PATIENCE_S 1 /* for the peer's own close frame */
#define CLOSE_WORD_MAX 123
#define FIN_CLOSE 0x88
#define FRAME_HEAD 6  /* bytes before the payload of a short frame */
#define FULL_READ 400 /* of 512 */

/* One WebSocket; 48 bytes and no buffer while idle. */
struct edge_ws {
	struct edge_conn conn;
	struct eio_ws base;
	struct buf *rx; /* a message that came in part */
};

#define OWNER(part)                                                            \
	((struct edge_ws *)(void *)((char *)(part) -                           \
				    offsetof(struct edge_ws, base)))

static struct edge_ws *ws_of(struct lws *wsi)
{
	struct edge_conn *conn = edge_conn_of(wsi);

	return conn != NULL && conn->kind == EDGE_WS ? (struct edge_ws *)conn
						     : NULL;
}

static void rx_free(struct edge_ws *ws)
{
	if (ws->rx == NULL)
		return;
	buf_done(ws->rx);
	free(ws->rx);
	ws->rx = NULL;
}

static void dispatch(struct sio_edge *edge, struct edge_ws *ws,
		     const char *data, size_t len)
{
	if (lws_frame_is_binary(ws->conn.wsi))
		eio_ws_binary(&ws->base, data, len, edge_now(edge));
	else
		eio_ws_text(&ws->base, data, len, edge_now(edge));
}

/* False: it would be too large. Judged by the frame's length, before the bytes
 * are here. */
static bool ws_fits(const struct edge_ws *ws, size_t len)
{
	size_t more = lws_remaining_packet_payload(ws->conn.wsi);
	size_t had = ws->rx != NULL ? ws->rx->len : 0;
	size_t max = eio_ws_max(&ws->base);

	return more <= max && had + len <= max - more;
}

/* A part of a message, or its last one. */
static void ws_assemble(struct sio_edge *edge, struct edge_ws *ws,
			const char *data, size_t len, bool last)
{
	if (ws->rx == NULL) {
		ws->rx = xmalloc(sizeof(*ws->rx));
		buf_init(ws->rx, edge->core->config.max_payload);
	}
	buf_add(ws->rx, data, len);
	eio_ws_half(&ws->base, last ? 0 : ws->rx->cap);
	if (last) {
		dispatch(edge, ws, ws->rx->data, ws->rx->len);
		rx_free(ws);
	}
}

/* libwebsockets reads so little at a time that a full read often means that
 * there is more. */
static void note_reader(struct sio_edge *edge, struct lws *wsi, size_t len)
{
	if (edge->readers.last != wsi)
		edge->readers.bytes = 0;
	edge->readers.last = wsi;
	if (edge->readers.bytes < FULL_READ &&
	    edge->readers.bytes + len >= FULL_READ &&
	    edge->readers.count < EDGE_READERS)
		edge->readers.fds[edge->readers.count++] =
			lws_get_socket_fd(wsi);
	edge->readers.bytes += len;
}

int edge_ws_receive(struct sio_edge *edge, struct lws *wsi, const char *data,
		    size_t len)
{
	struct edge_ws *ws = ws_of(wsi);
	bool last = lws_remaining_packet_payload(wsi) == 0 &&
		    lws_is_final_fragment(wsi);

	if (ws == NULL || ws->base.session == NULL)
		return 0;
	eio_engine_stats(edge->core->engine)->bytes_in += len;
	note_reader(edge, wsi, len + FRAME_HEAD);
	if (!ws_fits(ws, len)) {
		rx_free(ws);
		eio_ws_too_large(&ws->base);
	} else if (last && ws->rx == NULL) {
		dispatch(edge, ws, data, len);
	} else {
		ws_assemble(edge, ws, data, len, last);
	}
	return 0;
}

int edge_ws_writable(struct lws *wsi)
{
	struct edge_ws *ws = ws_of(wsi);

	if (ws != NULL && !ws->conn.closing)
		eio_ws_writable(&ws->base);
	return 0;
}

int edge_ws_peer_closes(struct lws *wsi)
{
	struct edge_ws *ws = ws_of(wsi);

	/* Our own close frame is out: this is its answer, not to be answered
	 * again. */
	if (ws == NULL || ws->conn.closing)
		return -1;
	ws->conn.closing = true;
	eio_ws_gone(&ws->base);
	return 0;
}

void edge_ws_closed(struct lws *wsi)
{
	struct edge_ws *ws = ws_of(wsi);

	if (ws == NULL)
		return;
	lws_set_opaque_user_data(wsi, NULL);
	eio_ws_gone(&ws->base);
	rx_free(ws);
	free(ws);
}

void edge_batch_forget(struct edge_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		eio_message_unref(batch->items[i]);
	batch->count = 0;
	batch->len = 0;
}

static bool batch_is(const struct edge_batch *batch,
		     const struct eio_outbox *outbox)
{
	if (outbox->written > 0 || batch->count == 0 ||
	    batch->count > outbox->len)
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->items[i] != eio_outbox_at(outbox, (uint32_t)i))
			return false;
	}
	/* The same beginning is no help when more would fit behind it. */
	return batch->count == outbox->len ||
	       batch->count == EDGE_BATCH_ITEMS ||
	       batch->len + eio_outbox_at(outbox, (uint32_t)batch->count)->len >
		       EDGE_BATCH_SIZE;
}

static void batch_fill(struct edge_batch *batch,
		       const struct eio_outbox *outbox)
{
	edge_batch_forget(batch);
	while (batch->count < outbox->len && batch->count < EDGE_BATCH_ITEMS) {
		struct eio_message *message =
			eio_outbox_at(outbox, (uint32_t)batch->count);

		if (batch->len + message->len > EDGE_BATCH_SIZE)
			break;
		memcpy(batch->bytes + LWS_PRE + batch->len, message->wire,
		       message->len);
		batch->items[batch->count++] = eio_message_ref(message);
		batch->len += message->len;
	}
}

/* What goes out next: the batch, or a piece of one long message. */
static const uint8_t *next_bytes(struct edge_batch *batch,
				 const struct eio_outbox *outbox, size_t *len)
{
	struct eio_message *oldest = eio_outbox_at(outbox, 0);

	if (outbox->written > 0 || oldest->len > EDGE_BATCH_SIZE) {
		size_t left = oldest->len - outbox->written;

		*len = left < EDGE_BATCH_SIZE ? left : EDGE_BATCH_SIZE;
		return oldest->wire + outbox->written;
	}
	if (!batch_is(batch, outbox))
		batch_fill(batch, outbox);
	*len = batch->len;
	return batch->bytes + LWS_PRE;
}

static bool write_some(struct edge_ws *ws, struct eio_outbox *outbox)
{
	struct sio_edge *edge = edge_of(ws->conn.wsi);
	struct sio_stats *stats = eio_engine_stats(edge->core->engine);
	size_t len;
	const uint8_t *bytes = next_bytes(&edge->batch, outbox, &len);

	/* Frames as they are: RAW adds nothing to them, and writes to none. */
	if (lws_write(ws->conn.wsi, (unsigned char *)(uintptr_t)bytes, len,
		      LWS_WRITE_RAW) < 0) {
		ws->conn.closing = true;
		edge_kill(ws->conn.wsi);
		eio_outbox_clear(outbox);
		return false;
	}
	stats->writes++;
	stats->bytes_out += len;
	eio_outbox_wrote(outbox, len);
	return true;
}

/* A frame that RFC 6455 forbids is answered by libwebsockets itself, with a
 * close frame, and it tells nobody. Nothing may follow that frame. */
static bool lws_has_closed(struct edge_ws *ws)
{
	if (!ws->conn.closing && lws_get_close_length(ws->conn.wsi) > 0) {
		ws->conn.closing = true;
		edge_patience(ws->conn.wsi, CLOSE_PATIENCE_S);
	}
	return ws->conn.closing;
}

void edge_ws_write(struct eio_ws *base, struct eio_outbox *outbox)
{
	struct edge_ws *ws = OWNER(base);

	if (lws_has_closed(ws)) {
		eio_outbox_clear(outbox);
		return;
	}
	while (!ws->conn.closing && outbox->len > 0) {
		/* What the socket did not take libwebsockets keeps, in order
		 * with its own pongs. It gets no more before that is gone,
		 * but for the rest of a message: a pong or a close frame must
		 * not come in the middle of one. */
		if (outbox->written == 0 &&
		    lws_partial_buffered(ws->conn.wsi)) {
			lws_callback_on_writable(ws->conn.wsi);
			return;
		}
		if (!write_some(ws, outbox))
			return;
	}
}

void edge_ws_text(struct eio_ws *base, const char *text)
{
	struct edge_ws *ws = OWNER(base);
	uint8_t frame[LWS_PRE + 64];
	size_t len = strlen(text);

	memcpy(frame + LWS_PRE, text, len);
	if (lws_write(ws->conn.wsi, frame + LWS_PRE, len, LWS_WRITE_TEXT) < 0)
		edge_kill(ws->conn.wsi);
}

void edge_ws_read(struct eio_ws *base, bool on)
{
	struct lws *wsi = OWNER(base)->conn.wsi;

	lws_rx_flow_control(wsi, on);
	edge_of(wsi)->readers.count = 0; /* it will not be read on */
	edge_of(wsi)->nudge = true;
}

/* libwebsockets sends its own close frame only from within a receive callback;
 * so this one is ours, behind all that waits, and the peer answers it. */
static void send_close(struct edge_ws *ws, int code, const char *word)
{
	uint8_t frame[4 + CLOSE_WORD_MAX];
	size_t len = strnlen(word, CLOSE_WORD_MAX);

	frame[0] = FIN_CLOSE;
	frame[1] = (uint8_t)(2 + len);
	frame[2] = (uint8_t)(code >> 8);
	frame[3] = (uint8_t)code;
	memcpy(frame + 4, word, len);
	/* Where room is wanted nobody is waited for. */
	if (lws_write(ws->conn.wsi, frame, 4 + len, LWS_WRITE_RAW) < 0 ||
	    edge_crowded(edge_of(ws->conn.wsi)))
		edge_kill(ws->conn.wsi);
	else
		edge_patience(ws->conn.wsi, CLOSE_PATIENCE_S);
}

void edge_ws_close(struct eio_ws *base, struct eio_outbox *rest, int code,
		   const char *word)
{
	struct edge_ws *ws = OWNER(base);

	rx_free(ws);
	if (lws_has_closed(ws))
		return;
	while (!ws->conn.closing && rest != NULL && rest->len > 0)
		write_some(ws, rest);
	if (ws->conn.closing)
		return;
	ws->conn.closing = true;
	send_close(ws, code, word);
}

static struct edge_ws *ws_new(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_ws *ws = xcalloc(1, sizeof(*ws));

	edge_forget_loose(edge, wsi);
	ws->conn.wsi = wsi;
	ws->conn.kind = EDGE_WS;
	lws_set_opaque_user_data(wsi, ws);
	return ws;
}

int edge_ws_established(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_request request;
	struct eio_session *session;
	enum eio_error error;

	edge_read_request(edge, wsi, &request);
	enum eio_verdict verdict =
		edge_judge(edge, &request, true, &session, &error);

	if (verdict == EIO_REFUSE)
		return -1;

	struct edge_ws *ws = ws_new(edge, wsi);

	request.handshake.transport = "websocket";
	if (verdict == EIO_PART ||
	    (verdict == EIO_ATTACH && !eio_attach(session, &ws->base)))
		edge_ws_close(&ws->base, NULL, 1000, "");
	else if (verdict == EIO_CREATE)
		eio_open(edge->core->engine, request.endpoint,
			 &request.handshake, &ws->base, edge_now(edge));
	return 0;
}
