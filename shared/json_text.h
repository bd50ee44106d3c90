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

#include "buf.h"

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

/* bracket: '{' or '['; each is closed by '}' or ']'. */
void json_text_open(struct json_text *text, const char *key, char bracket);
void json_text_close(struct json_text *text, char bracket);

/* NULL is null. */
void json_text_string(struct json_text *text, const char *key,
		      const char *value);
void json_text_word(struct json_text *text, const char *key, const char *word);
void json_text_int(struct json_text *text, const char *key, int64_t number);
void json_text_bool(struct json_text *text, const char *key, bool truth);
/* ISO 8601; null below zero */
void json_text_time(struct json_text *text, const char *key, int64_t at_ms);

#endif
