#include "json_flat.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "json_cursor.h"
#include "json_grammar.h"
#include "json_string.h"
#include "json_walk.h"
#include "mem.h"
#include "text.h"

/* ---- the members, and whether they are any ---- */

static bool flat_key(struct json_cursor *c, struct json_flat_member *member)
{
	json_cursor_skip_space(c);
	member->key = c->at;
	if (!json_grammar_string(c))
		return false;
	member->key_len = (uint32_t)(c->at - member->key);
	json_cursor_skip_space(c);
	return json_cursor_take(c, ':');
}

static bool flat_value(struct json_cursor *c, struct json_flat_member *member)
{
	json_cursor_skip_space(c);
	member->raw = c->at;
	if (json_grammar_value(c) != JSON_OK)
		return false;
	member->raw_len = (uint32_t)(c->at - member->raw);
	json_cursor_skip_space(c);
	return true;
}

static bool flat_members(struct json_flat *flat, struct json_cursor *c)
{
	do {
		struct json_flat_member *member = &flat->members[flat->count];

		if (flat->count == JSON_FLAT_MEMBERS || !flat_key(c, member) ||
		    !flat_value(c, member))
			return false;
		flat->count++;
	} while (json_cursor_take(c, ','));
	return json_cursor_take(c, '}');
}

static bool flat_object(struct json_flat *flat, struct json_cursor *c)
{
	json_cursor_skip_space(c);
	if (!json_cursor_take(c, '{'))
		return false;
	json_cursor_skip_space(c);
	if (!json_cursor_take(c, '}') && !flat_members(flat, c))
		return false;
	json_cursor_skip_space(c);
	return c->at == c->end;
}

/* ---- what their strings say ---- */

/* Puts it at *room, and that behind it. */
static const char *flat_text(const char *raw, size_t len, char **room)
{
	char *text = *room;

	*room += len;
	return json_string_read(raw, len, text) ? text : NULL;
}

/* A key has no NUL behind it, unless there are escapes in it. */
static void read_key(struct json_flat_member *member, char **room)
{
	const char *raw = member->key;
	size_t len = member->key_len;

	member->key = raw + 1;
	member->key_len -= 2;
	if (memchr(raw, '\\', len) == NULL)
		return;
	/* json-c takes it up to a U+0000, too. */
	member->key = *room;
	flat_text(raw, len, room);
	member->key_len = (uint32_t)strlen(member->key);
}

static void read_strings(struct json_flat_member *member, char **room)
{
	struct json_cursor c = {.at = member->raw + 1,
				.end = member->raw + member->raw_len};
	char *to = *room;

	*room += member->raw_len;
	member->text = to;
	json_cursor_skip_space(&c);
	for (member->count = 0; *c.at == '"'; member->count++) {
		const char *raw = c.at;

		json_grammar_string(&c);
		if (!json_string_read(raw, (size_t)(c.at - raw), to))
			member->text = NULL;
		to += strlen(to) + 1;
		json_cursor_skip_space(&c);
		if (json_cursor_take(&c, ','))
			json_cursor_skip_space(&c);
	}
	if (*c.at != ']')
		member->text = NULL;
}

static void read_texts(struct json_flat *flat, char *room)
{
	for (size_t i = 0; i < flat->count; i++) {
		struct json_flat_member *member = &flat->members[i];

		read_key(member, &room);
		member->text = NULL;
		if (*member->raw == '"')
			member->text =
				flat_text(member->raw, member->raw_len, &room);
		else if (*member->raw == '[')
			read_strings(member, &room);
	}
}

static bool flat_is_good(struct json_flat *flat, const char *text, size_t len)
{
	struct json_cursor c = {text, text + len, JSON_FLAT_DEPTH - 1,
				SIZE_MAX};

	return len <= INT_MAX && text_valid(text, len) &&
	       flat_object(flat, &c) && json_grammar_paired(text, len);
}

bool json_flat_read(struct json_flat *flat, const char *text, size_t len)
{
	flat->count = 0;
	flat->large = NULL;
	if (!flat_is_good(flat, text, len)) {
		flat->count = 0;
		return false;
	}
	if (len > JSON_FLAT_SMALL)
		flat->large = xmalloc(len);
	read_texts(flat, flat->large != NULL ? flat->large : flat->small);
	return true;
}

void json_flat_done(struct json_flat *flat)
{
	free(flat->large);
	flat->large = NULL;
	flat->count = 0;
}

/* NULL: it is not there, or null. */
static const struct json_flat_member *flat_find(const struct json_flat *flat,
						const char *key)
{
	size_t len = strlen(key);

	for (size_t i = flat->count; i-- > 0;) {
		const struct json_flat_member *member = &flat->members[i];

		if (member->key_len == len &&
		    memcmp(member->key, key, len) == 0)
			return member->raw[0] != 'n' ? member : NULL;
	}
	return NULL;
}

static struct json_walk_value flat_raw(const struct json_flat_member *member)
{
	return (struct json_walk_value){.text = member->raw,
					.len = member->raw_len};
}

enum json_field json_flat_string(const struct json_flat *flat, const char *key,
				 const char **out)
{
	const struct json_flat_member *member = flat_find(flat, key);

	if (member == NULL)
		return JSON_ABSENT;
	if (member->raw[0] != '"' || member->text == NULL)
		return JSON_WRONG;
	*out = member->text;
	return JSON_FOUND;
}

enum json_field json_flat_int(const struct json_flat *flat, const char *key,
			      int64_t *out)
{
	const struct json_flat_member *member = flat_find(flat, key);

	return member != NULL ? json_walk_int(flat_raw(member), out)
			      : JSON_ABSENT;
}

enum json_field json_flat_bool(const struct json_flat *flat, const char *key,
			       bool *out)
{
	const struct json_flat_member *member = flat_find(flat, key);

	if (member == NULL)
		return JSON_ABSENT;
	if (member->raw[0] != 't' && member->raw[0] != 'f')
		return JSON_WRONG;
	*out = member->raw[0] == 't';
	return JSON_FOUND;
}

enum json_field json_flat_strings(const struct json_flat *flat, const char *key,
				  const char **out, size_t max, size_t *count)
{
	const struct json_flat_member *member = flat_find(flat, key);
	const char *text;

	if (member == NULL)
		return JSON_ABSENT;
	text = member->text;
	if (member->raw[0] != '[' || text == NULL || member->count > max)
		return JSON_WRONG;
	for (*count = 0; *count < member->count; ++*count) {
		out[*count] = text;
		text += strlen(text) + 1;
	}
	return JSON_FOUND;
}

struct json_object *json_flat_tree(const struct json_flat *flat,
				   const char *key)
{
	const struct json_flat_member *member = flat_find(flat, key);

	return member != NULL ? json_walk_tree(flat_raw(member)) : NULL;
}
