#include "own_input.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "store_mentions.h"

static bool own_input_fail(struct input_error *error, const char *field,
			   const char *message)
{
	*error = (struct input_error){field, message, REFUSAL_INVALID};
	return false;
}

struct asked {
	const char *key;
};

static bool is_another(const char *key, struct json_object *value,
		       void *context)
{
	const struct asked *asked = context;

	(void)value;
	return strcmp(key, asked->key) != 0;
}

/* json.h knows no difference between what is null and what is not there. */
static bool names(const struct json_object *body, const char *key)
{
	struct asked asked = {key};

	return !json_each(body, is_another, &asked);
}

static bool take_muted(const struct json_object *body, int64_t now_ms,
		       struct own_input *out, struct input_error *error)
{
	int64_t *until = &out->muted_until;
	const char *text;

	if (!names(body, "mutedUntil"))
		return true;
	out->change.muted_until = until;
	switch (json_get_string(body, "mutedUntil", &text)) {
	case JSON_ABSENT:
		return true;
	case JSON_FOUND:
		if (strcmp(text, "forever") == 0)
			*until = STORE_FOREVER;
		else if (!clock_iso_parse(text, until))
			break;
		if (*until <= now_ms)
			*until = 0;
		return true;
	case JSON_WRONG:
		break;
	}
	return own_input_fail(error, "mutedUntil",
			      "This is a time like 2026-01-31T12:00:00.000Z, "
			      "\"forever\" or null.");
}

static bool take_flag(const struct json_object *body, const char *key,
		      bool *flag, const bool **out, struct input_error *error)
{
	if (!names(body, key))
		return true;
	if (json_get_bool(body, key, flag) != JSON_FOUND)
		return own_input_fail(error, key, "This is true or false.");
	*out = flag;
	return true;
}

static bool take_flags(const struct json_object *body, struct own_input *out,
		       struct input_error *error)
{
	struct store_own_change *change = &out->change;

	return take_flag(body, "pinned", &out->pinned, &change->pinned,
			 error) &&
	       take_flag(body, "archived", &out->archived, &change->archived,
			 error) &&
	       take_flag(body, "markedUnread", &out->marked_unread,
			 &change->marked_unread, error);
}

/* As it is kept and shown. */
static char *draft_text(const struct draft_input *draft)
{
	char *mentions = store_mentions_text(draft->mentions.list,
					     draft->mentions.count);
	const char *list = mentions != NULL ? mentions : "[]";
	struct json_text text;
	char *out;

	json_text_init(&text);
	json_text_open(&text, NULL, '{');
	json_text_string(&text, "content", draft->content);
	json_text_string(&text, "replyTo", draft->reply_to);
	json_text_bytes(&text, "mentions", list, strlen(list));
	json_text_close(&text, '}');
	out = xstrndup(text.buf.data, text.buf.len);
	json_text_done(&text);
	free(mentions);
	return out;
}

static bool take_draft(const struct json_object *body, struct own_input *out,
		       struct input_error *error)
{
	struct json_object *said = NULL;
	struct draft_input draft;

	if (!names(body, "draft"))
		return true;
	if (json_get_object(body, "draft", &said) == JSON_WRONG)
		return own_input_fail(error, "draft",
				      "A draft is {content, replyTo, mentions} "
				      "or null.");
	if (said != NULL && !message_input_draft(said, &draft, error))
		return false;
	out->draft = said != NULL ? draft_text(&draft) : xstrdup("");
	out->change.draft = out->draft;
	return true;
}

bool own_input_read(const struct json_object *body, int64_t now_ms,
		    struct own_input *out, struct input_error *error)
{
	const struct store_own_change *said = &out->change;

	*out = (struct own_input){.change = {.now_ms = now_ms}};
	if (!take_muted(body, now_ms, out, error) ||
	    !take_flags(body, out, error) || !take_draft(body, out, error))
		return false;
	if (said->muted_until == NULL && said->pinned == NULL &&
	    said->archived == NULL && said->marked_unread == NULL &&
	    said->draft == NULL)
		return own_input_fail(error, "mutedUntil",
				      "Say what is to change.");
	return true;
}

void own_input_done(struct own_input *input)
{
	free(input->draft);
	input->draft = NULL;
}
