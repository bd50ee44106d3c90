/* A person goes, step by step: each may be done again, so what a crash left is
 * done by the next who has the time.
 *
 * Messages are gone through in the order of their conversations. The row of the
 * erasure says how far, and, where there was something in the conversation that
 * is under way, which change will say so (its op: mongo_change.h). */
#include "store_mongo.h"

#include <string.h>

#include "clock.h"
#include "kill_point.h"
#include "mem.h"
#include "mongo_block.h"
#include "mongo_change.h"
#include "mongo_erase.h"
#include "mongo_file.h"
#include "mongo_group.h"
#include "mongo_report.h"
#include "store_erase.h"

#define LOOKED_AT 2000 /* messages in one step */
/* A step looks at no further message or file then: housekeeping has more to do,
 * and must be seen to move. */
#define STEP_MS 2000
#define FILES_AT_ONCE 50
#define BEGUN_WITHIN_MS 10000

/* ---- it begins ---- */

/* Nobody any more, at once; whoever looks at what they took part in finds a
 * user who is gone. False: they were gone already. */
static bool take_user(struct mongo_db *db, const char *id)
{
	char support[ID_SIZE];
	bool was_there;

	mongo_insert(db, IN_ERASED, DOC(ID("_id", id)));
	was_there = mongo_delete(db, IN_USER, DOC(ID("_id", id)));

	mongo_delete_all(db, IN_SESSION, DOC(ID("user", id)));
	id_direct(id, ID_SERVER, support);
	mongo_update(db, IN_CONVERSATION, DOC(ID("_id", support)),
		     DOC(SUB("$set", TEXT("title", ""))));
	return was_there;
}

static void end_blocks(struct mongo_db *db, const char *id)
{
	mongo_blocks_end(db, id);
	mongo_update_all(db, IN_CONVERSATION,
			 DOC(ID("members.u", id),
			     INT("kind", CONVERSATION_DIRECT),
			     SUB("blocks", INT("$ne", 0))),
			 DOC(SUB("$set", INT("blocks", 0))));
}

/* One who is neither disabled nor about to go; those who began at the same time
 * see each other go, and both stay. */
static bool is_another_operator(struct mongo_db *db, const char *id,
				int64_t now_ms)
{
	struct mongo_rows rows =
		mongo_find(db, IN_USER,
			   &(struct mongo_find){
				   .filter = DOC(INT("role", ROLE_OPERATOR),
						 BOOL("disabled", false),
						 SUB("_id", ID("$ne", id))),
				   .fields = DOC(INT("_id", 1)),
			   });
	bool found = false;
	char other[ID_SIZE];

	while (!found && mongo_next(&rows)) {
		mongo_read_id(rows.row, "_id", other);
		found = !mongo_exists(
			db, IN_ERASURE,
			DOC(ID("_id", other),
			    SUB("at", INT("$gt", now_ms - BEGUN_WITHIN_MS))));
	}
	mongo_close(&rows);
	return found;
}

static enum store_status judge(struct mongo_db *db, const char *id,
			       int64_t now_ms)
{
	bson_t row;
	int64_t role;

	if (strcmp(id, ID_SERVER) == 0)
		return STORE_FORBIDDEN;
	if (!mongo_find_one(db, IN_USER, DOC(ID("_id", id)),
			    DOC(INT("role", 1)), &row))
		return STORE_NOT_FOUND;
	role = mongo_read_int(&row, "role");
	bson_destroy(&row);
	return role != ROLE_OPERATOR || is_another_operator(db, id, now_ms)
		       ? STORE_OK
		       : STORE_FORBIDDEN;
}

/* Whoever may not go leaves no row; a row that has not begun is nothing. */
static enum store_status erase_begin(struct store *store, const char *id,
				     int64_t now_ms)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	enum store_status status;

	if (mongo_exists(db, IN_ERASURE,
			 DOC(ID("_id", id), BOOL("begun", true))))
		return mongo_end(db, STORE_OK);
	mongo_upsert(db, IN_ERASURE, DOC(ID("_id", id)),
		     DOC(SUB("$set", INT("at", now_ms))));
	status = judge(db, id, now_ms);
	if (status != STORE_OK) {
		mongo_delete(db, IN_ERASURE,
			     DOC(ID("_id", id), NOTHING("begun")));
		return mongo_end(db, status);
	}
	mongo_update(db, IN_ERASURE, DOC(ID("_id", id)),
		     DOC(SUB("$set", BOOL("begun", true))));
	kill_point("between-erase");
	take_user(db, id);
	end_blocks(db, id);
	return mongo_end(db, STORE_OK);
}

/* ---- step by step ---- */

