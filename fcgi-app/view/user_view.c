#include "user_view.h"

#include <string.h>

#include "clock.h"
#include "json.h"
#include "json_text.h"
#include "store_types.h"

/* Never later than now, though the clock may have been ahead. */
int64_t user_view_last_seen(const struct store_user *user)
{
	int64_t seen = user->last_seen > 0 ? user->last_seen : user->created_at;
	int64_t now = clock_now_ms();

	return seen < now ? seen : now;
}

/* As long as one another. */
static const char offline[] = "\"offline\"", online_word[] = " \"online\"";

/* own: for themselves, from whom nothing is hidden. */
static size_t user_view_members(struct json_text *text,
				const struct store_user *user, bool online,
				bool own)
{
	bool hidden = user->hides_last_seen && !own;
	const char *shown = user->display_name;

	if (shown == NULL || shown[0] == '\0')
		shown = user->username;
	json_text_id(text, "_id", user->id);
	json_text_string(text, "username", user->username);
	json_text_string(text, "displayName", shown);
	json_text_string(text, "avatar",
			 user->avatar != NULL ? user->avatar : "");
	json_text_string(text, "statusText",
			 user->status_text != NULL ? user->status_text : "");
	if (online)
		json_text_word(text, "status", "online");
	else
		json_text_word(text, "status", "offline");

	size_t behind = text->buf.len;

	json_text_word(text, "role", store_role_name(user->role));
	json_text_time(text, "createdAt", user->created_at);
	json_text_time(text, "lastSeen",
		       hidden ? -1 : user_view_last_seen(user));
	return behind - strlen(offline);
}

size_t user_view_write(struct json_text *text, const char *key,
		       const struct store_user *user, bool online)
{
	json_text_open(text, key, '{');

	size_t at = user_view_members(text, user, online, false);

	json_text_close(text, '}');
	return at;
}

void user_view_set_online(struct json_text *text, size_t at)
{
	memcpy(text->buf.data + at, online_word, strlen(online_word));
}

struct json_object *user_view(const struct store_user *user, bool online)
{
	struct json_text text;

	json_text_init(&text);
	user_view_write(&text, NULL, user, online);
	return json_text_take(&text);
}

struct json_object *user_view_own(const struct store_user *user, bool online)
{
	struct json_text text;

	json_text_init(&text);
	json_text_open(&text, NULL, '{');
	user_view_members(&text, user, online, true);
	json_text_string(&text, "email", user->email);
	json_text_bool(&text, "contactsAdd", user->contacts_add);
	json_text_bool(&text, "hidesLastSeen", user->hides_last_seen);
	json_text_bool(&text, "hidesReceipts", user->hides_receipts);
	json_text_close(&text, '}');
	return json_text_take(&text);
}
