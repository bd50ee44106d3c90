#include "mongo_change.h"

#include <string.h>

#include "clock.h"
#include "kill_point.h"
#include "mongo_clock.h"
#include "mongo_durable.h"

/* Numbered so much later than it was folded in, its position may have been
 * passed by who reads what happened lately. */
#define LATE_MS 1000

/* ---- numbers ---- */

static int64_t number_of(struct mongo_db *db, const char *op)
{
	bson_t row;
	int64_t number;

	if (!mongo_find_one(db, IN_CHANGE, DOC(ID("_id", op)),
			    DOC(INT("change", 1)), &row))
		return 0;
	number = mongo_read_int(&row, "change");
	bson_destroy(&row);
	return number;
}

static bool insert_change(struct mongo_db *db, const char *conversation,
			  int64_t number, const struct mongo_numbering *what)
{
	return mongo_insert(db, IN_CHANGE,
			    DOC(ID("_id", what->op), ID("c", conversation),
				INT("change", number), INT("seq", what->seq),
				INT("kind", what->kind), ID("by", what->by),
				INT("at", what->at),
				TEXT_IF("emoji", what->emoji),
				IF(what->taken, BOOL("taken", true)),
				IF(what->hidden, BOOL("hidden", true))));
}

/* Once, by whoever comes first, and only from the number before it. */
static bool step_to(struct mongo_db *db, const char *conversation,
		    int64_t number)
{
	return mongo_update(
		db, IN_CONVERSATION,
		DOC(ID("_id", conversation), INT("lastChange", number - 1)),
		DOC(SUB("$set", INT("lastChange", number))));
}

/* That number is another one's, who may be gone. */
static void step_of_another(struct mongo_db *db, const char *conversation,
			    int64_t number)
{
	if (mongo_durable(db, IN_CHANGE,
			  DOC(ID("c", conversation), INT("change", number)),
			  "change"))
		step_to(db, conversation, number);
}

static int64_t next_number(struct mongo_db *db, const char *conversation)
{
	bson_t row;
	int64_t next;

	if (!mongo_find_one(db, IN_CONVERSATION, DOC(ID("_id", conversation)),
			    DOC(INT("lastChange", 1)), &row))
		return 0;
	next = mongo_read_int(&row, "lastChange") + 1;
	bson_destroy(&row);
	return next;
}

/* A primary that was lost may have been further than its heir. */
static void reach(struct mongo_db *db, const char *conversation, int64_t number)
{
	int tries = 0;

	while (!step_to(db, conversation, number) && !db->failed &&
	       !mongo_durable(db, IN_CONVERSATION,
			      DOC(ID("_id", conversation),
				  SUB("lastChange", INT("$gte", number))),
			      "lastChange") &&
	       mongo_tries_on(db, &tries))
		step_of_another(db, conversation,
				next_number(db, conversation));
}

/* One try. 0: all is looked at anew, or the verb failed. */
static int64_t try_number(struct mongo_db *db, const char *conversation,
			  const struct mongo_numbering *what)
{
	int64_t next = next_number(db, conversation), number;
	bool taken;

	if (next == 0 || insert_change(db, conversation, next, what))
		return next;
	taken = mongo_duplicate(db) != NULL;
	if (!taken && !mongo_look_again(db))
		return 0;
	number = number_of(db, what->op);
	if (number > 0)
		return mongo_durable(
			       db, IN_CHANGE,
			       DOC(ID("_id", what->op), ID("c", conversation)),
			       "change")
			       ? number
			       : 0;
	if (taken)
		step_of_another(db, conversation, next);
	return 0;
}

int64_t mongo_change_number(struct mongo_db *db, const char *conversation,
			    const struct mongo_numbering *what)
{
	int64_t number;
	int tries = 0;

	do {
		number = try_number(db, conversation, what);
	} while (number == 0 && mongo_tries_on(db, &tries));
	kill_point("between-changes");
	if (!db->failed)
		reach(db, conversation, number);
	return db->failed ? 0 : number;
}

/* ---- what is folded in ---- */

void mongo_change_settle(struct mongo_db *db, const char *conversation,
			 const struct mongo_numbering *what, int64_t number)
{
	static const char *const by[] = {
		[CHANGE_EDIT] = "edited",
		[CHANGE_DELETE] = "deleted",
		[CHANGE_REACTION] = "reacted",
	};

	mongo_update(db, IN_MESSAGE,
		     DOC(ID("c", conversation), INT("seq", what->seq),
			 ID("pending.op", what->op)),
		     DOC(SUB("$set", INT(by[what->kind], number)),
			 SUB("$unset", INT("pending", 1))));
}

/* A change that nobody would find where it is in the order of events. */
static void note_late(struct mongo_db *db, const char *conversation,
		      const char *op, int64_t number)
{
	char late[ID_SIZE], position[ID_SIZE];

	id_floor(clock_now_ms() - LATE_MS, late);
	if (strcmp(op, late) >= 0)
		return;
	mongo_clock_next(db, clock_now_ms(), position);
	mongo_insert(db, IN_EVENT,
		     DOC(ID("_id", position), ID("c", conversation),
			 INT("change", number)));
}

bool mongo_change_mend(struct mongo_db *db, const bson_t *row, bson_t *mended)
{
	char conversation[ID_SIZE];
	struct mongo_numbering what = {
		.seq = mongo_read_int(row, "seq"),
		.kind = (enum store_change_kind)mongo_read_int(row,
							       "pending.kind"),
		.at = mongo_read_int(row, "pending.at"),
		.emoji = mongo_read_text(row, "pending.emoji"),
		.taken = mongo_read_bool(row, "pending.taken"),
		.hidden = mongo_read_bool(row, "pending.hidden"),
	};
	int64_t number = 0;

	mongo_read_id(row, "pending.op", what.op);
	if (what.op[0] == '\0')
		return false;
	mongo_read_id(row, "pending.by", what.by);
	mongo_read_id(row, "c", conversation);
	if (mongo_durable(db, IN_MESSAGE,
			  DOC(ID("c", conversation), INT("seq", what.seq),
			      ID("pending.op", what.op)),
			  "seq"))
		number = mongo_change_number(db, conversation, &what);
	if (number > 0) {
		note_late(db, conversation, what.op, number);
		mongo_change_settle(db, conversation, &what, number);
	}
	return mongo_find_one(db, IN_MESSAGE,
			      DOC(ID("c", conversation), INT("seq", what.seq)),
			      NULL, mended);
}
