#include "mongo_block.h"

bool mongo_block_find(struct mongo_db *db, const char *blocker,
		      const char *blocked, struct mongo_held *held)
{
	bson_t row;

	if (!mongo_find_one(db, IN_USER_BLOCK,
			    DOC(ID("blocker", blocker), ID("blocked", blocked)),
			    NULL, &row))
		return false;
	if (held != NULL)
		*held = (struct mongo_held){
			{.received_seq = mongo_read_int(&row, "received"),
			 .read_seq = mongo_read_int(&row, "read")},
			{.received_seq = mongo_read_int(&row, "otherReceived"),
			 .read_seq = mongo_read_int(&row, "otherRead")},
		};
	bson_destroy(&row);
	return true;
}

void mongo_blocks_end(struct mongo_db *db, const char *user)
{
	mongo_delete_all(db, IN_USER_BLOCK, DOC(ID("blocker", user)));
	mongo_delete_all(db, IN_USER_BLOCK, DOC(ID("blocked", user)));
}

int mongo_blocks_of(struct mongo_db *db, const char *low, const char *high)
{
	return mongo_block_find(db, low, high, NULL) * LOW_BLOCKS |
	       mongo_block_find(db, high, low, NULL) * HIGH_BLOCKS;
}

void mongo_block_note(struct mongo_db *db, const char *low, const char *high)
{
	char id[ID_SIZE];
	bson_t row;

	id_direct(low, high, id);
	while (mongo_find_one(db, IN_CONVERSATION, DOC(ID("_id", id)),
			      DOC(INT("blocks", 1)), &row)) {
		int64_t noted = mongo_read_int(&row, "blocks");
		int64_t blocks = mongo_blocks_of(db, low, high);

		bson_destroy(&row);
		if (noted == blocks || db->failed)
			return;
		mongo_update(db, IN_CONVERSATION,
			     DOC(ID("_id", id), INT("blocks", noted)),
			     DOC(SUB("$set", INT("blocks", blocks))));
	}
}
