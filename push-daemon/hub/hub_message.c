#include "hub_message.h"

#include <stdbool.h>

#include "json.h"
#include "presence_queue.h"
#include "sio_message.h"

struct sio_message *hub_message_new(const char *name, struct json_object *body)
{
	struct json_object *event = json_new_array();
	struct sio_message *message;
	const char *text;
	size_t len;

	json_push(event, json_new_string(name));
	if (body != NULL)
		json_push(event, body);
	text = json_print(event, &len);
	message = sio_message_new(text, len);
	json_free(event);
	return message;
}

struct sio_message *hub_message_user_status(const char *user_id,
					    const char *status_text,
					    int64_t last_seen_ms,
					    int64_t now_wall_ms)
{
	bool online = last_seen_ms == PRESENCE_ONLINE;
	struct json_object *body = json_new_object();

	json_put_string(body, "userId", user_id);
	json_put_string(body, "status", online ? "online" : "offline");
	json_put_time(body, "lastSeen", online ? now_wall_ms : last_seen_ms);
	json_put_string(body, "statusText", status_text);
	return hub_message_new("user-status", body);
}
