#include "eio_session.h"

/*
 * What may be held in all, and who goes when it is too much: strangers, and
 * packets of which the rest has yet to come. And who sends too much has to
 * wait.
 */

bool eio_is_stranger(const struct eio_session *session)
{
	return session->extra != NULL && session->extra->stranger.peer != NULL;
}

void eio_stranger(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;
	struct eio_extra *extra;

	if (!eio_session_open(session))
		return;
	extra = eio_extra_want(session);
	if (extra->stranger.peer == NULL)
		eio_ledger_set(&engine->strangers, &extra->stranger,
			       session->address, 1);
	eio_wheel_set(&engine->wheel, &extra->connect,
		      engine->now_ms + engine->config.connect_timeout_ms);
}

void eio_known(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;

	if (!eio_is_stranger(session))
		return;
	eio_ledger_remove(&engine->strangers, &session->extra->stranger);
	eio_wheel_cancel(&engine->wheel, &session->extra->connect);
	eio_extra_drop(session);
}

uint32_t eio_session_max(const struct eio_session *session)
{
	const struct sio_config *config = &session->engine->config;

	return eio_is_stranger(session) ? config->stranger_payload
					: config->max_payload;
}

static void send_away(struct eio_engine *engine, struct eio_hold *hold)
{
	struct eio_extra *extra =
		(struct eio_extra *)((char *)hold -
				     offsetof(struct eio_extra, stranger));

	engine->stats.crowded++;
	eio_end(extra->session, SIO_CROWDED, 0, NULL);
}

bool eio_make_room(struct eio_engine *engine)
{
	struct eio_hold *worst = eio_ledger_worst(&engine->strangers);

	if (worst != NULL)
		send_away(engine, worst);
	return worst != NULL;
}

bool eio_has_room(const struct eio_engine *engine)
{
	return engine->sessions < engine->config.max_connections ||
	       engine->strangers.holds > 0;
}

void eio_make_room_for(struct eio_engine *engine, uint64_t address)
{
	const struct sio_config *config = &engine->config;
	size_t held;
	struct eio_hold *oldest =
		eio_ledger_oldest(&engine->strangers, address, &held);

	if (held >= config->max_strangers_per_address)
		send_away(engine, oldest);
	else if (engine->strangers.holds >= config->max_strangers ||
		 engine->sessions >= config->max_connections)
		eio_make_room(engine);
}

void eio_stranger_late(struct eio_extra *extra)
{
	struct eio_session *session = extra->session;
	const struct eio_engine *engine = session->engine;

	/* Who waits for our answer may wait on. */
	if (engine->waits != NULL && engine->waits(session, engine->user))
		eio_stranger(session);
	else
		eio_end(session, SIO_PROTOCOL_ERROR, 0, "connect timeout");
}

static void end_worst_half(struct eio_engine *engine)
{
	struct eio_hold *worst = eio_ledger_worst(&engine->halves);
	struct eio_extra *extra =
		(struct eio_extra *)((char *)worst -
				     offsetof(struct eio_extra, half));

	eio_end(extra->session, SIO_UNFINISHED, 0, NULL);
}

void eio_half(struct eio_session *session, enum eio_half part, size_t bytes)
{
	struct eio_engine *engine = session->engine;
	struct eio_extra *extra = session->extra;

	if (!eio_session_open(session) ||
	    (bytes == 0 && (extra == NULL || extra->halves[part] == 0)))
		return;
	extra = eio_extra_want(session);
	extra->halves[part] = bytes;
	bytes = extra->halves[EIO_HALF_FRAME] + extra->halves[EIO_HALF_PACKET];
	if (bytes > 0 && extra->half.peer == NULL)
		eio_wheel_set(&engine->wheel, &extra->rest,
			      engine->now_ms +
				      engine->config.packet_timeout_ms);
	eio_ledger_set(&engine->halves, &extra->half, session->address, bytes);
	if (bytes == 0) {
		eio_wheel_cancel(&engine->wheel, &extra->rest);
		eio_extra_drop(session);
	}
	while (engine->halves.weight > engine->config.max_unfinished)
		end_worst_half(engine);
}

void eio_half_late(struct eio_extra *extra)
{
	eio_end(extra->session, SIO_UNFINISHED, 0, NULL);
}

void eio_pause(struct eio_session *session, uint32_t ms)
{
	struct eio_engine *engine = session->engine;

	if (session->state != EIO_WEBSOCKET)
		return;
	eio_wheel_set(&engine->wheel, &eio_extra_want(session)->pause,
		      engine->now_ms + ms);
	engine->edge->ws_read(session->ws, false);
}

void eio_pause_over(struct eio_extra *extra)
{
	struct eio_session *session = extra->session;

	if (session->state == EIO_WEBSOCKET)
		session->engine->edge->ws_read(session->ws, true);
	eio_extra_drop(session);
}
