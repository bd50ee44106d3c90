#include "group_input.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

#define LINK_PRESET_S INT64_C(604800) /* a week */
#define LINK_MAX_S INT64_C(31622400)  /* 366 days */

static bool fail(struct input_error *error, const char *field,
		 const char *message)
{
	*error = (struct input_error){field, message, REFUSAL_INVALID};
	return false;
}

static bool is_title(const char *title)
{
	char *trimmed = text_trim(title);
	bool good = trimmed[0] != '\0' && text_length(title) <= LIMIT_TITLE &&
		    !text_has_control(title);

	free(trimmed);
	return good;
}

static bool take_title(const struct json_object *body, struct group_input *out,
		       struct input_error *error)
{
	enum json_field found = json_get_string(body, "title", &out->title);

	if (found == JSON_ABSENT ||
	    (found == JSON_FOUND && is_title(out->title)))
		return true;
	return fail(error, "title",
		    "A title has 1 to 100 characters on one line.");
}

static bool take_avatar(const struct json_object *body, struct group_input *out,
			struct input_error *error)
{
	if (json_get_string(body, "avatar", &out->avatar) != JSON_WRONG)
		return true;
	return fail(error, "avatar", "This is not a picture.");
}

static bool take_users(const struct json_object *array, const char *field,
		       struct group_input *out, struct input_error *error)
{
	size_t count = json_length(array);

	if (count > LIMIT_MEMBERS)
		return fail(error, field, "A group has at most 1000 members.");
	for (size_t i = 0; i < count; i++) {
		const char *id = json_text_of(json_at(array, i));

		if (id == NULL || !id_valid(id))
			return fail(error, field,
				    "An id has 24 hexadecimal digits.");
		out->users[out->user_count++] = id;
	}
	return true;
}

bool group_input_make(const struct json_object *body, struct group_input *out,
		      struct input_error *error)
{
	struct json_object *members = NULL;

	*out = (struct group_input){.user_count = 0};
	if (!take_title(body, out, error) || !take_avatar(body, out, error))
		return false;
	if (out->title == NULL)
		return fail(error, "title", "A group needs a title.");
	if (json_get_array(body, "members", &members) == JSON_WRONG)
		return fail(error, "members", "members is a list of ids.");
	return take_users(members, "members", out, error);
}

bool group_input_change(const struct json_object *body, struct group_input *out,
			struct input_error *error)
{
	*out = (struct group_input){.user_count = 0};
	if (!take_title(body, out, error) || !take_avatar(body, out, error))
		return false;
	switch (json_get_string(body, "owner", &out->owner)) {
	case JSON_ABSENT:
		break;
	case JSON_FOUND:
		if (id_valid(out->owner))
			break;
		return fail(error, "owner", "An id has 24 hexadecimal digits.");
	case JSON_WRONG:
		return fail(error, "owner", "An id has 24 hexadecimal digits.");
	}
	if (out->title == NULL && out->avatar == NULL && out->owner == NULL)
		return fail(error, "title", "Say what is to change.");
	return true;
}

bool group_input_members(const struct json_object *body,
			 struct group_input *out, struct input_error *error)
{
	struct json_object *users = NULL;
	const char *one = NULL;

	*out = (struct group_input){.user_count = 0};
	if (json_get_string(body, "userId", &one) == JSON_WRONG ||
	    (one != NULL && !id_valid(one)))
		return fail(error, "userId",
			    "An id has 24 hexadecimal digits.");
	if (json_get_array(body, "userIds", &users) == JSON_WRONG)
		return fail(error, "userIds", "userIds is a list of ids.");
	if (!take_users(users, "userIds", out, error))
		return false;
	if ((one != NULL) == (users != NULL) ||
	    (users != NULL && out->user_count == 0))
		return fail(error, "userId",
			    "Say whom to add: either userId or userIds.");
	if (one != NULL)
		out->users[out->user_count++] = one;
	return true;
}

bool group_input_link(const struct json_object *body, int64_t now_ms,
		      struct store_link *out, struct input_error *error)
{
	int64_t seconds = LINK_PRESET_S;
	enum json_field said = json_get_int(body, "expiresIn", &seconds);

	if (said == JSON_WRONG || seconds < 1 || seconds > LINK_MAX_S)
		return fail(error, "expiresIn",
			    "A link ends after 1 second to 366 days.");
	out->at_least = said == JSON_ABSENT;
	out->expires_at = now_ms + seconds * 1000;
	return true;
}

bool group_input_join(const struct json_object *body, const char **code,
		      struct input_error *error)
{
	if (json_get_string(body, "code", code) == JSON_FOUND &&
	    strlen(*code) < STORE_LINK_SIZE + 10 && **code != '\0')
		return true;
	return fail(error, "code", "Say the code of the link.");
}