struct erasing {
	struct mongo_db *db;
	struct mongo_erase who;
	char conversation[ID_SIZE]; /* under way; "": none yet */
	int64_t seq;		    /* up to which it was gone through */
	char op[ID_SIZE];	    /* "": nothing was found in it */
	int64_t now_ms;
	store_each_hash *each;
	void *context;
	struct store_erased *out;
};

static bool is_late(const struct erasing *e)
{
	return clock_mono_ms() - e->db->begun_ms >= STEP_MS;
}

static bool find_oldest(struct erasing *e)
{
	struct mongo_rows rows =
		mongo_find(e->db, IN_ERASURE,
			   &(struct mongo_find){
				   .filter = DOC(BOOL("begun", true)),
				   .sort = DOC(INT("at", 1), INT("_id", 1)),
				   .limit = 1,
			   });
	bool found = mongo_next(&rows);

	if (found) {
		mongo_read_id(rows.row, "_id", e->who.user);
		mongo_read_id(rows.row, "c", e->conversation);
		e->seq = mongo_read_int(rows.row, "seq");
		mongo_read_id(rows.row, "op", e->op);
	}
	mongo_close(&rows);
	return found;
}

/* What a crash may have left of that, anywhere in it; blocks end once more when
 * all is done. */
static bool finish_begin(struct erasing *e)
{
	if (take_user(e->db, e->who.user))
		end_blocks(e->db, e->who.user);
	return false;
}

/* False: they are in none any more. */
static bool leave_group(struct erasing *e)
{
	const struct store_viewer viewer = {e->who.user, ROLE_USER};
	const struct store_group_act act = {
		.event = GROUP_LEFT,
		.actor_name = "",
		.now_ms = e->now_ms,
	};
	struct mongo_group g = {
		.base = {.viewer = &viewer, .act = &act, .out = &e->out->left},
		.db = e->db,
	};
	char id[ID_SIZE];
	bson_t row;

	if (!mongo_find_one(e->db, IN_CONVERSATION,
			    DOC(ID("members.u", e->who.user),
				INT("kind", CONVERSATION_GROUP)),
			    DOC(INT("_id", 1)), &row))
		return false;
	mongo_read_id(&row, "_id", id);
	bson_destroy(&row);
	return mongo_group_run(&g, mongo_group_by_id, id) == STORE_OK;
}

/* ---- messages ---- */

static void save_reach(struct erasing *e)
{
	mongo_update(e->db, IN_ERASURE, DOC(ID("_id", e->who.user)),
		     DOC(SUB("$set", ID("c", e->conversation),
			     INT("seq", e->seq), ID_IF("op", e->op)),
			 IF(e->op[0] == '\0', SUB("$unset", INT("op", 1)))));
}

static void erase_one(struct erasing *e, const struct mongo_erase_found *found)
{
	/* Before anything is gone, so that it will be told. */
	if (e->op[0] == '\0') {
		mongo_clock_next(e->db, e->now_ms, e->op);
		save_reach(e);
	}
	mongo_erase_found(e->db, &e->who, found);
}

/* What they once reacted with, and may have taken away since. */
static void forget_reactions(struct erasing *e, const char *conversation)
{
	mongo_update_all(e->db, IN_CHANGE,
			 DOC(ID("c", conversation),
			     INT("kind", CHANGE_REACTION),
			     ID("by", e->who.user)),
			 DOC(SUB("$unset", INT("emoji", 1))));
}

/* The conversation that is under way has no more: it is told, if there was
 * something. */
static bool tell_conversation(struct erasing *e)
{
	struct store_change *change = &e->out->change;
	struct mongo_numbering what = {
		.kind = CHANGE_ERASE,
		.at = e->now_ms,
	};
	struct mongo_conversation c = {.title = NULL};

	if (e->op[0] == '\0')
		return false;
	memcpy(what.op, e->op, ID_SIZE);
	memcpy(what.by, e->who.user, ID_SIZE);
	forget_reactions(e, e->conversation);
	if (mongo_conversation_find(e->db, e->conversation, &c)) {
		change->kind = CHANGE_ERASE;
		memcpy(change->conversation, c.id, ID_SIZE);
		memcpy(change->message.conversation, c.id, ID_SIZE);
		change->message.conversation_kind = c.kind;
		memcpy(change->message.sender, e->who.user, ID_SIZE);
		memcpy(change->message.recipient,
		       mongo_conversation_other(&c, e->who.user), ID_SIZE);
		change->created_at = e->now_ms;
		memcpy(change->position, e->op, ID_SIZE);
		change->change =
			mongo_change_number(e->db, e->conversation, &what);
	}
	mongo_conversation_done(&c);
	kill_point("between-erase");
	e->op[0] = '\0';
	e->seq = INT32_MAX;
	return true;
}

