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
#include "json.h"
#include "mem.h"
#include "sio_message.h"

struct hub *hub;
int64_t now, wall;
bool workers_down;

/* ---- fake edge: what each client sees goes into one transcript ---- */

static struct transcript all_seen;

static long number_of(const struct fake *fake)
{
	return (long)(intptr_t)fake;
}

static void note(struct client *client, const char *kind, bool droppable,
		 struct json_object *value)
{
	transcript_add(&all_seen, number_of((struct fake *)client), kind,
		       droppable, value);
}

static struct json_object *parse(const char *text, size_t len)
{
	struct json_object *value;

	assert_int_equal(json_parse(text, len, JSON_OURS(20), &value), JSON_OK);
	return value;
}

static void fake_accept(struct client *client)
{
	note(client, "accepted", false, NULL);
}

static void fake_refuse(struct client *client, const char *message,
			const char *data)
{
	struct json_object *value = json_new_object();

	json_put_string(value, "message", message);
	json_put(value, "data", parse(data, strlen(data)));
	note(client, "refused", false, value);
	((struct fake *)client)->gone = true;
}

static void fake_send(struct client *client, struct sio_message *message,
		      bool droppable)
{
	size_t len;
	const char *json = sio_message_json(message, &len);
	struct json_object *event = parse(json, len);

	note(client, json_text_of(json_at(event, 0)), droppable,
	     json_ref(json_at(event, 1)));
	json_free(event);
	if (((struct fake *)client)->dies)
		disconnect((struct fake *)client);
}

static void fake_ack(struct client *client, int64_t ack, const char *json,
		     size_t len)
{
	assert_int_equal(ack, 1);
	note(client, "ack", false, parse(json, len));
}

static void fake_close(struct client *client)
{
	note(client, "closed", false, NULL);
}

static void fake_drop(struct client *client)
{
	note(client, "dropped", false, NULL);
}

int freed;

static void fake_free(struct client *client)
{
	(void)client; /* it is the test's */
	freed++;
}

static const char *fake_transport(const struct client *client)
{
	(void)client;
	return "polling";
}

/* A line's, which gets a fresh token itself. */
static void fake_renew(struct client *client)
{
	note(client, "renew", false, NULL);
}

static size_t fake_waiting(const struct client *client)
{
	(void)client;
	return 7;
}

const struct client_ops ops = {
	.accept = fake_accept,
	.refuse = fake_refuse,
	.send = fake_send,
	.ack = fake_ack,
	.close = fake_close,
	.drop = fake_drop,
	.renew = fake_renew,
	.transport = fake_transport,
	.waiting = fake_waiting,
	.free = fake_free,
};

/* ---- fake workers: what they are asked, and what they answer ---- */

static struct transcript all_asked;
char asked_text[1000];
struct api_command held; /* the last one, unanswered */
const char *session_answer = "";
const char *sessions_answer;

/* When each of the last commands was asked. */
#define COMMANDS 64
static struct {
	const void *user;
	int64_t at_ms;
} sent[COMMANDS];
static size_t sent_count;

static void note_sent(const struct api_command *command)
{
	sent[sent_count % COMMANDS].user = command->user;
	sent[sent_count % COMMANDS].at_ms = now;
	sent_count++;
}

static int64_t sent_when(const struct api_command *command)
{
	for (size_t i = sent_count; i > 0 && i + COMMANDS > sent_count; i--) {
		if (sent[(i - 1) % COMMANDS].user == command->user)
			return sent[(i - 1) % COMMANDS].at_ms;
	}
	return now;
}

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
	buf_init(&body, 2 * NOTIFY_BODY_MAX);
	assert_true(api_queue_push(queue, &once));
	api_queue_batch(queue, &body, sent_when(command));
	api_queue_hold(queue);
	assert_true(api_queue_answer(queue, head_text, strlen(head_text),
				     payload,
				     payload != NULL ? strlen(payload) : 0));
	api_queue_free(queue);
	buf_done(&body);
}

static void note_asked(const struct api_command *command)
{
	struct json_object *value = parse(command->head, command->head_len);
	const char *name = "";

	asked_text[0] = '\0';
	if (command->payload != NULL) {
		snprintf(asked_text, sizeof(asked_text), "%.*s",
			 (int)command->payload_len, command->payload);
		json_put(value, "payload",
			 parse(command->payload, command->payload_len));
	}
	json_get_string(value, "command", &name);
	transcript_add(&all_asked, 0, name, false, value);
}

