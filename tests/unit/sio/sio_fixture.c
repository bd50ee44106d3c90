#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sio_fixture.h"

struct fake fake;
struct fake_ws ws;
struct buf heard;
struct sio_socket *last, *main_socket;
enum sio_mode mode;
bool admits;
int connects, disconnects;
enum sio_reason reason;

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	(void)user;
	connects++;
	last = socket;
	if (strcmp(sio_socket_namespace(socket), "/") == 0)
		main_socket = socket;
	buf_addf(&heard, "connect%s%s", sio_socket_namespace(socket),
		 handshake->auth);
	if (mode == ACCEPT)
		sio_accept(socket);
	else if (mode == REFUSE)
		sio_refuse(socket, "Unauthorized", "{\"code\":\"bad_token\"}");
}

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	(void)socket;
	(void)user;
	buf_addf(&heard, "[%s:%.*s:%lld:%zu]", event->name,
		 (int)event->args_len, event->args, (long long)event->ack,
		 event->attachments_len);
	if (event->ack >= 0)
		sio_ack_binary(socket, event->ack, "[1]", 3, event->attachments,
			       event->attachments_len);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason why,
			  void *user)
{
	(void)socket;
	(void)user;
	disconnects++;
	reason = why;
}

static bool on_admit(struct sio_socket *socket, size_t bytes, int64_t ack,
		     void *user)
{
	(void)user;
	if (admits)
		return true;
	if (ack >= 0)
		sio_ack(socket, ack, "[\"slow down\"]", 13);
	buf_addf(&heard, "(%zu)", bytes);
	return false;
}

static const struct sio_handlers handlers = {
	.connect = on_connect,
	.event = on_event,
	.disconnect = on_disconnect,
	.admit = on_admit,
};

int sio_start(void **state)
{
	(void)state;
	fake_init(&fake);
	sio_namespace_add(fake.core, "/", &handlers, NULL);
	sio_namespace_add(fake.core, "/custom", &handlers, NULL);
	buf_init(&heard, 100000);
	mode = ACCEPT;
	admits = true;
	connects = disconnects = 0;
	last = main_socket = NULL;
	fake_open_ws(&fake, &ws);
	fake_sent(&fake, &ws);
	return 0;
}

int sio_stop(void **state)
{
	(void)state;
	fake_ws_done(&ws);
	fake_done(&fake);
	assert_int_equal(disconnects, mode == REFUSE ? 0 : connects);
	buf_done(&heard);
	return 0;
}

const char *says(const char *text)
{
	fake_text(&fake, &ws, text);
	return fake_sent(&fake, &ws);
}

const char *heard_text(void)
{
	static char copy[4096];

	strncpy(copy, heard.data != NULL ? heard.data : "", sizeof(copy) - 1);
	buf_reset(&heard);
	return copy;
}

void enter(void)
{
	assert_memory_equal(says("40"), "40{\"sid\":\"", 10);
	heard_text();
}

void send_json(struct sio_socket *socket, const char *json, int flags)
{
	struct sio_message *message = sio_message_new(json, strlen(json));

	sio_send(socket, message, flags);
	sio_message_unref(message);
}

void closes_with(const char *text)
{
	int before = disconnects;

	fake_text(&fake, &ws, text);
	assert_true(ws.closed);
	assert_int_equal(disconnects, before + (connects > before));
}
