#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "crypt.h"
#include "eio_message.h"
#include "eio_query.h"
#include "eio_session.h"
#include "mem.h"

#define SID_BYTES 15

const struct eio_refusal eio_refusals[EIO_ERRORS] = {
	[EIO_UNKNOWN_TRANSPORT] =
		{400, "{\"code\":0,\"message\":\"Transport unknown\"}"},
	[EIO_UNKNOWN_SID] = {400,
			     "{\"code\":1,\"message\":\"Session ID unknown\"}"},
	[EIO_BAD_METHOD] =
		{400, "{\"code\":2,\"message\":\"Bad handshake method\"}"},
	[EIO_BAD_REQUEST] = {400, "{\"code\":3,\"message\":\"Bad request\"}"},
	[EIO_FORBIDDEN] = {403, "{\"code\":4,\"message\":\"Forbidden\"}"},
	[EIO_BAD_VERSION] =
		{400,
		 "{\"code\":5,\"message\":\"Unsupported protocol version\"}"},
	[EIO_TOO_LARGE] = {413,
			   "{\"code\":3,\"message\":\"Payload too large\"}"},
	[EIO_BUSY] = {503, "{\"code\":4,\"message\":\"Too many connections\"}"},
	[EIO_NO_LENGTH] = {411, "{\"code\":3,\"message\":\"Length required\"}"},
	[EIO_BAD_HANDSHAKE] =
		{400, "{\"code\":3,\"message\":\"Bad WebSocket handshake\"}"},
	[EIO_BAD_WS_VERSION] =
		{426, "{\"code\":3,\"message\":\"WebSocket version is 13\"}"},
	[EIO_NO_PATH] = {404, "{\"code\":3,\"message\":\"Not found\"}"},
};

struct eio_session *eio_find(struct eio_engine *engine,
			     const struct eio_endpoint *endpoint,
			     const char *sid, int64_t now_ms)
{
	struct eio_session *session = eio_table_find(engine, sid);

	return session != NULL && session->endpoint == endpoint &&
			       eio_in_time(session, now_ms)
		       ? session
		       : NULL;
}

static enum eio_verdict judge_refuse(enum eio_error why, enum eio_error *error)
{
	*error = why;
	return EIO_REFUSE;
}

static enum eio_verdict judge_new(struct eio_engine *engine,
				  enum eio_method method, bool websocket,
				  enum eio_error *error)
{
	if (!websocket && method != EIO_METHOD_GET)
		return judge_refuse(EIO_BAD_METHOD, error);
	if (engine->shut || !eio_has_room(engine))
		return judge_refuse(EIO_BUSY, error);
	return EIO_CREATE;
}

static enum eio_verdict judge_known(const struct eio_session *session,
				    enum eio_method method, bool websocket,
				    enum eio_error *error)
{
	static const struct {
		enum eio_input input;
		enum eio_verdict verdict;
	} kinds[] = {
		[EIO_METHOD_GET] = {EIO_IN_GET, EIO_GET},
		[EIO_METHOD_POST] = {EIO_IN_POST, EIO_POST},
	};

	if (!websocket && method == EIO_METHOD_OTHER)
		return judge_refuse(EIO_BAD_REQUEST, error);

	enum eio_input input = websocket ? EIO_IN_ATTACH : kinds[method].input;
	struct eio_step step = eio_step((enum eio_state)session->state, input);

	if (step.action == EIO_DO_REFUSE)
		return websocket ? EIO_PART
				 : judge_refuse(EIO_BAD_REQUEST, error);
	return websocket ? EIO_ATTACH : kinds[method].verdict;
}

enum eio_verdict eio_judge(struct eio_engine *engine,
			   const struct eio_endpoint *endpoint,
			   enum eio_method method, bool websocket,
			   const char *query, int64_t now_ms,
			   struct eio_session **session, enum eio_error *error)
{
	const char *version = eio_query_get(query, "EIO");
	const char *transport = eio_query_get(query, "transport");
	const char *sid = eio_query_get(query, "sid");

	*session = NULL;
	engine->now_ms = now_ms;
	if (transport == NULL || (strcmp(transport, "polling") != 0 &&
				  strcmp(transport, "websocket") != 0))
		return judge_refuse(EIO_UNKNOWN_TRANSPORT, error);
	if (websocket != (strcmp(transport, "websocket") == 0))
		return judge_refuse(EIO_BAD_REQUEST, error);
	if (version == NULL || strcmp(version, "4") != 0)
		return judge_refuse(EIO_BAD_VERSION, error);
	if (sid == NULL)
		return judge_new(engine, method, websocket, error);
	*session = eio_find(engine, endpoint, sid, now_ms);
	if (*session == NULL)
		return judge_refuse(EIO_UNKNOWN_SID, error);
	return judge_known(*session, method, websocket, error);
}

/* base64url of random bytes, behind the node's prefix. */
static void make_sid(struct eio_engine *engine, char out[EIO_SID_SIZE])
{
	const char *prefix = engine->config.sid_prefix;
	uint8_t bytes[SID_BYTES];

	engine->config.random(bytes, sizeof(bytes));
	char *text = crypt_base64(bytes, sizeof(bytes));

	for (char *at = text; *at != '\0'; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	snprintf(out, EIO_SID_SIZE, "%s%s", prefix != NULL ? prefix : "", text);
	free(text);
}

static void send_text(struct eio_session *session, const char *text, size_t len)
{
	struct eio_message *message = eio_message_text(text, len);

	eio_send(session, message, false);
	eio_message_unref(message);
}

static void send_open(struct eio_session *session)
{
	const struct sio_config *config = &session->engine->config;
	char text[256];
	int len = snprintf(text, sizeof(text),
			   "0{\"sid\":\"%s\",\"upgrades\":[%s],"
			   "\"pingInterval\":%u,\"pingTimeout\":%u,"
			   "\"maxPayload\":%u}",
			   session->sid,
			   session->ws == NULL ? "\"websocket\"" : "",
			   config->ping_interval_ms, config->ping_timeout_ms,
			   config->max_payload);

	assert(len > 0 && (size_t)len < sizeof(text));
	send_text(session, text, (size_t)len);
}

struct eio_session *eio_open(struct eio_engine *engine,
			     const struct eio_endpoint *endpoint,
			     const struct sio_handshake *handshake,
			     struct eio_ws *ws, int64_t now_ms)
{
	struct eio_session *session = xcalloc(1, sizeof(*session));

	engine->now_ms = now_ms;
	session->address = eio_address_key(handshake->address);
	eio_make_room_for(engine, session->address);
	session->engine = engine;
	session->endpoint = endpoint;
	session->state = ws != NULL ? EIO_WEBSOCKET : EIO_POLLING;
	session->ws = ws;
	if (ws != NULL) {
		ws->session = session;
		engine->stats.websockets++;
	}
	make_sid(engine, session->sid);
	eio_table_add(session);
	send_open(session);
	eio_ping_later(session);
	if (endpoint->strangers)
		eio_stranger(session);
	session->handed = true;
	endpoint->handlers->open(session, handshake, endpoint->user);
	return session;
}
