/*
 * json_text - a JSON value written straight as text, for answers that are made
 * of many values: a tree of json.h costs several times as much to build, print
 * and free. The text is what json_print() would have made of that tree.
 *
 * Within an object every value has a key; within an array, or alone, NULL.
 * Keys and words are constants that need no escapes.
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "decimal.h"
#include "ids.h"

struct json_object;

struct json_text {
	struct buf buf;
};

void json_text_init(struct json_text *text);
void json_text_done(struct json_text *text); /* unless it was taken */
/* What was written, as one value of json.h that only prints (json_raw());
 * text is as at first. */
struct json_object *json_text_take(struct json_text *text);

/* Another text as a value. */
void json_text_add(struct json_text *text, const char *key,
		   const struct json_text *value);

/* A value that stands in this text already: len bytes at that place. */
void json_text_copy(struct json_text *text, const char *key, size_t at,
		    size_t len);

/* ---- inline, so that a key's length is known where it is written ---- */

/* A comma unless it is the first, the key if there is one, and room for len
 * bytes more: where they go, or NULL. json_text_end() says where they ended. */
static inline char *json_text_begin(struct json_text *text, const char *key,
				    size_t len)
{
	struct buf *buf = &text->buf;
	size_t key_len = key != NULL ? strlen(key) : 0;
	char *at = buf_room(buf, key_len + sizeof(",\"\":") + len);

	if (at == NULL)
		return NULL;
	if (buf->len > 0 && at[-1] != '{' && at[-1] != '[')
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

static inline void json_text_end(struct json_text *text, const char *at)
{
	buf_grew(&text->buf, (size_t)(at - text->buf.data) - text->buf.len);
}

/* bytes are the value as it is to stand there. */
static inline void json_text_bytes(struct json_text *text, const char *key,
				   const char *bytes, size_t len)
{
	char *at = json_text_begin(text, key, len);

	if (at == NULL)
		return;
	memcpy(at, bytes, len);
	json_text_end(text, at + len);
}

/* What is JSON already; NULL: none, a constant. */
static inline void json_text_json(struct json_text *text, const char *key,
				  const char *json, const char *none)
{
	if (json == NULL)
		json_text_bytes(text, key, none, strlen(none));
	else
		json_text_bytes(text, key, json, strlen(json));
}

/* A value of its own, whatever stands before it in the buffer. */
static inline void json_text_start(struct json_text *text, char bracket)
{
	buf_add(&text->buf, &bracket, 1);
}

/* bracket: '{' or '['; each is closed by '}' or ']'. */
static inline void json_text_open(struct json_text *text, const char *key,
				  char bracket)
{
	json_text_bytes(text, key, &bracket, 1);
}

static inline void json_text_close(struct json_text *text, char bracket)
{
	buf_add(&text->buf, &bracket, 1);
}

static inline void json_text_word(struct json_text *text, const char *key,
				  const char *word)
{
	size_t len = strlen(word);
	char *at = json_text_begin(text, key, len + 2);

	if (at == NULL)
		return;
	*at++ = '"';
	memcpy(at, word, len);
	at += len;
	*at++ = '"';
	json_text_end(text, at);
}

/* An id, or "". */
static inline void json_text_id(struct json_text *text, const char *key,
				const char *id)
{
	char *at = json_text_begin(text, key, ID_LEN + 2);

	if (at == NULL)
		return;
	*at++ = '"';
	if (id[0] != '\0') {
		memcpy(at, id, ID_LEN);
		at += ID_LEN;
	}
	*at++ = '"';
	json_text_end(text, at);
}

/* An id; "" is null. */
static inline void json_text_id_or_null(struct json_text *text, const char *key,
					const char *id)
{
	if (id[0] != '\0')
		json_text_id(text, key, id);
	else
		json_text_bytes(text, key, "null", 4);
}

/* A string alone, whatever stands before it. */
void json_text_quote(struct json_text *text, const char *value);

/* NULL is null. */
static inline void json_text_string(struct json_text *text, const char *key,
				    const char *value)
{
	if (value == NULL) {
		json_text_bytes(text, key, "null", 4);
		return;
	}
	if (value[0] == '\0') {
		json_text_bytes(text, key, "\"\"", 2);
		return;
	}
	json_text_bytes(text, key, "", 0);
	json_text_quote(text, value);
}

/* ISO 8601; null below zero */
static inline void json_text_time(struct json_text *text, const char *key,
				  int64_t at_ms)
{
	if (at_ms < 0) {
		json_text_bytes(text, key, "null", 4);
		return;
	}
	char *at = json_text_begin(text, key, CLOCK_ISO_SIZE + 1);

	if (at == NULL)
		return;
	*at = '"';
	clock_iso(at_ms, at + 1);
	at[CLOCK_ISO_SIZE] = '"';
	json_text_end(text, at + CLOCK_ISO_SIZE + 1);
}

static inline void json_text_int(struct json_text *text, const char *key,
				 int64_t number)
{
	char *at = json_text_begin(text, key, DECIMAL_MAX);

	if (at != NULL)
		json_text_end(text, decimal_put(at, number));
}

static inline void json_text_bool(struct json_text *text, const char *key,
				  bool truth)
{
	if (truth)
		json_text_bytes(text, key, "true", 4);
	else
		json_text_bytes(text, key, "false", 5);
}

#endif
