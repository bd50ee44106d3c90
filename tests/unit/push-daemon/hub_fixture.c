#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub_fixture.h"

#include "buf.h"
#include "mem.h"
#include "sio_message.h"
#include "sio_wire.h"

struct hub *hub;
int64_t now;
bool workers_down;

/* ---- fake edge: a transcript for each client ---- */

static void note(struct client *client, const char *what, const char *text,
		 size_t len)
{
	struct fake *fake = (struct fake *)client;
	size_t at = strlen(fake->seen);

	snprintf(fake->seen + at, sizeof(fake->seen) - at, "%s%.*s\n", what,
		 (int)len, text);
}

static void fake_accept(struct client *client)
{
	note(client, "accepted", "", 0);
}

static void fake_refuse(struct client *client, const char *message,
			const char *data)
{
	note(client, "refused ", message, strlen(message));
	note(client, "data ", data, strlen(data));
	((struct fake *)client)->gone = true;
}

static void fake_send(struct client *client, struct sio_message *message,
		      bool droppable)
{
	const struct eio_message *wire = sio_message_wire(message, "/");
	struct eio_packet packet;
	size_t at = 0;

	assert_true(eio_message_next(wire, &at, &packet));
	/* After Socket.IO's packet type. */
	note(client, droppable ? "?" : "!", (const char *)packet.data + 1,
	     packet.len - 1);
	if (((struct fake *)client)->dies)
		disconnect((struct fake *)client);
}

static void fake_ack(struct client *client, int64_t ack, const char *json,
		     size_t len)
{
	char what[32];

	snprintf(what, sizeof(what), "ack%d ", (int)ack);
	note(client, what, json, len);
}

static void fake_close(struct client *client)
{
	note(client, "closed", "", 0);
}

static void fake_drop(struct client *client)
{
	note(client, "dropped", "", 0);
}

int freed;

static void fake_free(struct client *client)
{
	(void)client; /* it is the test's */
	freed++;
}

const struct client_ops ops = {fake_accept, fake_refuse, fake_send, fake_ack,
			       fake_close,  fake_drop,	 fake_free};

/* ---- fake workers: what they are asked, and what they answer ---- */

char asked[8192];
struct api_command held; /* the last one, unanswered */
char session_answer[1000];
const char *sessions_answer;

struct api_command take_held(void)
{
	struct api_command taken = held;

	held.reply = NULL;
	return taken;
}

void answer(const struct api_command *command, const char *head_text,
	    const char *payload)
{
	struct api_queue *queue = api_queue_new(10, 100000);
	struct api_command once = *command;
	struct buf body;

	if (command == &held)
		held.reply = NULL;
	buf_init(&body, 200000);
	assert_true(api_queue_push(queue, &once));
	api_queue_batch(queue, &body);
	assert_true(api_queue_answer(queue, head_text, strlen(head_text),
				     payload,
				     payload != NULL ? strlen(payload) : 0));
	api_queue_free(queue);
	buf_done(&body);
}

static void call(const struct api_command *command, const char *key, void *user)
{
	static const struct api_result unavailable = {.code = "unavailable"};
	size_t at = strlen(asked);

	(void)key;
	(void)user;
	snprintf(asked + at, sizeof(asked) - at, "%.*s %.*s\n",
		 (int)command->head_len, command->head,
		 (int)command->payload_len,
		 command->payload != NULL ? command->payload : "");
	if (workers_down) {
		command->reply(&unavailable, command->user);
	} else if (strstr(command->head, "\"session\"") != NULL &&
		   session_answer[0] != '\0') {
		answer(command, session_answer, NULL);
	} else if (strstr(command->head, "\"command\":\"sessions\"") != NULL) {
		answer(command, sessions_answer, NULL);
	} else {
		if (held.reply != NULL)
			answer(&held, "{\"ok\":true,\"more\":false}", NULL);
		held = *command;
		held.head = "{}";
		held.head_len = 2;
		held.payload = NULL;
	}
}

static int64_t mono_ms(void)
{
	return now;
}

