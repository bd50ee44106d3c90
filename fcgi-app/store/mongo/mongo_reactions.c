#include "mongo_reactions.h"

#include <stdlib.h>
#include <string.h>

#include "kill_point.h"
#include "mem.h"
#include "mongo_list.h"
#include "store_reactions.h"

void mongo_reactions_read(struct mongo_db *db, const bson_t *row,
			  const char *viewer, struct store_message *message)
{
	struct store_reactions reactions;
	struct mongo_items items;
	char user[ID_SIZE];

	if (!message->reacted)
		return;
	reactions.count = 0;
	mongo_items(row, "reactions", &items);
	while (mongo_item(&items)) {
		mongo_read_id(&items.row, "u", user);
		if (!mongo_read_bool(&items.row, "hidden") ||
		    strcmp(user, viewer) == 0)
			store_reactions_add(
				&reactions,
				mongo_read_text(&items.row, "emoji"), user,
				viewer);
	}
	free(db->reactions);
	db->reactions = store_reactions_text(&reactions, viewer);
	message->reactions = db->reactions;
}

/* ---- those of somebody who is erased ---- */

static bool is_of(const bson_t *reaction, const char *user)
{
	char by[ID_SIZE];

	mongo_read_id(reaction, "u", by);
	return strcmp(by, user) == 0;
}

bool mongo_reactions_has(const bson_t *row, const char *user)
{
	struct mongo_items items;
	bool found = false;

	mongo_items(row, "reactions", &items);
	while (!found && mongo_item(&items))
		found = is_of(&items.row, user);
	return found;
}

static void read_all(const bson_t *row, struct mongo_list *out)
{
	struct mongo_items items;

	mongo_items(row, "reactions", &items);
	while (mongo_item(&items))
		mongo_list_add(out, DOC(ALL(&items.row)));
}

/* Whoever reacted alike next comes into that place, so that the kinds stay in
 * their order: clients, who know no numbers, leave them where they are. */
static void close_up(const bson_t **list, size_t count, size_t at)
{
	const char *emoji = mongo_read_text(list[at], "emoji");
	size_t next = at + 1;

	while (next < count &&
	       (list[next] == NULL ||
		strcmp(mongo_read_text(list[next], "emoji"), emoji) != 0))
		next++;
	list[at] = next < count ? list[next] : NULL;
	if (next < count)
		list[next] = NULL;
}

/* -> how many are left. */
static size_t leave_others(const bson_t **list, size_t count, const char *user)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		if (list[i] != NULL && is_of(list[i], user))
			close_up(list, count, i);
		if (list[i] != NULL)
			list[left++] = list[i];
	}
	return left;
}

/* False: there are others by now. */
static bool write_others(struct mongo_db *db, const char *id, const char *user,
			 const struct mongo_list *all)
{
	const bson_t **others = xcalloc(all->count + 1, sizeof(*others));
	size_t left;
	bool done;

	for (size_t i = 0; i < all->count; i++)
		others[i] = all->docs[i];
	left = leave_others(others, all->count, user);
	done = left == all->count ||
	       mongo_update(db, IN_MESSAGE,
			    DOC(ID("_id", id), LIST("reactions", all)),
			    DOC(SUB("$set", DOCS("reactions", others, left))));
	free(others);
	return done || db->failed;
}

static bool try_take(struct mongo_db *db, const char *id, const char *user)
{
	struct mongo_list all = {.docs = NULL};
	bson_t row;
	bool done;

	if (!mongo_find_one(db, IN_MESSAGE, DOC(ID("_id", id)),
			    DOC(INT("reactions", 1)), &row))
		return true;
	read_all(&row, &all);
	bson_destroy(&row);
	kill_point("reactions-read");
	done = write_others(db, id, user, &all);
	mongo_list_done(&all);
	return done;
}

void mongo_reactions_take(struct mongo_db *db, const char *id, const char *user)
{
	int tries = 0;

	while (!try_take(db, id, user) && mongo_tries_on(db, &tries))
		;
}
