#include "json_text.h"

#include <limits.h>
#include <string.h>

#include "json.h"
#include "json_plain.h"

#define TEXT_MAX INT_MAX /* what json-c can hold */
#define FIRST_ROOM 1023	 /* a message fits, and in all it is 1 KiB */
#define PADDED 10	 /* two quotation marks, and seven bytes are eight */

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

void json_text_add(struct json_text *text, const char *key,
		   const struct json_text *value)
{
	json_text_bytes(text, key, value->buf.data, value->buf.len);
}

void json_text_copy(struct json_text *text, const char *key, size_t at,
		    size_t len)
{
	char *to = json_text_begin(text, key, len);

	if (to == NULL)
		return;
	memcpy(to, text->buf.data + at, len);
	json_text_end(text, to + len);
}

/* RFC 8259, 7: what has to be escaped. */
static void json_text_escape(struct buf *buf, unsigned char byte)
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
	return json_plain_length(value, strlen(value));
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
		json_text_escape(buf, (unsigned char)*value++);
	}
	buf_add(buf, "\"", 1);
}

/* Most texts have nothing to be escaped, so they are copied first, with plain
 * bytes behind them to the end of eight. */
void json_text_quote(struct json_text *text, const char *value)
{
	size_t len = strlen(value), plain = 0;
	char *at = buf_room(&text->buf, len + PADDED);

	if (at == NULL)
		return;
	*at++ = '"';
	memcpy(at, value, len);
	memset(at + len, ' ', PADDED - 2);
	while (plain < len && json_plain_marks(eight_at(at + plain)) == 0)
		plain += 8;
	if (plain < len) {
		add_with_escapes(&text->buf, value);
		return;
	}
	at[len] = '"';
	json_text_end(text, at + len + 1);
}
