#include "eio_engine.h"

#include <assert.h>
#include <string.h>

#include "eio_message.h"
#include "eio_session.h"
#include "mem.h"

static void queue_init(struct eio_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void queue_add(struct eio_queue *queue, struct eio_session *session)
{
	session->next_dirty = NULL;
	*queue->last = session;
	queue->last = &session->next_dirty;
}

static struct eio_session *queue_take(struct eio_queue *queue)
{
	struct eio_session *session = queue->first;

	if (session == NULL)
		return NULL;
	queue->first = session->next_dirty;
	if (queue->first == NULL)
		queue->last = &queue->first;
	session->next_dirty = NULL;
	return session;
}

static uint32_t shorter(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Sixteen ticks in the shortest time-out, yet no more than two a second nor
 * fewer than a hundred. */
static uint32_t tick_of(const struct sio_config *config)
{
	uint32_t least = shorter(
		shorter(config->ping_interval_ms, config->ping_timeout_ms),
		shorter(config->connect_timeout_ms,
			config->upgrade_timeout_ms));
	uint32_t tick = least / 16;

	return tick < 10 ? 10 : tick > 500 ? 500 : tick;
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
	queue_init(&engine->dirty);
	queue_init(&engine->doomed);
	eio_wheel_init(&engine->wheel, tick_of(config), now_ms);
	return engine;
}

void eio_engine_hooks(struct eio_engine *engine, bool (*settle)(void *user),
		      void (*fire)(struct eio_timer *timer, void *user),
		      void *user)
{
	engine->settle = settle;
	engine->fire = fire;
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

struct eio_extra *eio_extra_want(struct eio_session *session)
{
	if (session->extra == NULL) {
		session->extra = xcalloc(1, sizeof(*session->extra));
		session->extra->session = session;
		session->extra->upgrade.kind = EIO_TIMER_UPGRADE;
	}
	return session->extra;
}

void eio_extra_drop(struct eio_session *session)
{
	struct eio_extra *extra = session->extra;

	if (extra == NULL)
		return;
	eio_wheel_cancel(&session->engine->wheel, &extra->upgrade);
	if (extra->doomed)
		return;
	free(extra);
	session->extra = NULL;
}

void eio_mark_dirty(struct eio_session *session)
{
	if (session->dirty)
		return;
	session->dirty = true;
	queue_add(&session->engine->dirty, session);
}

void eio_ping_later(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;

	session->awaiting_pong = false;
	session->ping.kind = EIO_TIMER_PING;
	eio_wheel_set(&engine->wheel, &session->ping,
		      engine->now_ms + engine->config.ping_interval_ms);
}

void eio_send(struct eio_session *session, struct eio_message *message,
	      bool droppable)
{
	struct eio_engine *engine = session->engine;

	if (!eio_state_open((enum eio_state)session->state))
		return;
	switch (eio_outbox_push(&session->outbox, message, droppable,
				engine->config.outbox_max,
				&engine->stats.dropped)) {
	case EIO_PUSHED:
		engine->stats.deliveries++;
		eio_mark_dirty(session);
		break;
	case EIO_DROPPED:
		break;
	case EIO_FULL:
		engine->stats.overflows++;
		eio_doom(session, SIO_OVERFLOW, 0, NULL);
		break;
	}
}

void eio_doom(struct eio_session *session, enum sio_reason reason, int code,
	      const char *word)
{
	struct eio_extra *extra;

	if (!eio_state_open((enum eio_state)session->state))
		return;
	extra = eio_extra_want(session);
	extra->doomed = true;
	extra->was = session->state;
	extra->reason = (uint8_t)reason;
	extra->code = (uint16_t)code;
	if (word != NULL) {
		size_t len = strnlen(word, sizeof(extra->word) - 1);
		memcpy(extra->word, word, len);
	}
	session->state = eio_lingers(session) ? EIO_ENDING : EIO_CLOSED;
	/* It may wait in the dirty queue: that one passes over it, and both
	 * use the same link. */
	if (!session->dirty)
		queue_add(&session->engine->doomed, session);
}

/* From here on only eio_flush() may touch it, to free it. */
void eio_bury(struct eio_session *session)
{
	session->state = EIO_CLOSED;
	eio_wheel_cancel(&session->engine->wheel, &session->ping);
	if (session->ws != NULL)
		eio_end_ws(session, false);
	eio_extra_drop(session);
	eio_outbox_clear(&session->outbox);
	eio_table_remove(session);
	session->next_dirty = session->engine->dead;
	session->engine->dead = session;
}

static void write_out(struct eio_session *session)
{
	const struct eio_edge *edge = session->engine->edge;

	if (session->state == EIO_WEBSOCKET)
		edge->ws_write(session->ws, &session->outbox);
	else if (session->held != NULL && session->outbox.len > 0)
		eio_answer_held(session, 0);
}

static bool end_doomed(struct eio_engine *engine)
{
	struct eio_session *session = queue_take(&engine->doomed);

	if (session == NULL)
		return false;
	eio_end(session);
	return true;
}

/* Ends that were asked for, and what they lead to, until nothing is left. */
static void settle(struct eio_engine *engine)
{
	bool more = true;

	while (more) {
		more = end_doomed(engine);
		more |= engine->settle != NULL && engine->settle(engine->user);
	}
}

static void reap(struct eio_engine *engine)
{
	struct eio_session *session;

	while ((session = engine->dead) != NULL) {
		engine->dead = session->next_dirty;
		free(session->extra);
		free(session);
	}
}

void eio_flush(struct eio_engine *engine)
{
	for (;;) {
		settle(engine);
		struct eio_session *session = queue_take(&engine->dirty);

		if (session == NULL)
			break;
		session->dirty = false;
		if (!eio_state_open((enum eio_state)session->state))
			queue_add(&engine->doomed, session);
		else
			write_out(session);
	}
	reap(engine);
}

static void ping_fired(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;

	if (session->state == EIO_LINGERING) {
		eio_bury(session);
		return;
	}
	if (session->awaiting_pong) {
		eio_doom(session, SIO_PING_TIMEOUT, 0, NULL);
		return;
	}
	session->awaiting_pong = true;
	eio_wheel_set(&engine->wheel, &session->ping,
		      engine->now_ms + engine->config.ping_timeout_ms);
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
}

static void fired(struct eio_timer *timer, void *user)
{
	struct eio_engine *engine = user;

	if (timer->kind == EIO_TIMER_PING)
		ping_fired((struct eio_session *)((char *)timer -
						  offsetof(struct eio_session,
							   ping)));
	else if (timer->kind == EIO_TIMER_UPGRADE)
		upgrade_fired(((struct eio_extra *)((char *)timer -
						    offsetof(struct eio_extra,
							     upgrade)))
				      ->session);
	else if (timer->kind == EIO_TIMER_EDGE)
		engine->edge->expired(timer);
	else
		engine->fire(timer, engine->user);
}

void eio_tick(struct eio_engine *engine, int64_t now_ms)
{
	engine->now_ms = now_ms;
	eio_wheel_advance(&engine->wheel, now_ms, fired, engine);
}

void eio_shutdown(struct eio_engine *engine)
{
	engine->shut = true;
	for (size_t i = 0; i < engine->cap; i++) {
		struct eio_session *session = engine->by_sid[i], *next;
		for (; session != NULL; session = next) {
			next = session->next_by_sid;
			if (session->state == EIO_LINGERING)
				eio_bury(session);
			else
				eio_doom(session, SIO_SHUTDOWN, 0, NULL);
		}
	}
}

void eio_engine_free(struct eio_engine *engine)
{
	assert(engine->sessions == 0);
	reap(engine);
	eio_message_unref(engine->ping_message);
	free(engine->by_sid);
	free(engine);
}

void eio_session_set_user(struct eio_session *session, void *user)
{
	session->user = user;
}

void *eio_session_user(const struct eio_session *session)
{
	return session->user;
}

bool eio_session_open(const struct eio_session *session)
{
	return eio_state_open((enum eio_state)session->state);
}

const char *eio_session_sid(const struct eio_session *session)
{
	return session->sid;
}

const char *eio_session_transport(const struct eio_session *session)
{
	return eio_state_transport((enum eio_state)session->state);
}

size_t eio_session_waiting(const struct eio_session *session)
{
	return session->outbox.bytes;
}
