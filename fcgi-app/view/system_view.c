#include "system_view.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "palabre_limits.h"
#include "store_types.h"

#define SENTENCE_MAX 8192

/* %n: who did it, %u: to whom, %t: the title, %r: why, behind a colon */
static const struct {
	const char *event, *sentence;
} sentences[] = {
	{"made", "%n made the group \"%t\""},
	{"title", "%n named the group \"%t\""},
	{"picture", "%n changed the group's picture"},
	{"added", "%n added %u"},
	{"joined", "%n joined"},
	{"left", "%n left"},
	{"removed", "%n removed %u"},
	{"owner", "%n made %u the owner"},
	{"reported", "%n reported a message of %u%r"},
};

static const char *sentence_of(const char *event)
{
	for (size_t i = 0; i < COUNT_OF(sentences); i++) {
		if (strcmp(sentences[i].event, event) == 0)
			return sentences[i].sentence;
	}
	return "%n changed the group";
}

/* "Ann, Bob and 3 others" */
static void add_users(struct buf *out, const struct json_object *said)
{
	struct json_object *users = NULL;
	int64_t count = 0;

	json_get_array(said, "users", &users);
	json_get_int(said, "count", &count);
	for (size_t i = 0; i < json_length(users); i++) {
		const char *name = "";

		json_get_string(json_at(users, i), "name", &name);
		buf_addf(out, "%s%s", i > 0 ? ", " : "",
			 name[0] != '\0' ? name : "somebody");
	}
	count -= (int64_t)json_length(users);
	if (count > 0)
		buf_addf(out, " and %lld others", (long long)count);
}

static void add_reason(struct buf *out, const struct json_object *said)
{
	const char *reason;

	if (json_get_string(said, "reason", &reason) == JSON_FOUND)
		buf_addf(out, ": %s", reason);
}

static void add_sentence(struct buf *out, const struct store_message *message,
			 const struct json_object *said)
{
	const char *event = "", *title = "";
	const char *at;

	json_get_string(said, "event", &event);
	json_get_string(said, "title", &title);
	for (at = sentence_of(event); *at != '\0'; at++) {
		if (*at != '%') {
			buf_add(out, at, 1);
			continue;
		}
		at++;
		if (*at == 'n')
			buf_adds(out, message->sender_name[0] != '\0'
					      ? message->sender_name
					      : "Somebody");
		else if (*at == 't')
			buf_adds(out, title);
		else if (*at == 'r')
			add_reason(out, said);
		else
			add_users(out, said);
	}
}

static struct json_object *read_said(const struct store_message *message)
{
	const struct json_bounds bounds = JSON_OURS(LIMIT_JSON_DEPTH);
	struct json_object *said = NULL;

	json_parse(message->content, strlen(message->content), bounds, &said);
	return said;
}

void system_view_left(const struct store_message *message, char out[ID_SIZE])
{
	struct json_object *said = read_said(message), *users = NULL;
	const char *event = "", *id = "";

	json_get_string(said, "event", &event);
	json_get_array(said, "users", &users);
	if (strcmp(event, "left") == 0)
		id = message->sender;
	else if (strcmp(event, "removed") == 0)
		json_get_string(json_at(users, 0), "_id", &id);
	memcpy(out, id_valid(id) ? id : "", id_valid(id) ? ID_SIZE : 1);
	json_free(said);
}

char *system_view_sentence(const struct store_message *message)
{
	struct json_object *said = read_said(message);
	struct buf sentence;

	buf_init(&sentence, SENTENCE_MAX);
	add_sentence(&sentence, message, said);
	json_free(said);
	return buf_take(&sentence);
}

void system_view_write(struct json_text *text,
		       const struct store_message *message)
{
	struct json_object *said = read_said(message);
	char *content = system_view_sentence(message);

	json_text_string(text, "content", content);
	json_text_bytes(text, "system",
			said != NULL ? message->content : "null",
			said != NULL ? strlen(message->content) : 4);
	free(content);
	json_free(said);
}