static void call(const struct api_command *command, const char *key, void *user)
{
	static const struct api_result unavailable = {.code = "unavailable"};

	(void)key;
	(void)user;
	note_asked(command);
	note_sent(command);
	if (workers_down) {
		command->reply(&unavailable, command->user);
	} else if (strstr(command->head, "\"session\"") != NULL &&
		   session_answer[0] != '\0') {
		answer(command, session_answer, NULL);
	} else if (strstr(command->head, "\"command\":\"sessions\"") != NULL &&
		   sessions_answer[0] != '\0') {
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
	return wall + now;
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

static struct transcript all_rooms;

static void note_room(const char *name, bool occupied, void *user)
{
	struct json_object *value = json_new_object();

	(void)user;
	json_put_string(value, "room", name);
	transcript_add(&all_rooms, 0, occupied ? "occupied" : "empty", false,
		       value);
}

int rooms_noted(const char *pattern)
{
	return transcript_count(&all_rooms, 0, 0, pattern);
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
		.room = note_room,
		.call = call,
	};

	now = 20000;
	wall = WALL;
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

void fake_new(struct fake *fake)
{
	*fake = (struct fake){
		.client.ops = &ops,
		.from = transcript_length(&all_seen),
	};
}

void connect_with(struct fake *fake, const char *answer_text)
{
	const struct hub_hello hello = {
		.auth = "{\"token\":\"t\"}",
		.auth_len = 13,
		.query_token = "",
		.address = "10.0.0.1",
		.agent = "test",
		.request_id = "first-request",
	};

	session_answer = answer_text;
	fake_new(fake);
	hub_client_connect(hub, &fake->client, &hello);
}

void connect_as(struct fake *fake, const char *user, const char *more)
{
	static char text[1000];

	snprintf(text, sizeof(text),
		 "{\"ok\":true,\"user\":{\"_id\":\"%s\",\"statusText\":\"hi\"},"
		 "\"sessionId\":\"s1\",\"expiresAt\":%lld,"
		 "\"asOf\":\"" AS_OF "\"%s}",
		 user, (long long)(WALL + 1000000), more);
	connect_with(fake, text);
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
	struct hub_worker worker = {.source = source};

	return hub_worker_frame(hub, &worker, &frame);
}

bool frame(enum notify_kind kind, const char *text)
{
	return frame_from(kind, text, HUB_NOTIFY);
}

const char *position_of(int seq)
{
	static char text[ID_SIZE];

	snprintf(text, sizeof(text), "%024x", 0x2000u + (unsigned)seq);
	return text;
}

void message_by(struct hub_worker *worker, int seq)
{
	char text[400];
	struct notify_frame frame = {NOTIFY_EVENT, (const uint8_t *)text, 0};

	frame.body_len = (size_t)snprintf(
		text, sizeof(text),
		"{\"rooms\":[\"u:" ANN "\",\"u:" BOB
		"\"],\"conversationId\":\"" CONVERSATION
		"\",\"seq\":%d,\"position\":\"%s\",\"from\":\"" ANN
		"\"}\n[\"message:new\",%d]",
		seq, position_of(seq), seq);
	assert_true(hub_worker_frame(hub, worker, &frame));
}

void message(int seq, enum hub_source source)
{
	struct hub_worker worker = {.source = source};

	message_by(&worker, seq);
}

void event(struct fake *fake, const char *name, const char *args)
{
	const struct hub_event heard = {name, args, strlen(args), 1};

	if (hub_client_admit(hub, &fake->client, strlen(args), 1))
		hub_client_event(hub, &fake->client, &heard);
}

void pass(int64_t ms)
{
	for (int64_t end = now + ms; now < end; now += 50)
		hub_tick(hub);
}

int count(const struct fake *fake, const char *pattern)
{
	return transcript_count(&all_seen, number_of(fake), fake->from,
				pattern);
}

static void complain(const struct fake *fake, const char *pattern,
		     const char *file, int line)
{
	print_message("%s, in:\n", pattern);
	transcript_print(&all_seen, number_of(fake), fake->from);
	_fail(file, line);
}

void check_seen(const struct fake *fake, const char *pattern, bool wanted,
		const char *file, int line)
{
	if ((count(fake, pattern) > 0) != wanted)
		complain(fake, pattern, file, line);
}

void check_ends(const struct fake *fake, const char *pattern, const char *file,
		int line)
{
	if (!transcript_ends(&all_seen, number_of(fake), fake->from, pattern))
		complain(fake, pattern, file, line);
}

int asked(const char *pattern)
{
	return transcript_count(&all_asked, 0, 0, pattern);
}

void forget_asked(void)
{
	transcript_clear(&all_asked);
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
	transcript_clear(&all_seen);
	transcript_clear(&all_rooms);
	transcript_clear(&all_asked);
	return 0;
}
