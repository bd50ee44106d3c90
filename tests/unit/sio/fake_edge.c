#include "fake_edge.h"

#include <assert.h>
#include <string.h>

#include "eio_message.h"
#include "eio_packet.h"
#include "mem.h"

#define SENT_MAX (64 * 1024 * 1024)

const struct sio_handshake fake_handshake = {
	.query = "EIO=4\0token=abc\0",
	.origin = "https://chat.example",
	.host = "chat.example",
	.address = "192.0.2.7",
	.user_agent = "test",
	.request_id = "req-1",
};

static void note(struct fake_ws *ws, const struct eio_packet *packet)
{
	if (ws->sent.len > 0)
		buf_adds(&ws->sent, "|");
	if (packet->binary)
		buf_adds(&ws->sent, "b<");
	else
		buf_addf(&ws->sent, "%d", (int)packet->type);
	buf_add(&ws->sent, packet->data, packet->len);
	buf_adds(&ws->sent, packet->binary ? ">" : "");
}

static void ws_write(struct eio_ws *base, struct eio_outbox *outbox)
{
	struct fake_ws *ws = (struct fake_ws *)base;
	struct eio_packet packet;

	while (!ws->blocked && outbox->len > 0) {
		struct eio_message *message = eio_outbox_at(outbox, 0);
		size_t offset = 0;

		while (eio_message_next(message, &offset, &packet))
			note(ws, &packet);
		eio_outbox_wrote(outbox, message->len - outbox->written);
	}
}

static void ws_text(struct eio_ws *base, const char *text)
{
	struct eio_packet packet;

	if (eio_packet_read(text, strlen(text), &packet))
		note((struct fake_ws *)base, &packet);
}

static void ws_close(struct eio_ws *base, struct eio_outbox *rest, int code,
		     const char *word)
{
	struct fake_ws *ws = (struct fake_ws *)base;

	if (rest != NULL)
		ws_write(base, rest);
	ws->closed = true;
	ws->code = code;
	strncpy(ws->word, word, sizeof(ws->word) - 1);
}

static void ws_read(struct eio_ws *base, bool on)
{
	((struct fake_ws *)base)->paused = !on;
}

static void poll_answer(struct eio_poll *base, struct buf *body)
{
	struct fake_poll *poll = (struct fake_poll *)base;

	poll->answered = true;
	poll->body = *body;
}

static void post_drop(struct eio_post *post)
{
	((struct fake_post *)post)->dropped = true;
}

static void expired(struct eio_timer *timer)
{
	(void)timer;
}

static const struct eio_edge edge = {
	.ws_write = ws_write,
	.ws_text = ws_text,
	.ws_close = ws_close,
	.ws_read = ws_read,
	.poll_answer = poll_answer,
	.post_drop = post_drop,
	.expired = expired,
};

static int64_t no_clock(void)
{
	return 0;
}

/* Different each time, the same in every run. */
static void counter(void *out, size_t len)
{
	static uint32_t next;
	uint8_t *bytes = out;

	next++;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(next >> (i % 4 * 8));
}

void fake_init(struct fake *fake)
{
	struct sio_config config = {
		.ping_interval_ms = 300,
		.ping_timeout_ms = 200,
		.connect_timeout_ms = 1000,
		.upgrade_timeout_ms = 500,
		.max_payload = 1000,
		.max_attachments = 3,
		.outbox_max = 2000,
		.max_connections = 100,
		.max_strangers = 20,
		.max_strangers_per_address = 10,
		.stranger_payload = 500,
		.max_unfinished = 3000,
		.packet_timeout_ms = 400,
		.max_acks = 2,
		.now_ms = no_clock,
		.random = counter,
	};

	*fake = (struct fake){.now_ms = 1000000};
	sio_config_complete(&config);
	fake->core = sio_core_new(&config, &edge, fake->now_ms);
	fake->engine = fake->core->engine;
	fake->endpoint = sio_core_endpoint(fake->core, "/socket.io/", 11);
}

