#include "json_flat.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "json_grammar.h"
#include "json_plain.h"
#include "mem.h"

/* The text is an object of good grammar: whatever begins in it ends in it, so
 * that most of what follows need not look for the end. */
struct flat_reader {
	const char *at, *end;
	char *room; /* for the next string: it is shorter there than in at */
};

/* ---- strings ---- */

/* UTF-8 (RFC 3629, 3). */
static char *put_point(char *to, unsigned point)
{
	static const unsigned limits[] = {0x80, 0x800, 0x10000, 0x110000};
	static const unsigned char firsts[] = {0, 0xc0, 0xe0, 0xf0};
	int more = 0;

	while (point >= limits[more])
		more++;
	*to++ = (char)(firsts[more] | point >> 6 * more);
	while (more-- > 0)
		*to++ = (char)(0x80 | (point >> 6 * more & 0x3f));
	return to;
}

/* \uXXXX, or two of them, which are one character. */
static void read_code(struct flat_reader *r)
{
	unsigned point = (unsigned)json_grammar_code(r->at, r->end);

	r->at += 6;
	if (point >= 0xd800 && point < 0xdc00) {
		unsigned low = (unsigned)json_grammar_code(r->at, r->end);

		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
		r->at += 6;
	}
	r->room = put_point(r->room, point);
}

static void read_escape(struct flat_reader *r)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char kind = r->at[1];

	if (kind == 'u') {
		read_code(r);
		return;
	}
	const char *known = strchr(from, kind);

	*r->room++ = known != NULL ? to[known - from] : kind;
	r->at += 2;
}

/* What it says goes into the room, with a NUL behind it. */
static const char *flat_string(struct flat_reader *r, uint32_t *len)
{
	char *start = r->room;

	for (r->at++;;) {
		size_t plain =
			json_plain_length(r->at, (size_t)(r->end - r->at));

		memcpy(r->room, r->at, plain);
		r->at += plain;
		r->room += plain;
		if (*r->at == '"')
			break;
		read_escape(r);
	}
	r->at++;
	*len = (uint32_t)(r->room - start);
	*r->room++ = '\0';
	return start;
}

static bool has_nul(const char *text, uint32_t len)
{
	return memchr(text, '\0', len) != NULL;
}

/* ---- values ---- */

static void flat_skip_space(struct flat_reader *r)
{
	while (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' ||
	       *r->at == '\n')
		r->at++;
}

/* With the white space around it. */
static void skip_comma(struct flat_reader *r)
{
	flat_skip_space(r);
	if (*r->at == ',')
		r->at++;
	flat_skip_space(r);
}

static void skip_string(struct flat_reader *r)
{
	for (r->at++; *r->at != '"'; r->at++)
		r->at += *r->at == '\\';
}

/* An array or object, whatever is in it. */
static void skip_nested(struct flat_reader *r)
{
	int depth = 0;

	do {
		if (*r->at == '"')
			skip_string(r);
		else if (*r->at == '[' || *r->at == '{')
			depth++;
		else if (*r->at == ']' || *r->at == '}')
			depth--;
		r->at++;
	} while (depth > 0);
}

static void read_array(struct flat_reader *r, struct json_flat_member *member)
{
	const char *first = r->room;
	bool good = true;

	r->at++;
	flat_skip_space(r);
	for (member->text_len = 0; *r->at == '"'; member->text_len++) {
		uint32_t len;
		const char *text = flat_string(r, &len);

		good &= !has_nul(text, len);
		skip_comma(r);
	}
	if (*r->at == ']') {
		member->text = good ? first : NULL;
		r->at++;
		return;
	}
	r->at = member->raw;
	skip_nested(r);
}

/* A number, or a word. */
static void skip_scalar(struct flat_reader *r)
{
	while (*r->at > ' ' && *r->at != ',' && *r->at != '}')
		r->at++;
}

static void flat_value(struct flat_reader *r, struct json_flat_member *member)
{
	member->raw = r->at;
	member->text = NULL;
	switch (*r->at) {
	case '"':
		member->text = flat_string(r, &member->text_len);
		break;
	case '[':
		read_array(r, member);
		break;
	case '{':
		skip_nested(r);
		break;
	default:
		skip_scalar(r);
	}
	member->raw_len = (uint32_t)(r->at - member->raw);
}

/* ---- the object ---- */

static void read_member(struct flat_reader *r, struct json_flat_member *member)
{
	member->key = flat_string(r, &member->key_len);
	/* As json-c has it: up to a U+0000. */
	if (has_nul(member->key, member->key_len))
		member->key_len = (uint32_t)strlen(member->key);
	flat_skip_space(r);
	r->at++; /* the colon */
	flat_skip_space(r);
	flat_value(r, member);
	skip_comma(r);
}

static bool read_members(struct json_flat *flat, struct flat_reader *r)
{
	flat_skip_space(r);
	if (*r->at != '{')
		return false;
	r->at++;
	flat_skip_space(r);
	while (*r->at == '"') {
		if (flat->count == JSON_FLAT_MEMBERS)
			return false;
		read_member(r, &flat->members[flat->count++]);
	}
	return true;
}

bool json_flat_read(struct json_flat *flat, const char *text, size_t len)
{
	struct flat_reader r = {text, text + len, flat->small};

	flat->count = 0;
	flat->large = NULL;
	if (json_check(text, len, JSON_OURS(JSON_FLAT_DEPTH)) != JSON_OK ||
	    !json_grammar_paired(text, len))
		return false;
	if (len > JSON_FLAT_SMALL)
		r.room = flat->large = xmalloc(len);
	return read_members(flat, &r);
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

enum json_field json_flat_string(const struct json_flat *flat, const char *key,
				 const char **out)
{
	const struct json_flat_member *member = flat_find(flat, key);

	if (member == NULL)
		return JSON_ABSENT;
	if (member->raw[0] != '"' || has_nul(member->text, member->text_len))
		return JSON_WRONG;
	*out = member->text;
	return JSON_FOUND;
}

/* Digits alone, which fit. */
static bool read_digits(const struct json_flat_member *member, int64_t *out)
{
	int64_t number = 0;

	if (member->raw_len > 18)
		return false;
	for (size_t i = 0; i < member->raw_len; i++) {
		if (member->raw[i] < '0' || member->raw[i] > '9')
			return false;
		number = number * 10 + (member->raw[i] - '0');
	}
	*out = number;
	return true;
}

enum json_field json_flat_int(const struct json_flat *flat, const char *key,
			      int64_t *out)
{
	const struct json_flat_member *member = flat_find(flat, key);
	struct json_object *other;
	bool good;

	if (member == NULL)
		return JSON_ABSENT;
	if (read_digits(member, out))
		return JSON_FOUND;
	other = json_flat_tree(flat, key);
	good = json_int_of(other, out);
	json_free(other);
	return good ? JSON_FOUND : JSON_WRONG;
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
	if (member->raw[0] != '[' || text == NULL || member->text_len > max)
		return JSON_WRONG;
	for (*count = 0; *count < member->text_len; ++*count) {
		out[*count] = text;
		text += strlen(text) + 1;
	}
	return JSON_FOUND;
}

struct json_object *json_flat_tree(const struct json_flat *flat,
				   const char *key)
{
	const struct json_flat_member *member = flat_find(flat, key);
	struct json_object *tree = NULL;

	if (member != NULL)
		json_parse(member->raw, member->raw_len,
			   JSON_OURS(JSON_FLAT_DEPTH), &tree);
	return tree;
}
