#include "json_text.h"

#include <limits.h>
#include <string.h>

#include "clock.h"
#include "json.h"

#define TEXT_MAX INT_MAX /* what json-c can hold */
#define FIRST_ROOM 1024	 /* a message fits */

void json_text_init(struct json_text *text)
{
	buf_init(&text->buf, TEXT_MAX);
	buf_room(&text->buf, FIRST_ROOM);
}

struct json_object *json_text_take(struct json_text *text)
{
	struct json_object *value = json_raw(text->buf.data, text->buf.len);

	buf_done(&text->buf);
	return value;
}

void json_text_done(struct json_text *text)
{
	buf_done(&text->buf);
}

/* A comma unless it is the first, the key if there is one, and room for len
 * bytes more: where they go, or NULL. end() says how far they went. */
static char *begin(struct json_text *text, const char *key, size_t len)
{
	struct buf *buf = &text->buf;
	char before = buf->len > 0 ? buf->data[buf->len - 1] : '[';
	size_t key_len = key != NULL ? strlen(key) : 0;
	char *at = buf_room(buf, key_len + sizeof(",\"\":") + len);

	if (at == NULL)
		return NULL;
	if (before != '{' && before != '[')
		*at++ = ',';
	if (key != NULL) {
		*at++ = '"';
		memcpy(at, key, key_len);
		at += key_len;
		*at++ = '"';
		*at++ = ':';
	}
	return at;
}

static void end(struct json_text *text, const char *at)
{
	buf_grew(&text->buf, (size_t)(at - text->buf.data) - text->buf.len);
}

static void add(struct json_text *text, const char *key, const char *value,
		size_t len)
{
	char *at = begin(text, key, len);

	if (at == NULL)
		return;
	memcpy(at, value, len);
	end(text, at + len);
}

static void add_quoted(struct json_text *text, const char *key,
		       const char *value, size_t len)
{
	char *at = begin(text, key, len + 2);

	if (at == NULL)
		return;
	*at++ = '"';
	memcpy(at, value, len);
	at += len;
	*at++ = '"';
	end(text, at);
}

void json_text_open(struct json_text *text, const char *key, char bracket)
{
	add(text, key, &bracket, 1);
}

void json_text_close(struct json_text *text, char bracket)
{
	buf_add(&text->buf, &bracket, 1);
}

void json_text_add(struct json_text *text, const char *key,
		   const struct json_text *value)
{
	add(text, key, value->buf.data, value->buf.len);
}

/* RFC 8259, 7: what has to be escaped. */
static void add_escaped(struct buf *buf, unsigned char byte)
{
	static const char from[] = "\b\f\n\r\t\"\\";
	static const char to[] = "bfnrt\"\\";
	static const char digits[] = "0123456789abcdef";
	const char *at = byte != '\0' ? strchr(from, byte) : NULL;
	char code[6] = "\\u00";

	if (at != NULL) {
		code[1] = to[at - from];
		buf_add(buf, code, 2);
		return;
	}
	code[4] = digits[byte >> 4];
	code[5] = digits[byte & 15];
	buf_add(buf, code, sizeof(code));
}

static size_t plain_length(const char *value)
{
	const unsigned char *at = (const unsigned char *)value;

	while (*at >= 0x20 && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - (const unsigned char *)value);
}

static void add_with_escapes(struct json_text *text, const char *key,
			     const char *value)
{
	struct buf *buf = &text->buf;

	add(text, key, "\"", 1);
	for (;;) {
		size_t len = plain_length(value);

		buf_add(buf, value, len);
		value += len;
		if (*value == '\0')
			break;
		add_escaped(buf, (unsigned char)*value++);
	}
	buf_add(buf, "\"", 1);
}

void json_text_string(struct json_text *text, const char *key,
		      const char *value)
{
	size_t len;

	if (value == NULL)
		add(text, key, "null", 4);
	else if (value[len = plain_length(value)] == '\0')
		add_quoted(text, key, value, len);
	else
		add_with_escapes(text, key, value);
}

void json_text_word(struct json_text *text, const char *key, const char *word)
{
	add_quoted(text, key, word, strlen(word));
}

void json_text_int(struct json_text *text, const char *key, int64_t number)
{
	add(text, key, "", 0);
	buf_add_int(&text->buf, number);
}

void json_text_bool(struct json_text *text, const char *key, bool truth)
{
	if (truth)
		add(text, key, "true", 4);
	else
		add(text, key, "false", 5);
}

void json_text_time(struct json_text *text, const char *key, int64_t at_ms)
{
	char iso[CLOCK_ISO_SIZE];

	if (at_ms < 0) {
		json_text_string(text, key, NULL);
		return;
	}
	clock_iso(at_ms, iso);
	add_quoted(text, key, iso, sizeof(iso) - 1);
}
