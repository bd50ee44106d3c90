/* The lobby is kept to its newest messages; what goes was seen by nobody any
 * more. Changes stay, for their numbers have no holes. */
#include "store_sqlite.h"

#include "palabre_limits.h"
#include "sqlite_members.h"
#include "sqlite_schema.h"

enum store_status sqlite_lobby_trim(struct store *store, size_t limit,
				    size_t *count)
{
	static const char detach[] =
		"DELETE FROM attached WHERE place IN (SELECT place FROM message"
		"  WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3)";
	static const char reactions[] =
		"DELETE FROM reaction WHERE place IN (SELECT place FROM message"
		"  WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3)";
	static const char trim[] =
		"DELETE FROM message WHERE place IN (SELECT place FROM message"
		"  WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	struct sqlite_conversation c;
	int64_t gone = 0;

	if (sqlite_conversation_find(db, ID_LOBBY, &c) &&
	    c.last_seq > LIMIT_LOBBY) {
		struct query_param first = INT(sqlite_place_of(c.n, 1));
		struct query_param last =
			INT(sqlite_place_of(c.n, c.last_seq - LIMIT_LOBBY));

		QUERY_RUN(db, detach, first, last, INT(limit));
		QUERY_RUN(db, reactions, first, last, INT(limit));
		gone = QUERY_RUN(db, trim, first, last, INT(limit));
	}
	enum store_status status = sqlite_end(db, STORE_OK);

	if (status == STORE_OK)
		*count = (size_t)gone;
	return status;
}
