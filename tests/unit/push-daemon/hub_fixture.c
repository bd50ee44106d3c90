#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub_fixture.h"

#include "json.h"
#include "mem.h"
#include "sio_message.h"

struct hub *hub;
int64_t now, wall;

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

static void fake_accept(struct client *client)
{
	note(client, "accepted", false, NULL);
}

static void fake_refuse(struct client *client, const char *message,
			const char *data)
{
	struct json_object *value = json_new_object();

	json_put_string(value, "message", message);
	json_put(value, "data", fake_parse(data, strlen(data)));
	note(client, "refused", false, value);
	((struct fake *)client)->gone = true;
}

static void fake_send(struct client *client, struct sio_message *message,
		      bool droppable)
{
	size_t len;
	const char *json = sio_message_json(message, &len);
	struct json_object *event = fake_parse(json, len);

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
	note(client, "ack", false, fake_parse(json, len));
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
		.call = fake_workers_call,
	};

	now = 20000;
	wall = WALL;
	fake_workers_begin();
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
	forget_asked();
	return 0;
}
