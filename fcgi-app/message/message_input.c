#include "message_input.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

static bool message_input_fail(struct input_error *error, const char *field,
			       const char *message)
{
	*error = (struct input_error){field, message, REFUSAL_INVALID};
	return false;
}

/* An id, or NULL in *out where there is none. */
static bool message_input_take_id(const struct json_object *body,
				  const char *field, const char **out,
				  struct input_error *error)
{
	*out = NULL;
	switch (json_get_string(body, field, out)) {
	case JSON_ABSENT:
		return true;
	case JSON_FOUND:
		if (id_valid(*out))
			return true;
		break;
	case JSON_WRONG:
		break;
	}
	return message_input_fail(error, field,
				  "An id has 24 hexadecimal digits.");
}

static bool take_words(const struct json_object *body, const char *field,
		       const char **out, struct input_error *error)
{
	if (json_get_string(body, field, out) != JSON_FOUND)
		return message_input_fail(error, field,
					  "A message needs a text.");
	/* A code point has at most four bytes: no need to count a megabyte. */
	if (strlen(*out) > 4 * LIMIT_CONTENT ||
	    text_length(*out) > LIMIT_CONTENT)
		return message_input_fail(
			error, field, "A message has at most 5000 characters.");
	if (!text_is_visible(*out))
		return message_input_fail(error, field,
					  "A message cannot be empty.");
	return true;
}

static bool take_content(const struct json_object *body, const char **out,
			 struct input_error *error)
{
	return take_words(body, "content", out, error);
}

/* Its id, or the object that an upload was answered with. */
static bool take_attachment(const struct json_object *body, const char **out,
			    struct input_error *error)
{
	struct json_object *file = json_any(body, "attachment");

	*out = json_text_of(file);
	if (file == NULL || (*out != NULL && id_valid(*out)) ||
	    (json_get_string(file, "_id", out) == JSON_FOUND && id_valid(*out)))
		return true;
	return message_input_fail(error, "attachment",
				  "An attachment is the id of a file.");
}

/* A file needs no words. */
static bool take_caption(const struct json_object *body, struct send_input *out,
			 struct input_error *error)
{
	const char *content = "";

	if (out->attachment == NULL ||
	    (json_get_string(body, "content", &content) != JSON_ABSENT &&
	     content[0] != '\0'))
		return take_content(body, &out->content, error);
	out->content = "";
	return true;
}

/* ---- mentions ---- */

static bool is_range(const struct store_mention *mention, int64_t from,
		     int64_t end)
{
	return mention->start >= from && mention->start < end &&
	       mention->length >= 1 && mention->length <= end - mention->start;
}

/* From that code point on. */
static bool take_mention(const struct json_object *from, int64_t at,
			 int64_t end, struct store_mention *out)
{
	const char *user;

	if (json_get_string(from, "userId", &user) != JSON_FOUND ||
	    !id_valid(user) ||
	    json_get_int(from, "start", &out->start) != JSON_FOUND ||
	    json_get_int(from, "length", &out->length) != JSON_FOUND ||
	    !is_range(out, at, end))
		return false;
	memcpy(out->user, user, ID_SIZE);
	return true;
}

static bool take_mentions(const struct json_object *body, const char *content,
			  struct mentions_input *out, struct input_error *error)
{
	struct json_object *list = NULL;
	int64_t at = 0, end = (int64_t)text_length(content);
	bool good = json_get_array(body, "mentions", &list) != JSON_WRONG &&
		    json_length(list) <= LIMIT_MENTIONS;

	for (size_t i = 0; good && i < json_length(list); i++) {
		struct store_mention *mention = &out->list[out->count++];

		good = take_mention(json_at(list, i), at, end, mention);
		if (good)
			at = mention->start + mention->length;
	}
	return good ? true
		    : message_input_fail(error, "mentions",
					 "mentions is a list of at most 50 "
					 "{userId, start, length}, ascending "
					 "code points of the content.");
}

bool message_input_client_id(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	return len >= 1 && len <= LIMIT_CLIENT_ID;
}

static bool take_client_id(const struct json_object *body, const char **out,
			   struct input_error *error)
{
	enum json_field found = json_get_string(body, "clientId", out);

	if (found == JSON_ABSENT ||
	    (found == JSON_FOUND && message_input_client_id(*out)))
		return true;
	return message_input_fail(
		error, "clientId",
		"A clientId has 1 to 64 printable ASCII characters.");
}

