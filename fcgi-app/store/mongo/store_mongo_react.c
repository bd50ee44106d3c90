/* One person's reaction to a message comes or goes. */
#include "store_mongo.h"

#include <stdio.h>
#include <string.h>

#include "kill_point.h"
#include "mem.h"
#include "mongo_change.h"
#include "mongo_durable.h"
#include "mongo_reactions.h"
#include "mongo_step.h"
#include "store_reactions.h"
#include "store_rules.h"

/* Says how what stands before it is drawn, and nothing else. */
#define DRAWN_AS_EMOJI "\xef\xb8\x8f"

struct reacting {
	struct mongo_db *db;
	const struct store_viewer *viewer;
	const struct store_reaction *reaction;
	struct mongo_conversation c;
	bson_t row; /* of the message, when it has one */
	bool has_row;
	int64_t reacted; /* the newest reaction's change before */
	bool known;	 /* somebody has the same already, as they see it */
	bool mine;	 /* they have ... */
	char spelling[LIMIT_EMOJI + 1]; /* ... and spelled it so */
	struct store_change *out;
};

/* ---- the message ---- */

static void react_drop(struct reacting *r)
{
	if (r->has_row)
		bson_destroy(&r->row);
	r->has_row = r->mine = r->known = false;
	mongo_conversation_done(&r->c);
	store_change_done(r->out);
}

static bool react_find_message(struct reacting *r, const char *id)
{
	char conversation[ID_SIZE];
	bson_t mended;

	react_drop(r);
	r->has_row = mongo_find_one(r->db, IN_MESSAGE, DOC(ID("_id", id)), NULL,
				    &r->row);
	if (!r->has_row)
		return false;
	if (mongo_change_mend(r->db, &r->row, &mended)) {
		bson_destroy(&r->row);
		bson_steal(&r->row, &mended);
	}
	mongo_read_id(&r->row, "c", conversation);
	if (!mongo_conversation_find(r->db, conversation, &r->c))
		return false;
	if (r->c.last_seq < mongo_read_int(&r->row, "seq"))
		mongo_step_mend(r->db, &r->c);
	mongo_message_read(&r->row, &r->c, "", &r->out->message);
	store_message_own(&r->out->message);
	r->reacted = mongo_read_int(&r->row, "reacted");
	return true;
}

static enum store_status react_may(struct reacting *r, const char *id)
{
	if (!react_find_message(r, id))
		return STORE_NOT_FOUND;
	return store_reaction_may(
		r->reaction, r->viewer, &r->out->message,
		mongo_sight(r->db, &r->c, r->viewer),
		r->c.kind == CONVERSATION_DIRECT &&
			mongo_conversation_blocks(&r->c, r->viewer->id));
}

/* ---- what is there ---- */

static size_t drawn_len(const char *text)
{
	size_t len = strlen(DRAWN_AS_EMOJI);

	return strncmp(text, DRAWN_AS_EMOJI, len) == 0 ? len : 0;
}

static bool is_same_emoji(const char *a, const char *b)
{
	size_t skip;

	for (;;) {
		while ((skip = drawn_len(a)) > 0)
			a += skip;
		while ((skip = drawn_len(b)) > 0)
			b += skip;
		if (*a != *b || *a == '\0')
			return *a == *b;
		a++;
		b++;
	}
}

static void react_find_one(struct reacting *r, const bson_t *row)
{
	const char *emoji = mongo_read_text(row, "emoji");
	bool hidden = mongo_read_bool(row, "hidden");
	char user[ID_SIZE];

	mongo_read_id(row, "u", user);
	bool own = strcmp(user, r->viewer->id) == 0;

	if ((hidden && !own) || !is_same_emoji(emoji, r->reaction->emoji))
		return;
	r->known = true;
	if (r->out->emoji == NULL)
		r->out->emoji = xstrdup(emoji);
	if (!own)
		return;
	r->mine = true;
	snprintf(r->spelling, sizeof(r->spelling), "%s", emoji);
	r->out->hidden = hidden;
}

/* The same emoji of anybody gives its spelling, and their own says whether it
 * is there, and hidden. */
static void react_find_same(struct reacting *r)
{
	struct mongo_items items;

	mongo_items(&r->row, "reactions", &items);
	while (mongo_item(&items))
		react_find_one(r, &items.row);
	if (r->out->emoji == NULL)
		r->out->emoji = xstrdup(r->reaction->emoji);
}

static bool react_is_crowded(struct reacting *r)
{
	struct store_reactions reactions;
	struct mongo_items items;
	char user[ID_SIZE];

	reactions.count = 0;
	mongo_items(&r->row, "reactions", &items);
	while (!r->known && mongo_item(&items)) {
		mongo_read_id(&items.row, "u", user);
		if (!mongo_read_bool(&items.row, "hidden") ||
		    strcmp(user, r->viewer->id) == 0)
			store_reactions_add(
				&reactions,
				mongo_read_text(&items.row, "emoji"), user, "");
	}
	return reactions.count >= LIMIT_REACTIONS;
}

static bool react_hides(const struct reacting *r)
{
	const char *other = mongo_conversation_other(&r->c, r->viewer->id);

	return r->out->message.hidden ||
	       (r->c.kind == CONVERSATION_DIRECT &&
		mongo_conversation_blocks(&r->c, other));
}