void fake_done(struct fake *fake)
{
	eio_shutdown(fake->engine);
	eio_flush(fake->engine);
	assert(eio_engine_stats(fake->engine)->connections > 0 ||
	       eio_engine_stats(fake->engine)->waiting == 0);
	sio_core_free(fake->core);
}

void fake_flush(struct fake *fake)
{
	eio_flush(fake->engine);
}

void fake_pass(struct fake *fake, int64_t ms)
{
	int64_t end = fake->now_ms + ms;

	for (; fake->now_ms < end; fake->now_ms += 10) {
		eio_tick(fake->engine, fake->now_ms);
		eio_flush(fake->engine);
	}
	eio_tick(fake->engine, fake->now_ms);
	eio_flush(fake->engine);
}

enum eio_verdict fake_judge(struct fake *fake, enum eio_method method,
			    bool websocket, const char *query)
{
	size_t len = strlen(query);
	char *list = xcalloc(1, len + 2);

	memcpy(list, query, len);
	for (size_t i = 0; i < len; i++)
		list[i] = list[i] == '&' ? '\0' : list[i];
	enum eio_verdict verdict =
		eio_judge(fake->engine, fake->endpoint, method, websocket, list,
			  fake->now_ms, &fake->session, &fake->error);

	free(list);
	return verdict;
}

struct eio_session *fake_open(struct fake *fake, struct fake_poll *poll)
{
	struct eio_session *session =
		eio_open(fake->engine, fake->endpoint, &fake_handshake, NULL,
			 fake->now_ms);

	fake_get(fake, session, poll);
	return session;
}

struct eio_session *fake_open_ws(struct fake *fake, struct fake_ws *ws)
{
	*ws = (struct fake_ws){0};
	buf_init(&ws->sent, SENT_MAX);
	struct eio_session *session =
		eio_open(fake->engine, fake->endpoint, &fake_handshake,
			 &ws->base, fake->now_ms);

	eio_flush(fake->engine);
	return session;
}

const char *fake_get(struct fake *fake, struct eio_session *session,
		     struct fake_poll *poll)
{
	*poll = (struct fake_poll){0};
	if (!eio_get(session, &poll->base)) {
		eio_flush(fake->engine);
		return "400";
	}
	eio_flush(fake->engine);
	return fake_body(poll);
}

bool fake_post(struct fake *fake, struct eio_session *session, const char *body)
{
	char *copy = xstrdup(body);
	struct fake_post post = {0};
	bool fine = eio_post_begin(session, &post.base) &&
		    eio_post(&post.base, copy, strlen(copy), fake->now_ms,
			     &fake->error);

	free(copy);
	eio_flush(fake->engine);
	return fine;
}

void fake_text(struct fake *fake, struct fake_ws *ws, const char *text)
{
	eio_ws_text(&ws->base, text, strlen(text), fake->now_ms);
	eio_flush(fake->engine);
}

void fake_binary(struct fake *fake, struct fake_ws *ws, const void *data,
		 size_t len)
{
	eio_ws_binary(&ws->base, data, len, fake->now_ms);
	eio_flush(fake->engine);
}

const char *fake_sent(struct fake *fake, struct fake_ws *ws)
{
	static char *last;

	free(last);
	eio_flush(fake->engine);
	last = xstrndup(ws->sent.data != NULL ? ws->sent.data : "",
			ws->sent.len);
	buf_reset(&ws->sent);
	return last;
}

const char *fake_body(struct fake_poll *poll)
{
	return poll->answered && poll->body.data != NULL ? poll->body.data : "";
}

void fake_ws_done(struct fake_ws *ws)
{
	eio_ws_gone(&ws->base);
	buf_done(&ws->sent);
}

void fake_poll_done(struct fake_poll *poll)
{
	buf_done(&poll->body);
}