/* True: a conversation was told, and the step is over. */
static bool look_at(struct erasing *e, const bson_t *row)
{
	struct mongo_erase_found found;
	char conversation[ID_SIZE];

	mongo_read_id(row, "c", conversation);
	if (strcmp(conversation, e->conversation) != 0) {
		if (tell_conversation(e))
			return true;
		memcpy(e->conversation, conversation, ID_SIZE);
		e->seq = 0;
	}
	if (mongo_erase_look(&e->who, row, &found))
		erase_one(e, &found);
	e->seq = mongo_read_int(row, "seq");
	return false;
}

/* From where it is, of this conversation or of those behind it. *looked counts
 * them. True: the step is over. */
static bool look_through(struct erasing *e, const struct mongo_field *filter,
			 size_t *looked)
{
	struct mongo_rows rows =
		mongo_find(e->db, IN_MESSAGE,
			   &(struct mongo_find){
				   .filter = filter,
				   .fields = mongo_erase_looked_at,
				   .sort = DOC(INT("c", 1), INT("seq", 1)),
				   .limit = LOOKED_AT - *looked,
			   });
	bool over = false;

	while (!over && mongo_next(&rows)) {
		over = look_at(e, rows.row) || is_late(e);
		(*looked)++;
	}
	mongo_close(&rows);
	return over || *looked >= LOOKED_AT;
}

/* False: all were gone through. */
static bool erase_messages(struct erasing *e)
{
	char from[ID_SIZE];
	size_t looked = 0;
	bool over = false;

	memcpy(from, e->conversation, ID_SIZE);
	mongo_erase_direct(e->db, &e->who);
	if (from[0] != '\0' && e->seq < INT32_MAX)
		over = look_through(
			e, DOC(ID("c", from), SUB("seq", INT("$gt", e->seq))),
			&looked);
	if (!over)
		over = look_through(
			e, DOC(IF(from[0] != '\0', SUB("c", ID("$gt", from)))),
			&looked);
	if (!over && !e->db->failed)
		over = tell_conversation(e);
	if (over || looked > 0)
		save_reach(e);
	return over;
}

/* ---- the rest ---- */

/* What others show stays, and is nobody's. False: they have none any more. */
static bool take_files(struct erasing *e)
{
	char ids[FILES_AT_ONCE][ID_SIZE], nobody[ID_SIZE];
	struct mongo_rows rows =
		mongo_find(e->db, IN_FILE,
			   &(struct mongo_find){
				   .filter = DOC(ID("owner", e->who.user)),
				   .fields = DOC(INT("_id", 1)),
				   .limit = FILES_AT_ONCE,
			   });
	size_t count = 0;

	while (count < FILES_AT_ONCE && mongo_next(&rows))
		mongo_read_id(rows.row, "_id", ids[count++]);
	mongo_close(&rows);
	id_floor(0, nobody);
	for (size_t i = 0; i < count && !is_late(e); i++) {
		if (!mongo_file_forget(e->db, ids[i], INT64_MAX, e->each,
				       e->context))
			mongo_update(e->db, IN_FILE, DOC(ID("_id", ids[i])),
				     DOC(SUB("$set", ID("owner", nobody))));
	}
	return count > 0;
}

/* The lobby keeps its changes when what they are of is gone. */
static bool forget_in_lobby(struct erasing *e)
{
	forget_reactions(e, ID_LOBBY);
	return false;
}

static bool finish(struct erasing *e)
{
	end_blocks(e->db, e->who.user);
	mongo_delete(e->db, IN_ERASURE, DOC(ID("_id", e->who.user)));
	return true;
}

/* What was half reported has what they wrote in it. */
static bool finish_reports(struct erasing *e)
{
	mongo_report_mend(e->db);
	return e->db->failed;
}

static enum store_status erase_step(struct store *store, int64_t now_ms,
				    store_each_hash *each, void *context,
				    struct store_erased *out)
{
	static bool (*const parts[])(struct erasing *) = {
		finish_begin, leave_group,     finish_reports, erase_messages,
		take_files,   forget_in_lobby, finish,
	};
	struct erasing e = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.now_ms = now_ms,
		.each = each,
		.context = context,
		.out = out,
	};
	enum store_status status = STORE_NOT_FOUND;
	bool done = false;

	mongo_unhurried(e.db);
	if (find_oldest(&e))
		status = STORE_OK;
	for (size_t i = 0; i < COUNT_OF(parts) && status == STORE_OK && !done &&
			   !e.db->failed;
	     i++)
		done = parts[i](&e);
	mongo_erase_done(&e.who);
	return mongo_end(e.db, status);
}

static enum store_status erase_has(struct store *store, const char *id,
				   bool *has)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);

	*has = mongo_erase_has(db, id);
	return mongo_end(db, STORE_OK);
}

const struct store_erase_verbs mongo_erase_verbs = {
	.begin = erase_begin,
	.step = erase_step,
	.has = erase_has,
};