/* ---- writing ---- */

static bool react_fold(struct reacting *r, const struct mongo_numbering *what)
{
	const struct mongo_field *one =
		DOC(TEXT("emoji", what->taken ? r->spelling : what->emoji),
		    ID("u", what->by),
		    IF(what->hidden && !what->taken, BOOL("hidden", true)));

	return mongo_update(
		r->db, IN_MESSAGE,
		DOC(ID("c", r->c.id), INT("seq", what->seq), NOTHING("pending"),
		    NOTHING("deleted"), SUB("erased", INT("$ne", 1)),
		    IF(r->reacted == 0, NOTHING("reacted")),
		    IF(r->reacted != 0, INT("reacted", r->reacted))),
		DOC(SUB(what->taken ? "$pull" : "$push",
			FIELDS("reactions", one)),
		    SUB("$set",
			SUB("pending", ID("op", what->op),
			    INT("kind", what->kind), ID("by", what->by),
			    INT("at", what->at), TEXT("emoji", what->emoji),
			    BOOL("taken", what->taken),
			    BOOL("hidden", what->hidden)))));
}

/* It may be there although it seemed to fail. */
static bool react_fold_surely(struct reacting *r,
			      const struct mongo_numbering *what)
{
	return !r->db->failed &&
	       (react_fold(r, what) ||
		(mongo_look_again(r->db) &&
		 mongo_durable(r->db, IN_MESSAGE,
			       DOC(ID("c", r->c.id), INT("seq", what->seq),
				   ID("pending.op", what->op)),
			       "seq")));
}

static struct mongo_numbering react_numbering(struct reacting *r,
					      const char *id)
{
	struct mongo_numbering what = {
		.seq = r->out->message.seq,
		.kind = CHANGE_REACTION,
		.at = r->reaction->now_ms,
		.emoji = r->out->emoji,
		.taken = !r->out->on,
		.hidden = r->out->hidden,
	};

	mongo_clock_seen(r->db, id);
	mongo_clock_next(r->db, what.at, what.op);
	memcpy(what.by, r->viewer->id, ID_SIZE);
	return what;
}

/* False: somebody else changed it meanwhile, or the verb failed. */
static bool react_write(struct reacting *r, const char *id)
{
	const struct mongo_numbering what = react_numbering(r, id);
	struct store_change *out = r->out;

	mongo_kill_point(r->db, "before-commit");
	if (!react_fold_surely(r, &what))
		return false;
	kill_point("folded");
	out->change = mongo_change_number(r->db, r->c.id, &what);
	if (out->change == 0)
		return false;
	mongo_change_settle(r->db, r->c.id, &what, out->change);
	mongo_kill_point(r->db, "after-commit");
	out->created_at = what.at;
	memcpy(out->position, what.op, ID_SIZE);
	return true;
}

/* It is so already: who did it may not have lived to see that it stays. */
static bool react_is_durable(struct reacting *r)
{
	return mongo_durable(
		r->db, IN_MESSAGE,
		DOC(ID("c", r->c.id), INT("seq", r->out->message.seq)), "seq");
}

/* As all see it, or who alone hears of it. */
static void react_show(struct reacting *r)
{
	struct store_message *message = &r->out->message;
	bson_t row;

	if (!mongo_find_one(r->db, IN_MESSAGE,
			    DOC(ID("c", r->c.id), INT("seq", message->seq)),
			    DOC(INT("reactions", 1)), &row))
		return;
	message->reacted = message->reacted || r->out->change > 0;
	mongo_reactions_read(r->db, &row, r->out->hidden ? r->out->by : "",
			     message);
	if (message->reactions != NULL)
		message->reactions = xstrdup(message->reactions);
	if (r->out->change > 0)
		message->change = r->out->change;
	bson_destroy(&row);
}

/* One try. False: another change came first, so all is looked at anew. */
static bool try_react(struct reacting *r, const char *id,
		      enum store_status *status)
{
	struct store_change *out = r->out;

	*status = react_may(r, id);
	if (*status != STORE_OK)
		return true;
	out->kind = CHANGE_REACTION;
	out->on = r->reaction->on;
	memcpy(out->conversation, r->c.id, ID_SIZE);
	memcpy(out->by, r->viewer->id, ID_SIZE);
	react_find_same(r);
	if (out->on && !r->mine && react_is_crowded(r)) {
		*status = STORE_CROWDED;
		return true;
	}
	if (out->on && !r->mine)
		out->hidden = react_hides(r);
	if (out->on == r->mine ? !react_is_durable(r) : !react_write(r, id))
		return r->db->failed;
	react_show(r);
	return true;
}

enum store_status mongo_react(struct store *store,
			      const struct store_viewer *viewer, const char *id,
			      const struct store_reaction *reaction,
			      struct store_change *out)
{
	struct reacting r = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.reaction = reaction,
		.out = out,
	};
	enum store_status status = STORE_UNAVAILABLE;

	while (!r.db->failed && !try_react(&r, id, &status))
		;
	if (status == STORE_OK && out->change > 0)
		out->later = mongo_members_later(r.db, &r.c, out->message.seq);
	status = mongo_end(r.db, status);
	if (r.has_row)
		bson_destroy(&r.row);
	mongo_conversation_done(&r.c);
	return status;
}
