#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "kill_point.h"
#include "mongo_change.h"
#include "mongo_durable.h"
#include "mongo_reactions.h"
#include "mongo_report.h"
#include "mongo_search.h"
#include "mongo_step.h"
#include "store_mentions.h"
#include "store_rules.h"

struct changing {
	struct mongo_db *db;
	const struct store_viewer *viewer;
	const struct store_edit *edit;
	struct mongo_conversation c;
	bson_t row; /* of the message, when it has one */
	bool has_row;
	int64_t edited, deleted; /* by which changes before; 0: none */
	bool splits;		 /* the last edit is hidden from the other */
	bool hides;		 /* and so is this one */
	char *mentions;		 /* of what is edited; NULL: none */
	const char *content;	 /* to be written, borrowed; NULL: none, ... */
	const char *named;	 /* ... and its mentions */
	struct mongo_tokens words; /* of all that it says then */
	struct store_change *out;
};

/* ---- the message ---- */

static void drop_message(struct changing *g)
{
	if (g->has_row)
		bson_destroy(&g->row);
	g->has_row = false;
	mongo_conversation_done(&g->c);
	store_message_done(&g->out->message);
}

/* Whose reactions are told with it: those that all see, or also one's own. */
static const char *heard_by(const struct changing *g)
{
	return g->hides || g->out->message.hidden ? g->viewer->id : "";
}

static bool find_message(struct changing *g, const char *id)
{
	char conversation[ID_SIZE];
	bson_t mended;

	drop_message(g);
	g->has_row = mongo_find_one(g->db, IN_MESSAGE, DOC(ID("_id", id)), NULL,
				    &g->row);
	if (!g->has_row)
		return false;
	if (mongo_change_mend(g->db, &g->row, &mended)) {
		bson_destroy(&g->row);
		bson_steal(&g->row, &mended);
	}
	mongo_read_id(&g->row, "c", conversation);
	if (!mongo_conversation_find(g->db, conversation, &g->c))
		return false;
	if (g->c.last_seq < mongo_read_int(&g->row, "seq"))
		mongo_step_mend(g->db, &g->c);
	mongo_message_read(&g->row, &g->c, g->viewer->id, &g->out->message);
	g->hides = store_edit_hides(
		g->edit, &g->out->message,
		mongo_conversation_blocks(&g->c, g->out->message.recipient));
	mongo_reactions_read(g->db, &g->row, heard_by(g), &g->out->message);
	store_message_own(&g->out->message);
	g->edited = mongo_read_int(&g->row, "edited");
	g->deleted = mongo_read_int(&g->row, "deleted");
	g->splits = mongo_has(&g->row, "hiddenContent");
	return true;
}

static enum store_status find_own(struct changing *g, const char *id)
{
	const struct store_message *message = &g->out->message;
	int64_t first;

	if (!find_message(g, id))
		return STORE_NOT_FOUND;
	first = mongo_sight(g->db, &g->c, g->viewer);
	if (first == 0 || message->seq < first)
		return STORE_NOT_FOUND;
	if (!store_edit_may(g->edit, g->viewer, message, g->deleted > 0) ||
	    mongo_report_is_copy(g->db, message->reply_to, message->seq))
		return STORE_FORBIDDEN;
	return mongo_mentions_seen(g->db, &g->c, g->edit->mentions,
				   g->edit->mention_count)
		       ? STORE_OK
		       : STORE_STRANGER;
}

/* ---- the same before ---- */

/* The number of the change that did the very same before; 0: none did. */
static int64_t earlier_change(const struct changing *g)
{
	/* By the same text others see now what was hidden from them. */
	int64_t edited = g->splits && !g->hides ? 0 : g->edited;

	return store_edit_earlier(g->edit, g->mentions, &g->out->message,
				  edited, g->deleted);
}

/* What is answered must be as durable as if it were written now (as with the
 * same clientId). False: it is not so any more, or the verb failed. */
static bool read_change(struct changing *g, int64_t number)
{
	const char *by = g->edit->kind == CHANGE_DELETE ? "deleted" : "edited";
	bson_t row;

	g->out->change = number;
	g->out->hidden = g->splits; /* as that one was */
	if (!mongo_durable(g->db, IN_MESSAGE,
			   DOC(ID("c", g->c.id),
			       INT("seq", g->out->message.seq),
			       INT(by, number)),
			   "seq"))
		return false;
	if (mongo_find_one(g->db, IN_CHANGE,
			   DOC(ID("c", g->c.id), INT("change", number)),
			   DOC(INT("at", 1)), &row)) {
		g->out->created_at = mongo_read_int(&row, "at");
		bson_destroy(&row);
	}
	return true;
}

/* ---- a new one ---- */

static struct mongo_numbering numbering_of(const struct changing *g,
					   const char *op)
{
	struct mongo_numbering what = {
		.seq = g->out->message.seq,
		.kind = g->edit->kind,
		.at = g->edit->now_ms,
		.hidden = g->hides,
	};

	memcpy(what.op, op, ID_SIZE);
	memcpy(what.by, g->viewer->id, ID_SIZE);
	return what;
}

