#include "store_reactions.h"

#include <stdio.h>
#include <string.h>

#include "json_text.h"
#include "mem.h"

/* NULL: there are as many kinds as are shown. */
static struct store_reaction_kind *
reaction_kind(struct store_reactions *reactions, const char *emoji)
{
	struct store_reaction_kind *kind = reactions->kinds;

	for (size_t i = 0; i < reactions->count; i++, kind++) {
		if (strcmp(kind->emoji, emoji) == 0)
			return kind;
	}
	if (reactions->count == LIMIT_REACTIONS)
		return NULL;
	reactions->count++;
	kind->count = 0;
	kind->mine = false;
	snprintf(kind->emoji, sizeof(kind->emoji), "%s", emoji);
	return kind;
}

void store_reactions_add(struct store_reactions *reactions, const char *emoji,
			 const char *user, const char *viewer)
{
	struct store_reaction_kind *kind = reaction_kind(reactions, emoji);

	if (kind == NULL)
		return;
	if (kind->count < LIMIT_REACTION_USERS)
		memcpy(kind->users[kind->count], user, ID_SIZE);
	kind->count++;
	if (strcmp(user, viewer) == 0)
		kind->mine = true;
}

static void reaction_write(struct json_text *text,
			   const struct store_reaction_kind *kind, bool for_all)
{
	json_text_open(text, NULL, '{');
	json_text_string(text, "emoji", kind->emoji);
	json_text_int(text, "count", kind->count);
	if (!for_all)
		json_text_bool(text, "mine", kind->mine);
	json_text_open(text, "users", '[');
	for (int64_t i = 0; i < kind->count && i < LIMIT_REACTION_USERS; i++)
		json_text_word(text, NULL, kind->users[i]);
	json_text_close(text, ']');
	json_text_close(text, '}');
}

char *store_reactions_text(const struct store_reactions *reactions,
			   const char *viewer)
{
	struct json_text text;
	char *out;

	if (reactions->count == 0)
		return NULL;
	json_text_init(&text);
	json_text_open(&text, NULL, '[');
	for (size_t i = 0; i < reactions->count; i++)
		reaction_write(&text, &reactions->kinds[i], viewer[0] == '\0');
	json_text_close(&text, ']');
	out = buf_take(&text.buf);
	json_text_done(&text);
	return out;
}

/* No emoji has letters, so these words are nothing else. */
char *store_reactions_shared(const char *text)
{
	static const char *const words[] = {"\"mine\":true,",
					    "\"mine\":false,"};
	char *out;

	if (text == NULL)
		return NULL;
	out = xstrdup(text);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t len = strlen(words[i]);

		for (char *at = out; (at = strstr(at, words[i])) != NULL;)
			memmove(at, at + len, strlen(at + len) + 1);
	}
	return out;
}
