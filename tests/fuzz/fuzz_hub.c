#include "fuzz_hub.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sio_message.h"

const char fuzz_hub_session[] =
	"{\"user\":{\"_id\":\"" FUZZ_HUB_ID "\"},\"sessionId\":\"s\","
	"\"expiresAt\":9999999,\"asOf\":\"000000000000000000000001\",\"rooms\":"
	"[\"c:" FUZZ_HUB_ID "\"],\"contacts\":[\"aaaaaaaaaaaaaaaaaaaaaaaa\"]}";
int64_t fuzz_hub_now_ms;

static void ignore(struct client *client)
{
	(void)client;
}

static void refuse(struct client *client, const char *message, const char *data)
{
	(void)message;
	(void)data;
	((struct fuzz_client *)client)->refused = true;
}

static void take_message(struct client *client, struct sio_message *message,
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
	if (json_parse(json, len, JSON_OURS(8), &answer) != JSON_OK)
		abort();
	json_free(answer);
}

static const char *transport(const struct client *client)
{
	(void)client;
	return "polling";
}

static const struct client_ops ops = {
	.accept = ignore,
	.refuse = refuse,
	.send = take_message,
	.ack = check_ack,
	.close = ignore,
	.drop = ignore,
	.transport = transport,
	.free = ignore,
};

static int64_t clock_ms(void)
{
	return fuzz_hub_now_ms;
}

static void no_random(void *out, size_t len)
{
	memset(out, 7, len);
}

struct hub *fuzz_hub_new(void (*call)(const struct api_command *command,
				      const char *key, void *user))
{
	const struct hub_config config = {
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

	fuzz_hub_now_ms = 1000;
	return hub_new(&config);
}

void fuzz_hub_come(struct hub *hub, struct fuzz_client *client)
{
	static const struct hub_hello hello = {
		.auth = "{\"token\":\"t\"}",
		.auth_len = 13,
		.query_token = "",
		.address = "",
		.agent = "",
		.request_id = "",
	};

	client->client.ops = &ops;
	hub_client_connect(hub, &client->client, &hello);
}

void fuzz_hub_answer(const struct api_command *command, const char *text,
		     size_t len, const char *payload)
{
	struct json_object *head = NULL;
	struct api_result result = {.code = "unavailable"};

	if (json_parse(text, len, JSON_OURS(8), &head) == JSON_OK)
		result = (struct api_result){
			.ok = true,
			.code = "",
			.head = head,
			.payload = payload,
			.payload_len = payload != NULL ? strlen(payload) : 0,
			.sent_ms = fuzz_hub_now_ms,
		};
	command->reply(&result, command->user);
	json_free(head);
}
