#include "mongo_erase.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_message.h"
#include "mongo_reactions.h"
#include "mongo_search.h"
#include "store_forget.h"

/* ---- where there is something ---- */

const struct mongo_field mongo_erase_looked_at[] = {
	INT("c", 1),	     INT("seq", 1),	INT("sender", 1),
	INT("kind", 1),	     INT("content", 1), INT("mentions", 1),
	INT("reactions", 1), {.name = NULL},
};

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void mongo_erase_direct(struct mongo_db *db, struct mongo_erase *e)
{
	struct mongo_rows rows = mongo_find(
		db, IN_CONVERSATION,
		&(struct mongo_find){
			.filter = DOC(ID("members.u", e->user),
				      INT("kind", CONVERSATION_DIRECT)),
			.fields = DOC(INT("_id", 1)),
		});
	size_t cap = 0;

	while (mongo_next(&rows)) {
		if (e->direct_count == cap) {
			cap = cap > 0 ? 2 * cap : 64;
			e->direct = xrealloc(e->direct, cap * ID_SIZE);
		}
		mongo_read_id(rows.row, "_id", e->direct[e->direct_count++]);
	}
	if (e->direct_count > 1)
		qsort(e->direct, e->direct_count, ID_SIZE, by_text);
}

void mongo_erase_done(struct mongo_erase *e)
{
	free(e->direct);
}

bool mongo_erase_has(struct mongo_db *db, const char *user)
{
	return mongo_exists(db, IN_ERASED, DOC(ID("_id", user)));
}

static bool is_direct(const struct mongo_erase *e, const char *conversation)
{
	return e->direct_count > 0 &&
	       bsearch(conversation, e->direct, e->direct_count, ID_SIZE,
		       by_text) != NULL;
}

static bool has_text(const bson_t *row, const char *name, const char *text)
{
	const char *value = mongo_read_text(row, name);

	return value != NULL && strstr(value, text) != NULL;
}

bool mongo_erase_look(const struct mongo_erase *e, const bson_t *row,
		      struct mongo_erase_found *out)
{
	char sender[ID_SIZE], conversation[ID_SIZE];

	mongo_read_id(row, "_id", out->id);
	mongo_read_id(row, "c", conversation);
	mongo_read_id(row, "sender", sender);
	out->own = strcmp(sender, e->user) == 0;
	out->system = mongo_read_int(row, "kind") == MESSAGE_SYSTEM;
	out->reacted = mongo_reactions_has(row, e->user);
	return out->own || out->reacted ||
	       (out->system && has_text(row, "content", e->user)) ||
	       has_text(row, "mentions", e->user) || is_direct(e, conversation);
}

/* ---- taken out of it ---- */

static void erase_own(struct mongo_db *db, const char *id)
{
	mongo_update(db, IN_MESSAGE, DOC(ID("_id", id)),
		     DOC(SUB("$set", INT("erased", 1), TEXT("content", ""),
			     TEXT("name", "")),
			 SUB("$unset", INT("clientId", 1), INT("hash", 1),
			     INT("attachment", 1), INT("file", 1),
			     INT("mentions", 1), INT("words", 1),
			     INT("hiddenContent", 1), INT("hiddenMentions", 1),
			     INT("shownEdited", 1), INT("reactions", 1))));
}

static void write_texts(struct mongo_db *db,
			const struct mongo_erase_found *found,
			const char *content, const char *mentions)
{
	struct mongo_tokens words;
	bool silent;

	mongo_tokens_of(found->system ? MESSAGE_SYSTEM : MESSAGE_TEXT, content,
			&words);
	silent = words.count == 0;
	mongo_update(
		db, IN_MESSAGE, DOC(ID("_id", found->id)),
		DOC(SUB("$set", INT("erased", 2), TEXT("content", content),
			TEXT_IF("mentions", mentions), WORDS(&words)),
		    SUB("$unset", IF(mentions == NULL, INT("mentions", 1)),
			IF(silent, INT("words", 1)), INT("hiddenContent", 1),
			INT("hiddenMentions", 1), INT("shownEdited", 1))));
	mongo_tokens_done(&words);
}

/* An edit that was hidden from whoever is gone takes the place of what they
 * saw, which may name them. */
static void erase_in(struct mongo_db *db, const struct mongo_erase *e,
		     const struct mongo_erase_found *found, const bson_t *row)
{
	const char *named, *text = mongo_message_content(row, true, &named);
	char *content = NULL, *mentions = NULL;

	if (found->system)
		content = store_forget_in_system(text, e->user, found->own);
	else if (named != NULL)
		store_forget_mentions(text, named, e->user, &content,
				      &mentions);
	if (content != NULL)
		write_texts(db, found, content, mentions);
	else if (mongo_has(row, "hiddenContent"))
		write_texts(db, found, text, named);
	free(content);
	free(mentions);
	if (found->own)
		mongo_update(
			db, IN_MESSAGE, DOC(ID("_id", found->id)),
			DOC(SUB("$set", INT("erased", 2), TEXT("name", ""))));
}

void mongo_erase_found(struct mongo_db *db, const struct mongo_erase *e,
		       const struct mongo_erase_found *found)
{
	bson_t row;

	if (found->own && !found->system) {
		erase_own(db, found->id);
		return;
	}
	if (found->reacted)
		mongo_reactions_take(db, found->id, e->user);
	if (mongo_find_one(db, IN_MESSAGE, DOC(ID("_id", found->id)), NULL,
			   &row)) {
		erase_in(db, e, found, &row);
		bson_destroy(&row);
	}
}
