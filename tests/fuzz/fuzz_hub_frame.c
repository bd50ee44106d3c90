/* What workers say: an answer to whatever is asked of them, a line feed, then
 * the frames of notify.sock. Two people are there to hear of it, one of them by
 * that answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "hub.h"
#include "json.h"
#include "sio_message.h"

#define ID "0123456789abcdef01234567"
#define ANSWERS_MAX 20 /* with `more` in it there is no end */
#define OUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const char *text; /* the answer */
	size_t len;
	int answers;
	int64_t now_ms;
} worker;

struct person {
	struct client client; /* must be first */
	bool refused;
};

static void ignore(struct client *client)
{
	(void)client;
}

static void refuse(struct client *client, const char *message, const char *data)
{
	(void)message;
	(void)data;
	((struct person *)client)->refused = true;
}

static void check_message(struct client *client, struct sio_message *message,
			  bool droppable)
{
	(void)client;
	(void)droppable;
	sio_message_unref(sio_message_ref(message));
}

static void take_ack(struct client *client, int64_t ack, const char *json,
		     size_t len)
{
	(void)client;
	(void)ack;
	if (len > 0 && json[0] == '\0')
		abort();
}

static const struct client_ops ops = {
	.accept = ignore,
	.refuse = refuse,
	.send = check_message,
	.ack = take_ack,
	.close = ignore,
	.drop = ignore,
	.free = ignore,
};

static void call(const struct api_command *command, const char *key, void *user)
{
	struct json_object *head = NULL;
	struct api_result result = {.code = "unavailable"};

	(void)key;
	(void)user;
	if (++worker.answers < ANSWERS_MAX &&
	    json_parse(worker.text, worker.len, 8, &head) == JSON_OK)
		result = (struct api_result){true, "", head, "{}", 2};
	command->reply(&result, command->user);
	json_free(head);
}

static int64_t clock_ms(void)
{
	return worker.now_ms;
}

static void no_random(void *out, size_t len)
{
	memset(out, 7, len);
}

static void come(struct hub *hub, struct person *person, const char *answer,
		 size_t len)
{
	static const struct hub_hello hello = {
		"{\"token\":\"t\"}", 13, "", "", "", ""};
	static const struct hub_event renew = {"renew", "{}", 2, 1};

	worker.text = answer;
	worker.len = len;
	person->client.ops = &ops;
	hub_client_connect(hub, &person->client, &hello);
	if (!person->refused)
		hub_client_event(hub, &person->client, &renew);
}

static void go(struct hub *hub, struct person *person)
{
	if (!person->refused)
		hub_client_gone(hub, &person->client, "transport_close");
}

static void take(struct hub *hub, const struct notify_frame *frame)
{
	struct buf out;

	buf_init(&out, OUT_MAX);
	if (frame->kind == NOTIFY_PRESENCE)
		hub_presence(hub, frame, &out);
	else
		hub_frame(hub, frame, HUB_NOTIFY);
	buf_done(&out);
	worker.now_ms += 60;
	hub_tick(hub);
}

static void feed(struct hub *hub, const uint8_t *data, size_t size)
{
	struct notify_decoder *frames = notify_decoder_new();
	struct notify_frame frame;

	while (size > 0) {
		size_t taken = notify_decoder_feed(frames, data,
						   size < 13 ? size : 13);

		data += taken;
		size -= taken;
		while (notify_decoder_next(frames, &frame) == NOTIFY_FRAME)
			take(hub, &frame);
	}
	notify_decoder_free(frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char good[] =
		"{\"user\":{\"_id\":\"" ID "\"},\"sessionId\":\"s\",\"expiresAt"
		"\":9999999,\"asOf\":1,\"rooms\":[\"c:" ID "\"]}";
	static const struct hub_config config = {
		.typing_stop_ms = 10,
		.hole_ms = 100,
		.presence_grace_ms = 50,
		.presence_broadcast_max = 1,
		.socket_rate = 100,
		.socket_burst = 100,
		.user_sockets = 2,
		.heal = true,
		.mono_ms = clock_ms,
		.wall_ms = clock_ms,
		.random = no_random,
		.call = call,
	};
	const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
	struct person ann = {.refused = false}, bob = {.refused = false};

	if (line == NULL)
		return 0;

	size_t len = (size_t)(line - data);

	worker.answers = 0;
	worker.now_ms = 1000;

	struct hub *hub = hub_new(&config);

	come(hub, &ann, good, sizeof(good) - 1);
	come(hub, &bob, (const char *)data, len);
	hub_missed(hub, 1);
	feed(hub, line + 1, size - len - 1);
	go(hub, &bob);
	hub_tick(hub);
	go(hub, &ann);
	hub_flush_last_seen(hub);
	hub_free(hub);
	return 0;
}
