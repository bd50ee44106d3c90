#include "hub_ack.h"

#include "client.h"
#include "json.h"
#include "refusals.h"

void hub_ack(struct client *client, int64_t ack, struct json_object *answer)
{
	size_t len;
	const char *text = json_print(answer, &len);

	if (ack >= 0 && client->state == CLIENT_READY)
		client->ops->ack(client, ack, text, len);
	json_free(answer);
}

int64_t hub_ack_seconds(int64_t ms)
{
	return (ms + 999) / 1000;
}

void hub_ack_error_after(struct client *client, int64_t ack, const char *code,
			 int64_t retry_s)
{
	struct json_object *answer, *error;

	if (ack < 0)
		return;
	answer = json_new_object();
	error = json_new_object();
	json_put_string(error, "code", code);
	json_put_string(error, "message", refusal_words(code));
	if (retry_s > 0)
		json_put_int(error, "retryAfter", retry_s);
	json_put_bool(answer, "ok", false);
	json_put(answer, "error", error);
	hub_ack(client, ack, answer);
}

void hub_ack_error(struct client *client, int64_t ack, const char *code)
{
	hub_ack_error_after(client, ack, code, 0);
}
