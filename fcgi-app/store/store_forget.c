#include "store_forget.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_text.h"
#include "palabre_limits.h"
#include "store_mentions.h"

#define NOBODY "@\xe2\x80\xa6" /* @ and U+2026 */
#define NOBODY_LENGTH 2

static struct json_object *read(const char *text)
{
	struct json_object *value = NULL;

	json_parse(text, strlen(text), JSON_OURS(LIMIT_JSON_DEPTH), &value);
	return value;
}

/* ---- system messages ---- */

static bool is_named(const struct json_object *users, const char *user)
{
	for (size_t i = 0; i < json_length(users); i++) {
		const char *id = "", *name = "";

		json_get_string(json_at(users, i), "_id", &id);
		json_get_string(json_at(users, i), "name", &name);
		if (strcmp(id, user) == 0 && name[0] != '\0')
			return true;
	}
	return false;
}

static void write_users(struct json_text *text, const struct json_object *users,
			const char *user)
{
	json_text_open(text, "users", '[');
	for (size_t i = 0; i < json_length(users); i++) {
		const char *id = "", *name = "";

		json_get_string(json_at(users, i), "_id", &id);
		json_get_string(json_at(users, i), "name", &name);
		json_text_open(text, NULL, '{');
		json_text_word(text, "_id", id);
		json_text_string(text, "name",
				 strcmp(id, user) == 0 ? "" : name);
		json_text_close(text, '}');
	}
	json_text_close(text, ']');
}

/* A member that is there goes on. */
static void copy_words(struct json_text *text, const struct json_object *said,
		       const char *key)
{
	const char *words;

	if (json_get_string(said, key, &words) == JSON_FOUND)
		json_text_string(text, key, words);
}

static char *without(const struct json_object *said, const char *user, bool own)
{
	struct json_object *users = NULL;
	struct json_text text;
	int64_t count = 0;

	json_get_array(said, "users", &users);
	json_get_int(said, "count", &count);
	json_text_init(&text);
	json_text_open(&text, NULL, '{');
	copy_words(&text, said, "event");
	copy_words(&text, said, "title");
	copy_words(&text, said, "place");
	if (!own)
		copy_words(&text, said, "reason");
	write_users(&text, users, user);
	json_text_int(&text, "count", count);
	json_text_close(&text, '}');

	char *out = buf_take(&text.buf);

	json_text_done(&text);
	return out;
}

char *store_forget_in_system(const char *content, const char *user, bool own)
{
	struct json_object *said = read(content), *users = NULL;
	const char *reason = NULL;
	char *out = NULL;

	json_get_array(said, "users", &users);
	json_get_string(said, "reason", &reason);
	if (is_named(users, user) || (own && reason != NULL))
		out = without(said, user, own);
	json_free(said);
	return out;
}

/* ---- mentions ---- */

struct forgetting {
	const char *user;
	const char *at; /* in the old content, ... */
	int64_t passed; /* ... behind so many of its code points */
	struct buf content;
	struct store_mention mentions[LIMIT_MENTIONS];
	size_t count;
	int64_t moved; /* code points that the content is longer by */
	bool found;
};

/* Behind so many code points of valid UTF-8, or at its end. */
static const char *skip(const char *text, int64_t count)
{
	while (count > 0 && *text != '\0') {
		for (text++; ((unsigned char)*text & 0xc0) == 0x80; text++)
			;
		count--;
	}
	return text;
}

static void copy_to(struct forgetting *f, int64_t end)
{
	const char *to = skip(f->at, end - f->passed);

	buf_add(&f->content, f->at, (size_t)(to - f->at));
	f->at = to;
	f->passed = end;
}

static void forget_mention(struct forgetting *f, const struct json_object *from)
{
	struct store_mention *mention = &f->mentions[f->count];
	const char *user = "";
	int64_t start = 0, length = 0;

	if (f->count == LIMIT_MENTIONS ||
	    json_get_string(from, "userId", &user) != JSON_FOUND ||
	    json_get_int(from, "start", &start) != JSON_FOUND ||
	    json_get_int(from, "length", &length) != JSON_FOUND ||
	    start < f->passed || strlen(user) + 1 != ID_SIZE)
		return;
	f->count++;
	memcpy(mention->user, user, ID_SIZE);
	mention->start = start + f->moved;
	mention->length = length;
	if (strcmp(user, f->user) != 0)
		return;
	copy_to(f, start);
	buf_adds(&f->content, NOBODY);
	f->at = skip(f->at, length);
	f->passed = start + length;
	f->moved += NOBODY_LENGTH - length;
	mention->length = NOBODY_LENGTH;
	f->found = true;
}

bool store_forget_mentions(const char *content, const char *mentions,
			   const char *user, char **new_content,
			   char **new_mentions)
{
	struct json_object *list = read(mentions);
	struct forgetting f = {.user = user, .at = content};

	buf_init(&f.content, SIZE_MAX / 2);
	for (size_t i = 0; i < json_length(list); i++)
		forget_mention(&f, json_at(list, i));
	buf_adds(&f.content, f.at);
	json_free(list);
	if (f.found) {
		*new_mentions = store_mentions_text(f.mentions, f.count);
		*new_content = buf_take(&f.content);
	} else {
		buf_done(&f.content);
	}
	return f.found;
}
