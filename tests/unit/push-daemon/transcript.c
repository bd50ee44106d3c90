#include "transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"

#define WORD_SIZE 200

void transcript_add(struct transcript *transcript, long who, const char *kind,
		    bool droppable, struct json_object *value)
{
	struct json_object *entry = json_new_object();

	json_put_int(entry, "who", who);
	json_put_string(entry, "kind", kind);
	json_put_bool(entry, "droppable", droppable);
	json_put(entry, "value", value);
	if (transcript->entries == NULL)
		transcript->entries = json_new_array();
	json_push(transcript->entries, entry);
}

size_t transcript_length(const struct transcript *transcript)
{
	return json_length(transcript->entries);
}

void transcript_clear(struct transcript *transcript)
{
	json_free(transcript->entries);
	transcript->entries = NULL;
}

/* The value at path, its own reference; NULL: not there. */
static struct json_object *value_at(struct json_object *value, char *path)
{
	struct json_object *found = json_ref(value);
	char *rest = path, *step;

	while (found != NULL && (step = strtok_r(rest, ".", &rest)) != NULL) {
		struct json_object *next;

		if (json_is_array(found) && strcmp(step, "length") == 0) {
			struct json_object *holder = json_new_object();

			json_put_int(holder, "n", (int64_t)json_length(found));
			next = json_ref(json_any(holder, "n"));
			json_free(holder);
		} else if (json_is_array(found)) {
			next = json_ref(
				json_at(found, strtoul(step, NULL, 10)));
		} else {
			next = json_ref(json_any(found, step));
		}
		json_free(found);
		found = next;
	}
	return found;
}

static bool is_value(struct json_object *value, const char *wanted)
{
	const char *text = json_text_of(value);

	return strcmp(text != NULL ? text : json_print(value, NULL), wanted) ==
	       0;
}

/* The next word of a pattern: up to a blank outside of quotes, which go. */
static bool next_word(const char **pattern, char word[WORD_SIZE])
{
	size_t len = 0;
	bool quoted = false;

	while (**pattern == ' ')
		++*pattern;
	if (**pattern == '\0')
		return false;
	for (; **pattern != '\0' && (quoted || **pattern != ' '); ++*pattern) {
		if (**pattern == '\'')
			quoted = !quoted;
		else if (len < WORD_SIZE - 1)
			word[len++] = **pattern;
	}
	word[len] = '\0';
	return true;
}

static bool has_value(struct json_object *value, char *word)
{
	char *equals = strchr(word, '=');
	struct json_object *found;
	bool good;

	if (equals != NULL)
		*equals = '\0';
	found = value_at(value, word);
	good = found != NULL && (equals == NULL || is_value(found, equals + 1));
	json_free(found);
	return good;
}

static bool is_kind(const struct json_object *entry, const char *word)
{
	const char *kind = "";
	bool droppable = false;

	json_get_string(entry, "kind", &kind);
	json_get_bool(entry, "droppable", &droppable);
	if (*word == '?' || *word == '!') {
		if (droppable != (*word == '?'))
			return false;
		word++;
	}
	return strcmp(kind, word) == 0;
}

static bool is_like(const struct json_object *entry, const char *pattern)
{
	struct json_object *value = json_any(entry, "value");
	char word[WORD_SIZE];

	if (!next_word(&pattern, word))
		return true;
	if (!is_kind(entry, word))
		return false;
	while (next_word(&pattern, word)) {
		if (!has_value(value, word))
			return false;
	}
	return true;
}

static bool is_of(const struct json_object *entry, long who)
{
	int64_t number;

	return json_get_int(entry, "who", &number) == JSON_FOUND &&
	       number == who;
}

int transcript_count(const struct transcript *transcript, long who, size_t from,
		     const char *pattern)
{
	int found = 0;

	for (size_t i = from; i < transcript_length(transcript); i++) {
		const struct json_object *entry =
			json_at(transcript->entries, i);

		found += is_of(entry, who) && is_like(entry, pattern);
	}
	return found;
}

bool transcript_ends(const struct transcript *transcript, long who, size_t from,
		     const char *pattern)
{
	for (size_t i = transcript_length(transcript); i > from; i--) {
		const struct json_object *entry =
			json_at(transcript->entries, i - 1);

		if (is_of(entry, who))
			return is_like(entry, pattern);
	}
	return false;
}

void transcript_print(const struct transcript *transcript, long who,
		      size_t from)
{
	for (size_t i = from; i < transcript_length(transcript); i++) {
		struct json_object *entry = json_at(transcript->entries, i);

		if (is_of(entry, who))
			print_message("  %s\n", json_print(entry, NULL));
	}
}
