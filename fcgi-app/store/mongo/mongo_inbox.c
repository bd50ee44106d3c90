#include "mongo_inbox.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store_mongo.h"

#define LISTED_FIRST 64

static struct mongo_listed *add_listed(struct mongo_inbox *inbox)
{
	if (inbox->count == inbox->cap) {
		inbox->cap = inbox->cap > 0 ? 2 * inbox->cap : LISTED_FIRST;
		inbox->listed = xrealloc(inbox->listed,
					 inbox->cap * sizeof(*inbox->listed));
	}
	struct mongo_listed *listed = &inbox->listed[inbox->count++];

	*listed = (struct mongo_listed){.position = ""};
	return listed;
}

void mongo_inbox_done(struct mongo_inbox *inbox)
{
	for (size_t i = 0; i < inbox->count; i++) {
		struct mongo_listed *listed = &inbox->listed[i];

		mongo_conversation_done(&listed->c);
		if (listed->last != NULL)
			bson_destroy(listed->last);
		if (listed->other != NULL)
			bson_destroy(listed->other);
	}
	free(inbox->listed);
	mongo_own_done(&inbox->mine);
	mongo_hiding_done(&inbox->hiding);
	*inbox = (struct mongo_inbox){.count = 0};
}

/* ---- which ---- */

static void listed_read(const bson_t *row, const char *user,
			struct mongo_listed *out)
{
	mongo_conversation_read(row, &out->c);
	memcpy(out->position, mongo_position_of(&out->c, user), ID_SIZE);
}

static void read_found(struct mongo_db *db, const char *user,
		       const struct mongo_field *filter, const char *position,
		       size_t limit, struct mongo_inbox *out)
{
	struct mongo_rows rows =
		mongo_find(db, IN_CONVERSATION,
			   &(struct mongo_find){
				   .filter = filter,
				   .fields = MONGO_CONVERSATION_FIELDS,
				   .sort = DOC(INT(position, -1)),
				   .limit = limit,
			   });

	while (mongo_next(&rows))
		listed_read(rows.row, user, add_listed(out));
}

/* Where a conversation of theirs stands; false: it is not in their list. */
static bool find_position(struct mongo_db *db, const char *user, const char *id,
			  char out[ID_SIZE])
{
	struct mongo_conversation c;
	struct mongo_member me;
	bool found = mongo_conversation_find(db, id, &c) &&
		     mongo_member_find(db, &c, user, &me);

	if (found)
		memcpy(out, mongo_position_of(&c, user), ID_SIZE);
	mongo_conversation_done(&c);
	return found;
}

static int newest_first(const void *a, const void *b)
{
	const struct mongo_listed *one = a, *other = b;

	return strcmp(other->position, one->position);
}

static void cut(struct mongo_inbox *inbox, size_t limit)
{
	while (inbox->count > limit)
		mongo_conversation_done(&inbox->listed[--inbox->count].c);
}

static void read_window(struct mongo_db *db, const char *user,
			const char *before, size_t limit,
			struct mongo_inbox *out)
{
	const struct mongo_field all =
		IF(before[0] != '\0', SUB("at", ID("$lt", before)));
	const struct mongo_field ahead =
		IF(before[0] != '\0', SUB("aheadAt", ID("$lt", before)));
	size_t found;

	read_found(db, user,
		   DOC(ID("members.u", user), all,
		       SUB("aheadUser", ID("$ne", user))),
		   "at", limit, out);
	found = out->count;
	read_found(db, user, DOC(ID("aheadUser", user), ahead), "aheadAt",
		   limit, out);
	if (out->count > found) {
		qsort(out->listed, out->count, sizeof(*out->listed),
		      newest_first);
		cut(out, limit);
	}
}

/* ---- what is shown of them ---- */

static struct mongo_listed *find_last(struct mongo_inbox *inbox,
				      const char *message)
{
	for (size_t i = 0; i < inbox->count; i++) {
		struct mongo_listed *listed = &inbox->listed[i];

		if (strcmp(listed->position, message) == 0)
			return listed;
	}
	return NULL;
}

static void read_last(struct mongo_db *db, struct mongo_inbox *inbox)
{
	const char **ids = xcalloc(inbox->count, sizeof(*ids));
	struct mongo_rows rows;
	char id[ID_SIZE];

	for (size_t i = 0; i < inbox->count; i++)
		ids[i] = inbox->listed[i].position;
	rows = mongo_find(db, IN_MESSAGE,
			  &(struct mongo_find){
				  .filter = DOC(SUB("_id", IDS("$in", ids,
							       inbox->count))),
			  });
	while (mongo_next(&rows)) {
		struct mongo_listed *listed;

		mongo_read_id(rows.row, "_id", id);
		listed = find_last(inbox, id);
		if (listed != NULL && listed->last == NULL)
			listed->last = bson_copy(rows.row);
	}
	free(ids);
}

static void read_others(struct mongo_db *db, const char *user,
			struct mongo_inbox *inbox)
{
	const char **ids = xcalloc(inbox->count, sizeof(*ids));
	struct mongo_rows rows;
	char id[ID_SIZE];
	size_t count = 0;

	for (size_t i = 0; i < inbox->count; i++) {
		const char *other =
			mongo_conversation_other(&inbox->listed[i].c, user);

		if (other[0] != '\0')
			ids[count++] = other;
	}
	rows = mongo_find(
		db, IN_USER,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", IDS("$in", ids, count))),
			.fields = mongo_user_shown,
		});
	while (count > 0 && mongo_next(&rows)) {
		mongo_read_id(rows.row, "_id", id);
		for (size_t i = 0; i < inbox->count; i++) {
			struct mongo_listed *listed = &inbox->listed[i];

			if (listed->other == NULL &&
			    strcmp(mongo_conversation_other(&listed->c, user),
				   id) == 0)
				listed->other = bson_copy(rows.row);
		}
	}
	mongo_close(&rows);
	free(ids);
}

static void read_own(struct mongo_db *db, const char *user,
		     struct mongo_inbox *inbox)
{
	mongo_own_open(db, user, &inbox->mine);
	for (size_t i = 0; i < inbox->count; i++)
		mongo_own_in(db, &inbox->mine, &inbox->listed[i].c,
			     &inbox->listed[i].own);
}

static void read_shown(struct mongo_db *db, const char *user, bool whole,
		       struct mongo_inbox *inbox)
{
	if (inbox->count == 0)
		return;
	mongo_conversations_hiding(db, &inbox->listed[0].c, inbox->count,
				   sizeof(inbox->listed[0]), &inbox->hiding);
	if (!whole)
		return;
	read_last(db, inbox);
	read_others(db, user, inbox);
	read_own(db, user, inbox);
}

void mongo_inbox_get(struct mongo_db *db, const char *user, const char *id,
		     struct mongo_inbox *out)
{
	*out = (struct mongo_inbox){.count = 0};
	struct mongo_listed *listed = add_listed(out);

	if (mongo_conversation_find(db, id, &listed->c))
		memcpy(listed->position, mongo_position_of(&listed->c, user),
		       ID_SIZE);
	else
		out->count = 0;
	read_shown(db, user, true, out);
}

void mongo_inbox_read(struct mongo_db *db, const char *user,
		      const struct store_list *list, struct mongo_inbox *out)
{
	char before[ID_SIZE] = "";

	*out = (struct mongo_inbox){.count = 0};
	if (list->limit == 0 ||
	    (list->before != NULL &&
	     !find_position(db, user, list->before, before)))
		return;
	read_window(db, user, before, list->limit, out);
	read_shown(db, user, !list->brief, out);
}
