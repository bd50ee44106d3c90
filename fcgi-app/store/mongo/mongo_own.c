#include "mongo_own.h"

#include <stdio.h>
#include <string.h>

#define MINE_SIZE (sizeof("mine.") + ID_SIZE)

void mongo_own_open(struct mongo_db *db, const char *user,
		    struct mongo_own *out)
{
	*out = (struct mongo_own){.user = ""};
	memcpy(out->user, user, ID_SIZE);
	out->has_row =
		mongo_find_one(db, IN_USER, DOC(ID("_id", user)),
			       DOC(INT("own", 1), INT("mine", 1)), &out->row);
	if (out->has_row)
		out->counter = mongo_read_int(&out->row, "own");
}

void mongo_own_done(struct mongo_own *own)
{
	if (own->has_row)
		bson_destroy(&own->row);
	own->has_row = false;
}

void mongo_own_of(const struct mongo_own *own, const char *conversation,
		  int64_t joined, struct store_own *out)
{
	char path[MINE_SIZE];
	bson_t mine;

	*out = (struct store_own){.muted_until = 0};
	memcpy(out->conversation, conversation, ID_SIZE);
	snprintf(path, sizeof(path), "mine.%s", conversation);
	if (!own->has_row || !mongo_read_doc(&own->row, path, &mine) ||
	    mongo_read_int(&mine, "joined") != joined)
		return;
	out->number = mongo_read_int(&mine, "n");
	out->muted_until = mongo_read_int(&mine, "muted");
	out->pinned_at = mongo_read_int(&mine, "pinned");
	out->archived = mongo_read_bool(&mine, "archived");
	out->archived_seq = mongo_read_int(&mine, "archivedSeq");
	out->marked_unread = mongo_read_bool(&mine, "unread");
	out->draft = (char *)mongo_read_text(&mine, "draft");
}

void mongo_own_in(struct mongo_db *db, const struct mongo_own *own,
		  const struct mongo_conversation *c, struct store_own *out)
{
	char path[MINE_SIZE];
	struct mongo_member me;

	*out = (struct store_own){.muted_until = 0};
	snprintf(path, sizeof(path), "mine.%s", c->id);
	if (own->has_row && mongo_has(&own->row, path) &&
	    mongo_member_find(db, c, own->user, &me))
		mongo_own_of(own, c->id, me.row.joined_seq, out);
}

bool mongo_own_write(struct mongo_db *db, const struct mongo_own *own,
		     int64_t joined, struct store_own *mine)
{
	char path[MINE_SIZE];

	snprintf(path, sizeof(path), "mine.%s", mine->conversation);
	mine->number = own->counter + 1;
	return mongo_update(
		db, IN_USER,
		DOC(ID("_id", own->user), INT("own", own->counter)),
		DOC(SUB("$set", INT("own", mine->number),
			SUB(path, INT("n", mine->number), INT("joined", joined),
			    INT("muted", mine->muted_until),
			    INT("pinned", mine->pinned_at),
			    BOOL("archived", mine->archived),
			    INT("archivedSeq", mine->archived_seq),
			    BOOL("unread", mine->marked_unread),
			    TEXT_IF("draft", mine->draft)))));
}

static void rejoin_one(struct mongo_db *db, const char *conversation,
		       int64_t joined, const char *user)
{
	bool done;
	int tries = 0;

	do {
		struct mongo_own own;
		struct store_own mine;

		mongo_own_open(db, user, &own);
		mongo_own_of(&own, conversation, joined, &mine);
		done = own.counter == 0 || mine.number > 0 ||
		       mongo_own_write(db, &own, joined, &mine);
		mongo_own_done(&own);
	} while (!done && mongo_tries_on(db, &tries));
}

void mongo_own_rejoin(struct mongo_db *db, const char *conversation,
		      int64_t joined, const char *const *users, size_t count)
{
	char id[ID_SIZE], path[MINE_SIZE];
	struct mongo_rows rows;

	snprintf(path, sizeof(path), "mine.%s", conversation);
	rows = mongo_find(
		db, IN_USER,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", IDS("$in", users, count)),
				      SUB(path, BOOL("$exists", true))),
			.fields = DOC(INT("_id", 1)),
		});
	while (mongo_next(&rows)) {
		mongo_read_id(rows.row, "_id", id);
		rejoin_one(db, conversation, joined, id);
	}
	mongo_close(&rows);
}
