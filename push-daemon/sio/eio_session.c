#include "eio_session.h"

#include "buf.h"
#include "eio_message.h"
#include "eio_packet.h"
#include "mem.h"

#define PAYLOAD_AIM (1024 * 1024) /* bytes of one polling answer, about */

void eio_queue_init(struct eio_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

void eio_queue_add(struct eio_queue *queue, struct eio_session *session)
{
	session->next_in_queue = NULL;
	*queue->last = session;
	queue->last = &session->next_in_queue;
}

struct eio_session *eio_queue_take(struct eio_queue *queue)
{
	struct eio_session *session = queue->first;

	if (session == NULL)
		return NULL;
	queue->first = session->next_in_queue;
	if (queue->first == NULL)
		queue->last = &queue->first;
	session->next_in_queue = NULL;
	return session;
}

struct eio_extra *eio_extra_want(struct eio_session *session)
{
	if (session->extra == NULL) {
		session->extra = xcalloc(1, sizeof(*session->extra));
		session->extra->session = session;
		session->extra->upgrade.kind = EIO_TIMER_UPGRADE;
		session->extra->connect.kind = EIO_TIMER_CONNECT;
		session->extra->rest.kind = EIO_TIMER_REST;
		session->extra->pause.kind = EIO_TIMER_PAUSE;
	}
	return session->extra;
}

void eio_extra_drop(struct eio_session *session)
{
	const struct eio_extra *extra = session->extra;

	if (extra == NULL || extra->ending || extra->post != NULL ||
	    extra->upgrade.at != NULL || extra->pause.at != NULL ||
	    extra->stranger.peer != NULL || extra->half.peer != NULL)
		return;
	free(session->extra);
	session->extra = NULL;
}

void eio_probe_over(struct eio_session *session)
{
	if (session->extra == NULL)
		return;
	eio_wheel_cancel(&session->engine->wheel, &session->extra->upgrade);
	eio_extra_drop(session);
}

void eio_holds_drop(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;
	struct eio_extra *extra = session->extra;

	eio_ledger_remove(&engine->strangers, &extra->stranger);
	eio_ledger_remove(&engine->halves, &extra->half);
	eio_wheel_cancel(&engine->wheel, &extra->connect);
	eio_wheel_cancel(&engine->wheel, &extra->rest);
	eio_wheel_cancel(&engine->wheel, &extra->pause);
}

void eio_mark_dirty(struct eio_session *session)
{
	if (session->dirty)
		return;
	session->dirty = true;
	eio_queue_add(&session->engine->dirty, session);
}

void eio_ping_later(struct eio_session *session)
{
	struct eio_engine *engine = session->engine;

	session->awaiting_pong = false;
	session->ping.kind = EIO_TIMER_PING;
	eio_wheel_set(&engine->wheel, &session->ping,
		      engine->now_ms + engine->config.ping_interval_ms);
}

static void add_waiting(struct eio_session *session, struct buf *body)
{
	struct eio_outbox *outbox = &session->outbox;
	uint32_t before = outbox->bytes;
	struct eio_packet packet;

	while (outbox->len > 0 && body->len < PAYLOAD_AIM) {
		struct eio_message *message = eio_outbox_at(outbox, 0);
		size_t offset = 0;

		while (eio_message_next(message, &offset, &packet))
			eio_payload_add(body, &packet);
		eio_outbox_wrote(outbox, message->len);
	}
	eio_waiting_was(session, before);
}

void eio_answer_held(struct eio_session *session, char last)
{
	struct eio_poll *poll = session->held;
	struct buf body;

	/* The outbox is bounded; base64 makes four of three. */
	buf_init(&body, (size_t)session->engine->config.outbox_max * 2 + 16);
	add_waiting(session, &body);
	if (last != 0)
		eio_payload_add(&body,
				&(struct eio_packet){
					.type = (enum eio_type)(last - '0')});
	session->held = NULL;
	poll->session = NULL;
	session->engine->stats.writes++;
	session->engine->edge->poll_answer(poll, &body);
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
