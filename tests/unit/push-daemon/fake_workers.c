#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hub_fixture.h"

#include "buf.h"
#include "json.h"

struct json_object *fake_parse(const char *text, size_t len)
{
	struct json_object *value;

	assert_int_equal(json_parse(text, len, JSON_OURS(20), &value), JSON_OK);
	return value;
}

/* ---- what they are asked, and what they answer ---- */

bool workers_down;
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
	struct json_object *value =
		fake_parse(command->head, command->head_len);
	const char *name = "";

	asked_text[0] = '\0';
	if (command->payload != NULL) {
		snprintf(asked_text, sizeof(asked_text), "%.*s",
			 (int)command->payload_len, command->payload);
		json_put(value, "payload",
			 fake_parse(command->payload, command->payload_len));
	}
	json_get_string(value, "command", &name);
	transcript_add(&all_asked, 0, name, false, value);
}

void fake_workers_call(const struct api_command *command, const char *key,
		       void *user)
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

int asked(const char *pattern)
{
	return transcript_count(&all_asked, 0, 0, pattern);
}

void forget_asked(void)
{
	transcript_clear(&all_asked);
}

void fake_workers_begin(void)
{
	sessions_answer = "{\"ok\":true,\"gone\":[]}";
	workers_down = false;
	held = (struct api_command){0};
}

/* ---- what they say ---- */

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
