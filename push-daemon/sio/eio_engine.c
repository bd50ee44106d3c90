#include "eio_engine.h"

#include <assert.h>
#include <string.h>

#include "eio_message.h"
#include "eio_session.h"
#include "mem.h"

static uint32_t shorter(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Forty ticks in the shortest time-out, yet no fewer than two a second nor more
 * than two hundred. */
static uint32_t tick_of(const struct sio_config *config)
{
	uint32_t least = shorter(
		shorter(config->ping_interval_ms, config->ping_timeout_ms),
		shorter(config->connect_timeout_ms,
			config->upgrade_timeout_ms));
	uint32_t tick = least / 40;

	return tick < 5 ? 5 : tick > 500 ? 500 : tick;
}

struct eio_engine *eio_engine_new(const struct sio_config *config,
				  const struct eio_edge *edge, int64_t now_ms)
{
	struct eio_engine *engine = xcalloc(1, sizeof(*engine));

	assert(config->sid_prefix == NULL || strlen(config->sid_prefix) <= 4);
	engine->config = *config;
	engine->edge = edge;
	engine->now_ms = now_ms;
	eio_table_init(engine);
	engine->ping_message = eio_message_text("2", 1);
	eio_queue_init(&engine->dirty);
	eio_queue_init(&engine->ending);
	eio_ledger_init(&engine->strangers, config->random);
	eio_ledger_init(&engine->halves, config->random);
	eio_wheel_init(&engine->wheel, tick_of(config), now_ms);
	return engine;
}

void eio_engine_hooks(struct eio_engine *engine, bool (*settle)(void *user),
		      bool (*waits)(struct eio_session *session, void *user),
		      void *user)
{
	engine->settle = settle;
	engine->waits = waits;
	engine->user = user;
}

struct eio_wheel *eio_engine_wheel(struct eio_engine *engine)
{
	return &engine->wheel;
}

struct sio_stats *eio_engine_stats(struct eio_engine *engine)
{
	return &engine->stats;
}

int64_t eio_engine_now(const struct eio_engine *engine)
{
	return engine->now_ms;
}

void eio_send(struct eio_session *session, struct eio_message *message,
	      bool droppable)
{
	struct eio_engine *engine = session->engine;
	uint32_t before = session->outbox.bytes;

	if (!eio_state_open((enum eio_state)session->state))
		return;
	enum eio_push push = eio_outbox_push(
		&session->outbox, message, droppable, engine->config.outbox_max,
		&engine->stats.dropped);

	eio_waiting_was(session, before);
	switch (push) {
	case EIO_PUSHED:
		engine->stats.deliveries++;
		eio_mark_dirty(session);
		break;
	case EIO_DROPPED:
		break;
	case EIO_FULL:
		engine->stats.overflows++;
		eio_end(session, SIO_OVERFLOW, 0, NULL);
		break;
	}
}

static void write_out(struct eio_session *session)
{
	const struct eio_edge *edge = session->engine->edge;
	uint32_t before = session->outbox.bytes;

	if (session->state == EIO_WEBSOCKET) {
		edge->ws_write(session->ws, &session->outbox);
		eio_waiting_was(session, before);
	} else if (session->held != NULL && session->outbox.len > 0) {
		eio_answer_held(session, 0);
	}
}

static bool tell_next(struct eio_engine *engine)
{
	struct eio_session *session = eio_queue_take(&engine->ending);

	if (session == NULL)
		return false;
	eio_end_tell(session);
	return true;
}

/* Ends that were asked for, and what they lead to, until nothing is left. */
static void engine_settle(struct eio_engine *engine)
{
	bool more = true;

	while (more) {
		more = tell_next(engine);
		more |= engine->settle != NULL && engine->settle(engine->user);
	}
}

static void free_closed(struct eio_engine *engine)
{
	struct eio_session *session;

	while ((session = engine->closed) != NULL) {
		engine->closed = session->next_in_queue;
		free(session->extra);
		free(session);
	}
}

void eio_flush(struct eio_engine *engine)
{
	for (;;) {
		engine_settle(engine);
		struct eio_session *session = eio_queue_take(&engine->dirty);

		if (session == NULL)
			break;
		session->dirty = false;
		if (!eio_state_open((enum eio_state)session->state))
			eio_queue_add(&engine->ending, session);
		else
			write_out(session);
	}
	free_closed(engine);
}

/* When the ping was due: that it left late is not the client's time. But what
 * the whole process lost, asleep perhaps, is not to be the client's loss. */
static int64_t ping_moment(const struct eio_session *session)
{
	const struct eio_engine *engine = session->engine;
	int64_t due = eio_wheel_moment(&engine->wheel, &session->ping);
	int64_t least = engine->now_ms - engine->config.ping_timeout_ms / 2;

	return due > least ? due : least;
}

static void ping_fired(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;

	if (session->state == EIO_LINGERING) {
		eio_close(session);
		return;
	}
	if (session->awaiting_pong) {
		eio_end(session, SIO_PING_TIMEOUT, 0, NULL);
		return;
	}
	session->awaiting_pong = true;
	eio_wheel_set(&engine->wheel, &session->ping,
		      ping_moment(session) + engine->config.ping_timeout_ms);
	eio_send(session, engine->ping_message, false);
}

static void upgrade_fired(struct eio_session *session)
{
	struct eio_step step =
		eio_step((enum eio_state)session->state, EIO_IN_LATE);
	struct eio_ws *ws = session->ws;

	if (step.action != EIO_DO_DETACH)
		return;
	session->state = (uint8_t)step.next;
	session->ws = NULL;
	ws->session = NULL;
	session->engine->edge->ws_close(ws, NULL, 1000, "upgrade timeout");
	eio_extra_drop(session);
}

#define OWNER(timer, type, field)                                              \
	((type *)(void *)((char *)(timer) - offsetof(type, field)))

static void engine_fired(struct eio_timer *timer, void *user)
{
	struct eio_engine *engine = user;

	switch ((enum eio_timer_kind)timer->kind) {
	case EIO_TIMER_PING:
		ping_fired(OWNER(timer, struct eio_session, ping));
		break;
	case EIO_TIMER_UPGRADE:
		upgrade_fired(OWNER(timer, struct eio_extra, upgrade)->session);
		break;
	case EIO_TIMER_CONNECT:
		eio_stranger_late(OWNER(timer, struct eio_extra, connect));
		break;
	case EIO_TIMER_REST:
		eio_half_late(OWNER(timer, struct eio_extra, rest));
		break;
	case EIO_TIMER_PAUSE:
		eio_pause_over(OWNER(timer, struct eio_extra, pause));
		break;
	case EIO_TIMER_EDGE:
		engine->edge->expired(timer);
		break;
	}
}

void eio_tick(struct eio_engine *engine, int64_t now_ms)
{
	engine->now_ms = now_ms;
	eio_wheel_advance(&engine->wheel, now_ms, engine_fired, engine);
}

void eio_shutdown(struct eio_engine *engine)
{
	engine->shut = true;
	for (size_t i = 0; i < engine->cap; i++) {
		struct eio_session *session = engine->by_sid[i], *next;
		for (; session != NULL; session = next) {
			next = session->next_by_sid;
			if (session->state == EIO_LINGERING)
				eio_close(session);
			else
				eio_end(session, SIO_SHUTDOWN, 0, NULL);
		}
	}
}

void eio_engine_free(struct eio_engine *engine)
{
	assert(engine->sessions == 0);
	free_closed(engine);
	eio_ledger_done(&engine->strangers);
	eio_ledger_done(&engine->halves);
	eio_message_unref(engine->ping_message);
	free(engine->by_sid);
	free(engine);
}
