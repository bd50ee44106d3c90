#include "mongo_reactions.h"

#include <stdlib.h>
#include <string.h>

#include "store_reactions.h"

void mongo_reactions_read(struct mongo_db *db, const bson_t *row,
			  const char *viewer, struct store_message *message)
{
	struct store_reactions reactions;
	struct mongo_items items;
	char user[ID_SIZE];

	if (!message->reacted)
		return;
	reactions.count = 0; /* so large that no more of it is cleared */
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
