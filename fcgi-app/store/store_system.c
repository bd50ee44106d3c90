#include "store_system.h"

const char *store_group_event_name(enum store_group_event event)
{
	static const char *const names[] = {
		[GROUP_MADE] = "made",	     [GROUP_TITLE] = "title",
		[GROUP_PICTURE] = "picture", [GROUP_ADDED] = "added",
		[GROUP_JOINED] = "joined",   [GROUP_LEFT] = "left",
		[GROUP_REMOVED] = "removed", [GROUP_OWNER] = "owner",
	};

	return names[event];
}

static void system_open(struct store_system *system, const char *event)
{
	system->count = 0;
	json_text_init(&system->text);
	json_text_open(&system->text, NULL, '{');
	json_text_word(&system->text, "event", event);
}

void store_system_begin(struct store_system *system,
			enum store_group_event event, const char *title)
{
	system_open(system, store_group_event_name(event));
	if (title != NULL)
		json_text_string(&system->text, "title", title);
	json_text_open(&system->text, "users", '[');
}

void store_system_begin_report(struct store_system *system,
			       enum store_conversation_kind place,
			       const char *reason)
{
	system_open(system, "reported");
	json_text_word(&system->text, "place",
		       store_conversation_kind_name(place));
	if (reason[0] != '\0')
		json_text_string(&system->text, "reason", reason);
	json_text_open(&system->text, "users", '[');
}

void store_system_user(struct store_system *system,
		       const struct store_user *user)
{
	struct json_text *text = &system->text;

	if (++system->count > STORE_SYSTEM_USERS)
		return;
	json_text_open(text, NULL, '{');
	json_text_word(text, "_id", user->id);
	json_text_string(text, "name", store_user_name(user));
	json_text_close(text, '}');
}

char *store_system_end(struct store_system *system)
{
	json_text_close(&system->text, ']');
	json_text_int(&system->text, "count", system->count);
	json_text_close(&system->text, '}');

	char *content = buf_take(&system->text.buf);

	json_text_done(&system->text);
	return content;
}
