/* The lobby is kept to its newest messages; what goes was seen by nobody any
 * more. Changes stay, for their numbers have no holes. */
#include "store_mongo.h"

#include "mongo_conversation.h"

/* The seq of the last of at most limit that go; 0: none does. */
static int64_t last_to_go(struct mongo_db *db, int64_t kept, size_t limit)
{
	struct mongo_rows rows =
		mongo_find(db, IN_MESSAGE,
			   &(struct mongo_find){
				   .filter = DOC(ID("c", ID_LOBBY),
						 SUB("seq", INT("$gte", 1),
						     INT("$lt", kept))),
				   .fields = DOC(INT("seq", 1)),
				   .sort = DOC(INT("seq", 1)),
				   .limit = limit,
			   });
	int64_t last = 0;

	while (mongo_next(&rows))
		last = mongo_read_int(rows.row, "seq");
	return last;
}

enum store_status mongo_lobby_trim(struct store *store, size_t limit,
				   size_t *count)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	struct mongo_conversation c;
	int64_t last = 0, gone = 0;

	if (limit > 0 && mongo_conversation_find(db, ID_LOBBY, &c)) {
		last = last_to_go(db, c.last_seq - LIMIT_LOBBY + 1, limit);
		mongo_conversation_done(&c);
	}
	if (last > 0)
		gone = mongo_delete_all(
			db, IN_MESSAGE,
			DOC(ID("c", ID_LOBBY),
			    SUB("seq", INT("$gte", 1), INT("$lte", last))));

	enum store_status status = mongo_end(db, STORE_OK);

	if (status == STORE_OK)
		*count = (size_t)gone;
	return status;
}
