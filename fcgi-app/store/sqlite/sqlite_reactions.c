#include "sqlite_reactions.h"

#include <stdlib.h>

#include "sqlite_schema.h"
#include "store_reactions.h"

void sqlite_reactions_read(struct sqlite_db *db,
			   const struct sqlite_conversation *c,
			   const char *viewer, struct store_message *message)
{
	static const char sql[] = "SELECT emoji, user_id FROM reaction"
				  " WHERE place = ?1"
				  "  AND (hidden = 0 OR user_id = ?2)"
				  " ORDER BY change";
	struct store_reactions reactions;
	char user[ID_SIZE];

	if (!message->reacted)
		return;
	reactions.count = 0;
	struct query q = QUERY(
		db, sql, INT(sqlite_place_of(c->n, message->seq)), ID(viewer));

	while (query_row(&q)) {
		query_id(&q, 1, user);
		store_reactions_add(&reactions, query_text(&q, 0), user,
				    viewer);
	}
	free(db->reactions);
	db->reactions = store_reactions_text(&reactions, viewer);
	message->reactions = db->reactions;
}

void sqlite_reactions_drop(struct sqlite_db *db, int64_t place)
{
	static const char sql[] = "DELETE FROM reaction WHERE place = ?";

	QUERY_RUN(db, sql, INT(place));
}

/* Whoever reacted alike next comes into that place, so that the kinds stay in
 * their order: clients, who know no numbers, leave them where they are. */
static void reactions_close_up(struct sqlite_db *db, int64_t place,
			       int64_t change, const char *emoji)
{
	static const char sql[] =
		"UPDATE reaction SET change = ?2 WHERE place = ?1 AND change ="
		" (SELECT min(change) FROM reaction"
		"  WHERE place = ?1 AND change > ?2 AND emoji = ?3)";

	QUERY_RUN(db, sql, INT(place), INT(change), TEXT(emoji));
}

void sqlite_reactions_drop_of(struct sqlite_db *db, int64_t place,
			      const char *user)
{
	static const char sql[] =
		"DELETE FROM reaction WHERE place = ? AND user_id = ?"
		" RETURNING change, emoji";
	struct query q = QUERY(db, sql, INT(place), ID(user));

	while (query_row(&q))
		reactions_close_up(db, place, query_int(&q, 0),
				   query_text(&q, 1));
}