static bool take_target(const struct json_object *body, const char *to_field,
			struct send_input *out, struct input_error *error)
{
	if (!message_input_take_id(body, to_field, &out->to, error) ||
	    !message_input_take_id(body, "conversationId", &out->conversation,
				   error))
		return false;
	if (out->to == NULL && out->conversation == NULL)
		return message_input_fail(error, to_field,
					  "Say whom the message is for.");
	if (out->to != NULL && out->conversation != NULL)
		return message_input_fail(
			error, "conversationId",
			"Name a recipient or a conversation, not both.");
	return true;
}

/* All but the target. */
static bool take_what(const struct json_object *body, struct send_input *out,
		      struct input_error *error)
{
	return take_attachment(body, &out->attachment, error) &&
	       take_caption(body, out, error) &&
	       take_client_id(body, &out->client_id, error) &&
	       message_input_take_id(body, "replyTo", &out->reply_to, error) &&
	       take_mentions(body, out->content, &out->mentions, error);
}

bool message_input_send(const struct json_object *body, const char *to_field,
			struct send_input *out, struct input_error *error)
{
	*out = (struct send_input){0};
	if (!take_target(body, to_field, out, error))
		return false;
	return take_what(body, out, error);
}

bool message_input_answer(const struct json_object *body, const char *client,
			  struct send_input *out, struct input_error *error)
{
	*out = (struct send_input){.client = client};
	return take_what(body, out, error);
}

/* Of an operator without a client_id, and of all others. */
static bool take_open_target(bool by_operator, bool lobby,
			     struct send_input *out, struct input_error *error)
{
	if (lobby)
		out->conversation = ID_LOBBY;
	else if (!by_operator)
		out->to = ID_SERVER;
	else
		return message_input_fail(error, "client_id",
					  "Say whom the message is for.");
	return true;
}

bool message_input_support(const struct json_object *body, bool by_operator,
			   bool lobby, struct send_input *out,
			   struct input_error *error)
{
	*out = (struct send_input){0};
	if (by_operator &&
	    !message_input_take_id(body, "client_id", &out->client, error))
		return false;
	if (out->client == NULL &&
	    !take_open_target(by_operator, lobby, out, error))
		return false;
	return take_words(body, "message", &out->content, error) &&
	       take_client_id(body, &out->client_id, error);
}

bool message_input_position(const struct json_object *body,
			    struct mark_input *out, struct input_error *error)
{
	*out = (struct mark_input){0};
	if (!message_input_take_id(body, "conversationId", &out->conversation,
				   error))
		return false;
	if (out->conversation == NULL)
		return message_input_fail(error, "conversationId",
					  "Name a conversation.");
	if (json_get_int(body, "seq", &out->seq) != JSON_FOUND ||
	    out->seq < 0 || out->seq > LIMIT_NUMBER)
		return message_input_fail(
			error, "seq", "A seq is a whole number, zero or more.");
	return true;
}

bool message_input_mark(const struct json_object *body, struct mark_input *out,
			struct input_error *error)
{
	static const char *const names[] = {"messageId", "id"};
	const char *message = NULL;

	for (size_t i = 0; message == NULL && i < 2; i++) {
		if (!message_input_take_id(body, names[i], &message, error))
			return false;
	}
	if (message == NULL)
		return message_input_position(body, out, error);
	*out = (struct mark_input){.message = message};
	return true;
}

bool message_input_edit(const struct json_object *body, struct edit_input *out,
			struct input_error *error)
{
	*out = (struct edit_input){0};
	if (json_any(body, "content") != NULL &&
	    !take_content(body, &out->content, error))
		return false;
	return take_mentions(body, out->content != NULL ? out->content : "",
			     &out->mentions, error);
}

bool message_input_draft(const struct json_object *body,
			 struct draft_input *out, struct input_error *error)
{
	*out = (struct draft_input){0};
	return take_content(body, &out->content, error) &&
	       message_input_take_id(body, "replyTo", &out->reply_to, error) &&
	       take_mentions(body, out->content, &out->mentions, error);
}

bool message_input_reaction(const struct json_object *body,
			    struct reaction_input *out,
			    struct input_error *error)
{
	if (json_get_string(body, "emoji", &out->emoji) != JSON_FOUND ||
	    !text_is_emoji(out->emoji))
		return message_input_fail(error, "emoji",
					  "A reaction is one emoji.");
	if (json_get_bool(body, "on", &out->on) != JSON_FOUND)
		return message_input_fail(error, "on",
					  "Say whether it is to be there.");
	return true;
}
