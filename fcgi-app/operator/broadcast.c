#include "broadcast.h"

#include <string.h>

#include "announce.h"
#include "app.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "room.h"
#include "text.h"

static bool is_level(const char *word)
{
	static const char *const levels[] = {"info", "warning", "error"};

	for (size_t i = 0; i < COUNT_OF(levels); i++) {
		if (strcmp(levels[i], word) == 0)
			return true;
	}
	return false;
}

const char *broadcast_check(const struct broadcast *broadcast, const char **why)
{
	if (broadcast->message == NULL ||
	    text_length(broadcast->message) > LIMIT_CONTENT ||
	    !text_is_visible(broadcast->message)) {
		*why = "A message is a text of at most 5000 characters.";
		return "message";
	}
	if (broadcast->level != NULL && is_level(broadcast->level))
		return NULL;
	*why = "A level is info, warning or error.";
	return "level";
}

const char *broadcast_read(const struct json_object *body,
			   struct broadcast *out, const char **why)
{
	out->level = "info";
	json_get_string(body, "message", &out->message);
	if (json_get_string(body, "level", &out->level) == JSON_WRONG)
		out->level = NULL;
	return broadcast_check(out, why);
}

enum store_status broadcast_write(struct app *app,
				  const struct store_viewer *viewer,
				  const struct broadcast *broadcast)
{
	const struct store_deed deed = {
		.act = ACT_BROADCAST,
		.detail = broadcast->message,
		.now_ms = broadcast->now_ms,
	};

	return store_operator_act(app->store, viewer, &deed);
}

void broadcast_announce(struct buf *out, const struct broadcast *broadcast,
			const char *request_id)
{
	const char *room = broadcast->room != NULL ? broadcast->room : ROOM_ALL;
	const struct announce_event event = {
		.rooms = &room,
		.room_count = 1,
		.request_id = request_id,
	};
	struct announce_frame frame;
	struct json_text *text =
		announce_event_begin(&frame, out, &event, "system_message");

	json_text_open(text, NULL, '{');
	json_text_string(text, "message", broadcast->message);
	json_text_word(text, "level", broadcast->level);
	json_text_time(text, "timestamp", broadcast->now_ms);
	json_text_close(text, '}');
	announce_event_end(&frame);
}