static int64_t wall_ms(void)
{
	return WALL + now;
}

/* Any numbers do, as long as they are the same every time. */
static void even_random(void *out, size_t len)
{
	static uint32_t state = 7;

	for (size_t i = 0; i < len; i++) {
		state = state * 1664525 + 1013904223;
		((uint8_t *)out)[i] = (uint8_t)(state >> 24);
	}
}

static void start(bool heal, int64_t broadcast_max)
{
	const struct hub_config config = {
		.presence_grace_ms = 8000,
		.presence_broadcast_max = broadcast_max,
		.typing_stop_ms = 3000,
		.hole_ms = 200,
		.socket_rate = 20,
		.socket_burst = 5,
		.user_sockets = 2,
		.lost_ms = 45000,
		.heal = heal,
		.mono_ms = mono_ms,
		.wall_ms = wall_ms,
		.random = even_random,
		.call = call,
	};

	now = 20000;
	asked[0] = '\0';
	sessions_answer = "{\"ok\":true,\"gone\":[]}";
	workers_down = false;
	held = (struct api_command){0};
	freed = 0;
	hub = hub_new(&config);
}

int hub_setup(void **state)
{
	(void)state;
	start(true, 200);
	return 0;
}

int hub_setup_large(void **state)
{
	(void)state;
	start(true, 0);
	return 0;
}

int hub_setup_two(void **state)
{
	(void)state;
	start(true, 2);
	return 0;
}

void connect_as(struct fake *fake, const char *user, const char *more)
{
	const struct hub_hello hello = {
		"{\"token\":\"t\"}", 13,     "",
		"10.0.0.1",	     "test", "first-request"};

	snprintf(session_answer, sizeof(session_answer),
		 "{\"ok\":true,\"user\":{\"_id\":\"%s\",\"statusText\":\"hi\"},"
		 "\"sessionId\":\"s1\",\"expiresAt\":%lld,\"asOf\":%lld%s}",
		 user, (long long)(WALL + 1000000), (long long)(WALL + now),
		 more);
	*fake = (struct fake){.client.ops = &ops};
	hub_client_connect(hub, &fake->client, &hello);
}

void disconnect(struct fake *fake)
{
	if (!fake->gone)
		hub_client_gone(hub, &fake->client, "transport_close");
	fake->gone = true;
}

bool frame_from(enum notify_kind kind, const char *text, enum hub_source source)
{
	const struct notify_frame frame = {kind, (const uint8_t *)text,
					   strlen(text)};

	return hub_worker_frame(hub, &frame, source);
}

bool frame(enum notify_kind kind, const char *text)
{
	return frame_from(kind, text, HUB_NOTIFY);
}

void message(int seq, enum hub_source source)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"rooms\":[\"u:" ANN "\",\"u:" BOB
		 "\"],\"conversationId\":\"" CONVERSATION
		 "\",\"seq\":%d,\"from\":\"" ANN "\"}\n[\"message:new\",%d]",
		 seq, seq);
	assert_true(frame_from(NOTIFY_EVENT, text, source));
}

void event(struct fake *fake, const char *name, const char *args)
{
	const struct hub_event heard = {name, args, strlen(args), 1};

	hub_client_event(hub, &fake->client, &heard);
}

void pass(int64_t ms)
{
	for (int64_t end = now + ms; now < end; now += 50)
		hub_tick(hub);
}

int count(const struct fake *fake, const char *text)
{
	const char *at = fake->seen;
	int found = 0;

	while ((at = strstr(at, text)) != NULL) {
		found++;
		at += strlen(text);
	}
	return found;
}

struct fake ann, bob, other;

int hub_teardown(void **state)
{
	(void)state;
	struct fake *all[] = {&ann, &bob, &other};

	if (held.reply != NULL)
		answer(&held, "{\"ok\":true}", NULL);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (all[i]->client.base != NULL)
			disconnect(all[i]);
		memset(all[i], 0, sizeof(*all[i]));
	}
	workers_down = true;
	hub_free(hub);
	hub = NULL;
	return 0;
}
