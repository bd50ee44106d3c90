#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "chat_state.h"
#include "json.h"
#include "mem.h"
#include "screen.h"
#include "text.h"

#define SHOWN_MAX (64 * 1024)
#define LAST_MAX 60 /* bytes of a text in the list */
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

void chat_tell(const struct chat *chat, const char *format, ...)
{
	va_list arguments;
	char *words, *line;

	(void)chat;
	va_start(arguments, format);
	words = text_harmless_print(format, arguments);
	va_end(arguments);
	line = xasprintf("* %s", words);
	screen_show(line);
	free(line);
	free(words);
}

void chat_refuse(struct chat *chat, const char *format, ...)
{
	va_list arguments;
	char *words;

	va_start(arguments, format);
	words = text_harmless_print(format, arguments);
	va_end(arguments);
	if (chat->terminal && chat->started) {
		chat_tell(chat, "%s", words);
	} else {
		fprintf(stderr, "palabrectl: chat: %s\n", words);
		chat->status = CHAT_REFUSED;
	}
	free(words);
}

static void add_harmless(struct buf *out, const char *text)
{
	char *harmless = text_harmless(text);

	buf_adds(out, harmless);
	free(harmless);
}

static void add_name(const struct chat *chat, struct buf *out, const char *name)
{
	buf_adds(out, chat->terminal ? BOLD : "");
	add_harmless(out, name);
	buf_adds(out, chat->terminal ? PLAIN : "");
}

static void show(struct buf *out)
{
	char *line = buf_take(out);

	screen_show(line);
	free(line);
}

static void add_file(struct buf *out, const struct json_object *message)
{
	struct json_object *file = NULL;
	const char *name = "";
	int64_t size = 0;

	if (json_get_object(message, "attachment", &file) != JSON_FOUND)
		return;
	json_get_string(file, "name", &name);
	json_get_int(file, "size", &size);
	buf_adds(out, " [");
	add_harmless(out, name);
	buf_addf(out, ", %lld bytes]", (long long)size);
}

static void add_text(struct buf *out, const struct json_object *message)
{
	const char *content = "";
	bool deleted = false;

	json_get_string(message, "content", &content);
	json_get_bool(message, "deleted", &deleted);
	buf_adds(out, deleted ? " (deleted)" : " ");
	add_harmless(out, content);
	add_file(out, message);
}

/* "2026-11-28T12:03:04.567Z" to the minute. */
static void add_time(struct buf *out, const struct json_object *message)
{
	const char *at = "";

	json_get_string(message, "createdAt", &at);
	if (strlen(at) > 16)
		buf_addf(out, "%.10s %.5s ", at, at + 11);
}

void chat_show_message(const struct chat *chat,
		       const struct desk_client *client,
		       const struct json_object *message, bool with_time)
{
	const char *sender = "", *name = "";
	struct buf out;

	json_get_string(message, "sender", &sender);
	json_get_string(message, "senderName", &name);
	buf_init(&out, SHOWN_MAX);
	if (with_time)
		add_time(&out, message);
	buf_addf(&out, "(%zu) ", client->number);
	if (strcmp(sender, client->id) == 0) {
		add_name(chat, &out, client->name);
	} else {
		add_name(chat, &out,
			 strcmp(sender, chat->id) == 0 ? "you" : name);
		buf_adds(&out, " to ");
		add_harmless(&out, client->name);
	}
	buf_adds(&out, ":");
	add_text(&out, message);
	show(&out);
}

/* How they are connected, as far as that is known. */
static const char *where(const struct chat *chat, const char *id,
			 const struct json_object *user)
{
	const char *status = "";

	for (size_t i = 0; i < json_length(chat->here); i++) {
		const struct json_object *one = json_at(chat->here, i);
		const char *who = "", *transport = "";

		json_get_string(one, "id", &who);
		json_get_string(one, "transport", &transport);
		if (strcmp(who, id) == 0)
			return strcmp(transport, "line") == 0 ? "line" : "web";
	}
	json_get_string(user, "status", &status);
	return strcmp(status, "online") == 0 ? "here" : "away";
}

/* Not in the middle of a character. */
static void add_beginning(struct buf *out, const char *text)
{
	size_t len = strlen(text);
	char *part;

	if (len > LAST_MAX) {
		len = LAST_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	part = xstrndup(text, len);
	add_harmless(out, part);
	buf_adds(out, text[len] != '\0' ? "..." : "");
	free(part);
}

void chat_show_client(const struct chat *chat, const struct desk_client *client,
		      const struct json_object *user,
		      const struct json_object *conversation)
{
	const char *content = "";
	struct json_object *last = NULL;
	int64_t unread = 0;
	struct buf out;

	json_get_int(conversation, "unread", &unread);
	if (json_get_object(conversation, "lastMessage", &last) == JSON_FOUND)
		json_get_string(last, "content", &content);
	buf_init(&out, SHOWN_MAX);
	buf_addf(&out, "(%zu) ", client->number);
	add_name(chat, &out, client->name);
	buf_addf(&out, ", %s", where(chat, client->id, user));
	if (unread > 0)
		buf_addf(&out, ", %lld unread", (long long)unread);
	if (*content != '\0') {
		buf_adds(&out, ": ");
		add_beginning(&out, content);
	}
	show(&out);
}
