#include "json_text.h"

#include <limits.h>
#include <string.h>

#include "clock.h"
#include "json.h"

#define TEXT_MAX INT_MAX /* what json-c can hold */
#define FIRST_ROOM 1024	 /* a message fits */
#define NUMBER_SIZE 21

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

/* A comma unless it is the first; the key if there is one. */
static void begin(struct json_text *text, const char *key)
{
	struct buf *buf = &text->buf;
	char before = buf->len > 0 ? buf->data[buf->len - 1] : '[';
	size_t len = key != NULL ? strlen(key) : 0;
	char *room = buf_room(buf, len + sizeof(",\"\":"));
	char *at = room;

	if (room == NULL)
		return;
	if (before != '{' && before != '[')
		*at++ = ',';
	if (key != NULL) {
		*at++ = '"';
		memcpy(at, key, len);
		at += len;
		*at++ = '"';
		*at++ = ':';
	}
	buf_grew(buf, (size_t)(at - room));
}

static void add_quoted(struct buf *buf, const char *value, size_t len)
{
	char *room = buf_room(buf, len + 2);

	if (room == NULL)
		return;
	room[0] = '"';
	memcpy(room + 1, value, len);
	room[len + 1] = '"';
	buf_grew(buf, len + 2);
}

void json_text_open(struct json_text *text, const char *key, char bracket)
{
	begin(text, key);
	buf_add(&text->buf, &bracket, 1);
}

void json_text_close(struct json_text *text, char bracket)
{
	buf_add(&text->buf, &bracket, 1);
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

static void add_with_escapes(struct buf *buf, const char *value)
{
	buf_add(buf, "\"", 1);
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

	begin(text, key);
	if (value == NULL)
		buf_add(&text->buf, "null", 4);
	else if (value[len = plain_length(value)] == '\0')
		add_quoted(&text->buf, value, len);
	else
		add_with_escapes(&text->buf, value);
}

void json_text_word(struct json_text *text, const char *key, const char *word)
{
	begin(text, key);
	add_quoted(&text->buf, word, strlen(word));
}

void json_text_int(struct json_text *text, const char *key, int64_t number)
{
	char digits[NUMBER_SIZE];
	size_t at = sizeof(digits);
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		digits[--at] = '-';
	begin(text, key);
	buf_add(&text->buf, digits + at, sizeof(digits) - at);
}

void json_text_bool(struct json_text *text, const char *key, bool truth)
{
	begin(text, key);
	buf_adds(&text->buf, truth ? "true" : "false");
}

void json_text_time(struct json_text *text, const char *key, int64_t at_ms)
{
	char iso[CLOCK_ISO_SIZE];

	if (at_ms < 0) {
		json_text_string(text, key, NULL);
		return;
	}
	clock_iso(at_ms, iso);
	json_text_word(text, key, iso);
}
