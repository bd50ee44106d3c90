#include "line_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "line_outbox.h"
#include "mem.h"
#include "text.h"

#define ENCRYPTED "[ENCRYPTED]" /* the old pages' own cipher */
#define OWN "> "
#define NOTHING "\xef\xbf\xbd" /* U+FFFD, for what is not to be shown raw */

/* ---- characters ---- */

/* Bytes of the character there. The text is good UTF-8. */
static size_t character_len(const char *at)
{
	unsigned char first = (unsigned char)*at;

	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* What ends a line for some client: Python's splitlines() knows them all. */
static size_t break_len(const char *at)
{
	static const char *const others[] = {"\xc2\x85", "\xe2\x80\xa8",
					     "\xe2\x80\xa9"};

	if (at[0] == '\r' && at[1] == '\n')
		return 2;
	if ((*at >= '\n' && *at <= '\r') || (*at >= 0x1c && *at <= 0x1e))
		return 1;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		size_t len = strlen(others[i]);

		if (strncmp(at, others[i], len) == 0)
			return len;
	}
	return 0;
}

/* What could steer a terminal: C0 but the tab, DEL, C1. */
static bool steers(const char *at)
{
	unsigned char first = (unsigned char)*at;

	return (first < 0x20 && first != '\t') || first == 0x7f ||
	       (first == 0xc2 && (unsigned char)at[1] < 0xa0);
}

static void add_character(struct buf *out, const char *at)
{
	if (steers(at))
		buf_adds(out, NOTHING);
	else
		buf_add(out, at, character_len(at));
}

char *line_text_clean(const char *text)
{
	struct buf clean;

	buf_init(&clean, SIZE_MAX / 2);
	buf_adds(&clean, "");
	for (; *text != '\0'; text += character_len(text)) {
		if (break_len(text) > 0)
			buf_adds(&clean, " ");
		else
			add_character(&clean, text);
	}
	return buf_take(&clean);
}

/* ---- lines ---- */

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x80)
			return false;
	}
	return true;
}

/* How much of a line fits behind its prefix: all, where a read in its middle
 * does no harm, else as much as one read has, up to a blank if there is one
 * near the end. */
static size_t part_len(const struct line_reader *reader, const char *prefix,
		       const char *text, size_t len)
{
	size_t room = LINE_READ - 1 - strlen(prefix), end;

	if (!reader->ends || len <= room ||
	    (is_ascii(text, len) && is_ascii(prefix, strlen(prefix))))
		return len;
	while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
		room--;
	for (end = room; end > room / 2 && text[end] != ' '; end--)
		;
	return end > room / 2 ? end : room;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* An operator's words are not ours: they set no name and send no file. */
static bool is_like_ours(const char *text)
{
	return begins(text, "__SERVER_") || begins(text, "__FILE__|");
}

static void add_line(struct buf *out, const struct line_reader *reader,
		     const char *prefix, const char *text, size_t len)
{
	do {
		const char *before =
			*prefix == '\0' && is_like_ours(text) ? " " : prefix;
		size_t part = part_len(reader, before, text, len);

		buf_adds(out, before);
		buf_add(out, text, part);
		buf_adds(out, "\n");
		text += part;
		len -= part;
		if (len > 0 && *text == ' ') {
			text++;
			len--;
		}
	} while (len > 0);
}

void line_text_add(struct buf *out, const struct line_reader *reader,
		   const char *prefix, const char *text)
{
	struct buf line;

	buf_init(&line, SIZE_MAX / 2);
	while (*text != '\0') {
		size_t end;

		buf_reset(&line);
		buf_adds(&line, "");
		for (; *text != '\0' && break_len(text) == 0;
		     text += character_len(text))
			add_character(&line, text);
		end = break_len(text);
		text += end;
		if (text_is_visible(line.data))
			add_line(out, reader, prefix, line.data, line.len);
	}
	buf_done(&line);
}

/* ---- messages ---- */

static const char *string_of(const struct json_object *object, const char *key)
{
	const char *text = "";

	json_get_string(object, key, &text);
	return text;
}

void line_text_support(struct buf *out, const struct line_reader *reader,
		       const char *text)
{
	line_text_add(out, reader, "", text);
}

static char *size_words(int64_t size)
{
	if (size < 10 * 1024)
		return xasprintf("%lld bytes", (long long)size);
	if (size < 10 * 1024 * 1024)
		return xasprintf("%lld KiB", (long long)(size / 1024));
	return xasprintf("%lld MiB", (long long)(size / 1024 / 1024));
}

char *line_text_file(const struct json_object *attachment)
{
	int64_t size = 0;
	char *name = line_text_clean(string_of(attachment, "name"));

	json_get_int(attachment, "size", &size);

	char *words = size_words(size);
	char *text = xasprintf("%s, %s", name, words);

	free(words);
	free(name);
	return text;
}

static void add_attachment(struct buf *out, const struct line_reader *reader,
			   const char *prefix,
			   const struct json_object *message)
{
	struct json_object *attachment;
	char *words, *text;

	if (json_get_object(message, "attachment", &attachment) != JSON_FOUND)
		return;
	words = line_text_file(attachment);
	text = xasprintf("[%s]", words);
	line_text_add(out, reader, prefix, text);
	free(text);
	free(words);
}

static char *prefix_of(const struct json_object *message)
{
	char *name = line_text_clean(string_of(message, "senderName"));
	char *prefix = xasprintf("%s%s: ", is_like_ours(name) ? " " : "", name);

	free(name);
	return prefix;
}

/* The old pages decipher it, at the start of a line only. */
static bool is_encrypted(const char *text)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/=";

	if (!begins(text, ENCRYPTED))
		return false;
	text += strlen(ENCRYPTED);
	return text[strspn(text, base64)] == '\0';
}

void line_text_message(struct buf *out, const struct line_reader *reader,
		       const struct json_object *message, bool files)
{
	const char *content = string_of(message, "content");
	bool support = strcmp(string_of(message, "conversationId"),
			      reader->support) == 0;
	char *prefix;

	if (strcmp(string_of(message, "sender"), reader->id) == 0)
		return;
	prefix = support ? xstrdup("") : prefix_of(message);
	if (support)
		line_text_support(out, reader, content);
	else
		line_text_add(out, reader, is_encrypted(content) ? "" : prefix,
			      content);
	if (files)
		add_attachment(out, reader, prefix, message);
	free(prefix);
}

void line_text_own(struct buf *out, const struct line_reader *reader,
		   const struct json_object *message)
{
	line_text_add(out, reader, OWN, string_of(message, "content"));
	add_attachment(out, reader, OWN, message);
}
