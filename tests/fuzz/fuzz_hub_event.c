/* What a client sends: an event's name, a line feed, its arguments. The
 * workers of this hub accept everybody, and can do nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hub.h"
#include "json.h"
#include "mem.h"
#include "sio_message.h"

#define ID "0123456789abcdef01234567"
#define NAME_MAX_BYTES 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(struct client *client)
{
	(void)client;
}

static void refused(struct client *client, const char *message,
		    const char *data)
{
	(void)client;
	(void)message;
	(void)data;
	abort();
}

static void send_message(struct client *client, struct sio_message *message,
			 bool droppable)
{
	(void)client;
	(void)droppable;
	sio_message_unref(sio_message_ref(message));
}

static void check_ack(struct client *client, int64_t ack, const char *json,
		      size_t len)
{
	struct json_object *answer;

	(void)client;
	(void)ack;
	if (json_parse(json, len, 8, &answer) != JSON_OK)
		abort();
	json_free(answer);
}

static const struct client_ops ops = {
	.accept = ignore,
	.refuse = refused,
	.send = send_message,
	.ack = check_ack,
	.close = ignore,
	.drop = ignore,
	.free = ignore,
};

static void call(const struct api_command *command, const char *key, void *user)
{
	static const char text[] =
		"{\"user\":{\"_id\":\"" ID "\"},\"sessionId\":\"s\",\"expiresAt"
		"\":9999,\"asOf\":1,\"rooms\":[\"c:" ID "\"],\"contacts\":"
		"[\"aaaaaaaaaaaaaaaaaaaaaaaa\"]}";
	struct json_object *head = NULL;
	struct api_result result = {.code = "unavailable"};

	(void)key;
	(void)user;
	if (strstr(command->head, "\"session\"") != NULL &&
	    json_parse(text, sizeof(text) - 1, 4, &head) == JSON_OK)
		result = (struct api_result){true, "", head, NULL, 0};
	command->reply(&result, command->user);
	json_free(head);
}

static int64_t clock_ms(void)
{
	return 1000;
}

static void no_random(void *out, size_t len)
{
	memset(out, 7, len);
}

static void feed(struct hub *hub, const char *name, const char *args,
		 size_t len)
{
	static const struct hub_hello hello = {
		"{\"token\":\"t\"}", 13, "", "", "", ""};
	struct hub_event event = {name, args, len, 1};
	struct client client = {.ops = &ops};

	hub_client_connect(hub, &client, &hello);
	hub_client_event(hub, &client, &event);
	event.ack = -1;
	hub_client_event(hub, &client, &event);
	hub_client_gone(hub, &client, "transport_close");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *feed_at = size > 0 ? memchr(data, '\n', size) : NULL;
	static const struct hub_config config = {
		.typing_stop_ms = 10,
		.socket_rate = 100,
		.socket_burst = 100,
		.user_sockets = 2,
		.mono_ms = clock_ms,
		.wall_ms = clock_ms,
		.random = no_random,
		.call = call,
	};

	if (feed_at == NULL || feed_at - data > NAME_MAX_BYTES)
		return 0;

	size_t name_len = (size_t)(feed_at - data);
	char *name = xstrndup((const char *)data, name_len);
	struct hub *hub = hub_new(&config);

	feed(hub, name, (const char *)feed_at + 1, size - name_len - 1);
	hub_free(hub);
	free(name);
	return 0;
}
