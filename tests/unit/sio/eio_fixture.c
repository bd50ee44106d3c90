#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "eio_fixture.h"

#define PATH "/engine.io/"

struct fake fake;
struct buf heard;
int opened, closed;
enum sio_reason reason;
bool echo;

static void on_open(struct eio_session *session,
		    const struct sio_handshake *handshake, void *user)
{
	(void)session;
	(void)user;
	assert_string_equal(handshake->host, "chat.example");
	opened++;
}

static void on_message(struct eio_session *session, const void *data,
		       size_t len, bool binary, void *user)
{
	(void)user;
	buf_addf(&heard, "%s", binary ? "b<" : "<");
	buf_add(&heard, data, len);
	buf_adds(&heard, ">");
	if (echo)
		sio_engine_send(session, data, len, binary);
}

static void on_close(struct eio_session *session, enum sio_reason why,
		     void *user)
{
	(void)session;
	(void)user;
	closed++;
	reason = why;
}

static const struct sio_engine_handlers handlers = {on_open, on_message,
						    on_close};

int eio_start(void **state)
{
	(void)state;
	fake_init(&fake);
	sio_core_engine(fake.core, PATH, &handlers, NULL);
	fake.endpoint = sio_core_endpoint(fake.core, PATH, strlen(PATH));
	buf_init(&heard, 100000);
	opened = closed = 0;
	echo = false;
	return 0;
}

int eio_stop(void **state)
{
	(void)state;
	fake_done(&fake);
	buf_done(&heard);
	return 0;
}

enum eio_verdict judge(enum eio_method method, bool websocket,
		       const char *query)
{
	return fake_judge(&fake, method, websocket, query);
}

void refused(enum eio_error error, enum eio_method method, bool websocket,
	     const char *query)
{
	assert_int_equal(judge(method, websocket, query), EIO_REFUSE);
	assert_int_equal(fake.error, error);
}

const char *with_sid(const char *query, struct eio_session *session)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s&sid=%s", query,
		 eio_session_sid(session));
	return text;
}
