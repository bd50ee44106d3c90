#include "mongo_read_marks.h"

#include <string.h>

#include "store_mongo.h"

/* Where one alone writes, all messages are theirs: not looked through for
 * ever. */
#define LOOK_BACK 1000
/* Most often it is one of these. */
#define LOOK_FIRST 10

void mongo_marks_for(struct mongo_db *db, const struct mongo_conversation *c,
		     struct store_read_marks *marks)
{
	struct mongo_hiding hiding;

	marks->own_only = c->blocks != 0 || c->count > LIMIT_MEMBERS_SHOWN;
	if (marks->own_only)
		return;
	mongo_conversations_hiding(db, c, 1, sizeof(*c), &hiding);
	marks->read_own_only =
		mongo_hides(&hiding, marks->user_id) ||
		(c->kind == CONVERSATION_DIRECT && hiding.count > 0);
	marks->read_partly = !marks->read_own_only && hiding.count > 0;
	mongo_hiding_done(&hiding);
}

/* Among so many up to seq; "" if there is none. */
static void newest_far(struct mongo_db *db, const struct mongo_conversation *c,
		       int64_t seq, int64_t count, const char *user,
		       char out[ID_SIZE])
{
	int64_t first = store_larger(seq - count + 1, 1);
	bool server = strcmp(user, ID_SERVER) == 0;
	const char *client = mongo_conversation_client(c);
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter =
				DOC(ID("c", c->id),
				    SUB("seq", INT("$gte", first),
					INT("$lte", seq)),
				    IF(server, ID("sender", client)),
				    IF(!server, SUB("sender", ID("$ne", user))),
				    NOTHING("hidden")),
			.fields = DOC(INT("_id", 1)),
			.sort = DOC(INT("seq", -1)),
			.limit = 1,
		});

	out[0] = '\0';
	if (mongo_next(&rows))
		mongo_read_id(rows.row, "_id", out);
	mongo_close(&rows);
}

/* The same, where nothing but a range is asked for: some servers read a whole
 * conversation for more than that. */
static void newest_near(struct mongo_db *db, const struct mongo_conversation *c,
			int64_t seq, int64_t count, const char *user,
			char out[ID_SIZE])
{
	bool server = strcmp(user, ID_SERVER) == 0;
	const char *client = mongo_conversation_client(c);
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(ID("c", c->id),
				      SUB("seq",
					  INT("$gte",
					      store_larger(seq - count + 1, 1)),
					  INT("$lte", seq))),
			.fields = DOC(INT("sender", 1), INT("hidden", 1)),
			.sort = DOC(INT("seq", -1)),
		});

	out[0] = '\0';
	while (out[0] == '\0' && mongo_next(&rows)) {
		char sender[ID_SIZE];

		mongo_read_id(rows.row, "sender", sender);
		if (!mongo_has(rows.row, "hidden") &&
		    (server ? strcmp(sender, client) == 0
			    : strcmp(sender, user) != 0))
			mongo_read_id(rows.row, "_id", out);
	}
	mongo_close(&rows);
}

/* The id of the newest message at or below seq that the marks' user did not
 * write; of those of the server, which operators share, that its client wrote.
 * "" if there is none. */
static void newest_of_others(struct mongo_db *db,
			     const struct mongo_conversation *c, int64_t seq,
			     const char *user, char out[ID_SIZE])
{
	newest_near(db, c, seq, LOOK_FIRST, user, out);
	if (out[0] == '\0' && seq > LOOK_FIRST)
		newest_far(db, c, seq - LOOK_FIRST, LOOK_BACK - LOOK_FIRST,
			   user, out);
}

void mongo_marks_name(struct mongo_db *db, const struct mongo_conversation *c,
		      struct store_read_marks *marks)
{
	newest_of_others(db, c, marks->read_seq, marks->user_id,
			 marks->read_message);
	if (marks->received_seq == marks->read_seq)
		memcpy(marks->received_message, marks->read_message, ID_SIZE);
	else
		newest_of_others(db, c, marks->received_seq, marks->user_id,
				 marks->received_message);
}