static void change_texts(struct changing *g)
{
	const char *shown = mongo_read_text(&g->row, "content");

	g->content = store_edit_text(g->edit, g->mentions, &g->out->message,
				     g->splits || g->hides, &g->named);
	mongo_tokens_done(&g->words);
	mongo_tokens_of_both(MESSAGE_TEXT, g->hides ? shown : g->content,
			     g->hides ? g->content : NULL, &g->words);
}

/* False: somebody else changed it meanwhile, or the verb failed. */
static bool fold(struct changing *g, const struct mongo_numbering *what)
{
	bool deletes = what->kind == CHANGE_DELETE;
	bool keeps = g->content == NULL;
	bool clears = !keeps && g->named == NULL;
	bool silences = !keeps && g->words.count == 0;
	bool joins = g->splits && !g->hides;
	const char *content = g->hides ? "hiddenContent" : "content";
	const char *mentions = g->hides ? "hiddenMentions" : "mentions";

	return mongo_update(
		g->db, IN_MESSAGE,
		DOC(ID("c", g->c.id), INT("seq", what->seq), NOTHING("pending"),
		    IF(g->edited == 0, NOTHING("edited")),
		    IF(g->edited != 0, INT("edited", g->edited)),
		    IF(g->deleted == 0, NOTHING("deleted")),
		    IF(g->deleted != 0, INT("deleted", g->deleted)),
		    SUB("erased", INT("$ne", 1))),
		DOC(SUB("$set", IF(!keeps, TEXT(content, g->content)),
			IF(!keeps && !clears, TEXT(mentions, g->named)),
			IF(!keeps && !silences, WORDS(&g->words)),
			IF(g->hides && !g->splits && g->edited != 0,
			   BOOL("shownEdited", true)),
			SUB("pending", ID("op", what->op),
			    INT("kind", what->kind), ID("by", what->by),
			    INT("at", what->at),
			    IF(what->hidden, BOOL("hidden", true)))),
		    IF(clears || silences || joins,
		       SUB("$unset", IF(clears, INT(mentions, 1)),
			   IF(silences, INT("words", 1)),
			   IF(joins, INT("hiddenContent", 1)),
			   IF(joins, INT("hiddenMentions", 1)),
			   IF(joins, INT("shownEdited", 1)),
			   IF(deletes, INT("attachment", 1)),
			   IF(deletes, INT("file", 1)),
			   IF(deletes, INT("reactions", 1))))));
}

/* It may be there although it seemed to fail. */
static bool fold_surely(struct changing *g, const struct mongo_numbering *what)
{
	return !g->db->failed &&
	       (fold(g, what) ||
		(mongo_look_again(g->db) &&
		 mongo_durable(g->db, IN_MESSAGE,
			       DOC(ID("c", g->c.id), INT("seq", what->seq),
				   ID("pending.op", what->op)),
			       "seq")));
}

static void fill_change(struct changing *g, const struct mongo_numbering *what,
			int64_t number)
{
	g->out->change = number;
	g->out->created_at = what->at;
	memcpy(g->out->position, what->op, ID_SIZE);
	store_edit_fold(g->edit, &g->mentions, g->out);
}

/* One try. False: another change came first, so all is looked at anew. */
static bool try_change(struct changing *g, const char *id,
		       enum store_status *status)
{
	char op[ID_SIZE];
	int64_t number;

	*status = find_own(g, id);
	if (*status != STORE_OK)
		return true;
	g->out->kind = g->edit->kind;
	g->out->hidden = g->hides;
	memcpy(g->out->conversation, g->c.id, ID_SIZE);
	memcpy(g->out->by, g->viewer->id, ID_SIZE);
	number = earlier_change(g);
	if (number > 0)
		return read_change(g, number) || g->db->failed;
	change_texts(g);
	mongo_clock_seen(g->db, id);
	mongo_clock_next(g->db, g->edit->now_ms, op);

	const struct mongo_numbering what = numbering_of(g, op);

	mongo_kill_point(g->db, "before-commit");
	if (!fold_surely(g, &what))
		return g->db->failed;
	kill_point("folded");
	number = mongo_change_number(g->db, g->c.id, &what);
	if (number == 0)
		return true;
	mongo_change_settle(g->db, g->c.id, &what, number);
	mongo_kill_point(g->db, "after-commit");
	fill_change(g, &what, number);
	return true;
}

enum store_status mongo_change(struct store *store,
			       const struct store_viewer *viewer,
			       const char *id, const struct store_edit *edit,
			       struct store_change *out)
{
	struct changing g = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.edit = edit,
		.out = out,
	};
	enum store_status status = STORE_UNAVAILABLE;

	if (edit->kind == CHANGE_EDIT)
		g.mentions = store_mentions_text(edit->mentions,
						 edit->mention_count);
	while (!g.db->failed && !try_change(&g, id, &status))
		;
	if (status == STORE_OK)
		out->later = mongo_members_later(g.db, &g.c, out->message.seq);
	status = mongo_end(g.db, status);
	if (g.has_row)
		bson_destroy(&g.row);
	mongo_conversation_done(&g.c);
	free(g.mentions);
	mongo_tokens_done(&g.words);
	return status;
}
