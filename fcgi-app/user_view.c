#include "user_view.h"

#include "json.h"
#include "store/store_types.h"

int64_t user_view_last_seen(const struct store_user *user)
{
	return user->last_seen > 0 ? user->last_seen : user->created_at;
}

struct json_object *user_view(const struct store_user *user, bool online)
{
	struct json_object *view = json_new_object();
	const char *shown = user->display_name;

	if (shown == NULL || shown[0] == '\0')
		shown = user->username;
	json_put_string(view, "_id", user->id);
	json_put_string(view, "username", user->username);
	json_put_string(view, "displayName", shown);
	json_put_string(view, "avatar",
			user->avatar != NULL ? user->avatar : "");
	json_put_string(view, "statusText",
			user->status_text != NULL ? user->status_text : "");
	json_put_string(view, "status", online ? "online" : "offline");
	json_put_string(view, "role", store_role_name(user->role));
	json_put_time(view, "createdAt", user->created_at);
	json_put_time(view, "lastSeen", user_view_last_seen(user));
	return view;
}

struct json_object *user_view_own(const struct store_user *user, bool online)
{
	struct json_object *view = user_view(user, online);

	json_put_string(view, "email", user->email);
	return view;
}
