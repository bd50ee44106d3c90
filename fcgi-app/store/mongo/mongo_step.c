#include "mongo_step.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kill_point.h"
#include "mongo_durable.h"
#include "mongo_own.h"

/* A message on its way into its conversation. */
struct step {
	struct mongo_db *db;
	const struct mongo_conversation *c;
	char id[ID_SIZE], sender[ID_SIZE];
	char as[ID_SIZE]; /* whose marks move by it */
	int64_t seq, at, hidden;
	bson_t act; /* borrowed from its row; empty: none */
	bool acts;
};

static void step_read(struct step *s, const bson_t *row)
{
	mongo_read_id(row, "_id", s->id);
	mongo_read_id(row, "sender", s->sender);
	mongo_read_id(row, mongo_has(row, "as") ? "as" : "sender", s->as);
	s->seq = mongo_read_int(row, "seq");
	s->at = mongo_read_int(row, "at");
	s->hidden = mongo_read_int(row, "hidden");
	s->acts = mongo_read_doc(row, "act", &s->act);
}

/* ---- one member's row, before the conversation moves ---- */

/* Of a conversation that has not come to the message yet. */
static bool set_of_member(const struct step *s, const char *user,
			  const struct mongo_field *change)
{
	return mongo_update(s->db, IN_CONVERSATION,
			    DOC(ID("_id", s->c->id),
				INT("last.seq", s->seq - 1),
				ID("members.u", user)),
			    change);
}

/* Who writes has read all before it. An operator's marks are the server's. */
static void move_sender(const struct step *s)
{
	const struct mongo_field *change =
		DOC(SUB("$max", INT("members.$.received", s->seq),
			INT("members.$.read", s->seq)));

	if (s->c->kind == CONVERSATION_LOBBY)
		return;
	if (!set_of_member(s, s->as, change) &&
	    s->c->kind == CONVERSATION_SUPPORT)
		set_of_member(s, ID_SERVER, change);
}

static void change_owners(const struct step *s)
{
	char owner[ID_SIZE], disowned[ID_SIZE];

	mongo_read_id(&s->act, "owner", owner);
	mongo_read_id(&s->act, "disown", disowned);
	if (owner[0] != '\0')
		set_of_member(s, owner,
			      DOC(SUB("$set", BOOL("members.$.owner", true))));
	if (disowned[0] != '\0')
		set_of_member(s, disowned,
			      DOC(SUB("$set", BOOL("members.$.owner", false))));
}

/* ---- the conversation moves ---- */

/* What all messages change. */
#define LAST(s)                                                                \
	SUB("last", INT("seq", (s)->seq), ID("id", (s)->id),                   \
	    ID("sender", (s)->sender), INT("at", (s)->at),                     \
	    IF((s)->hidden > 0, INT("hidden", (s)->hidden)))

static bool move_to(const struct step *s, const struct mongo_field *change)
{
	return mongo_update(
		s->db, IN_CONVERSATION,
		DOC(ID("_id", s->c->id), INT("last.seq", s->seq - 1)), change);
}

/* The marks of who writes in a direct conversation, and what is hidden from
 * the other one, are in the same update. */
static bool move_direct(const struct step *s)
{
	const struct mongo_conversation *c = s->c;
	bool low = strcmp(s->sender, c->members[0].row.user_id) == 0;
	const char *other = mongo_conversation_other(c, s->sender);
	const char *at = s->hidden > 0 ? mongo_position_of(c, other) : s->id;
	const struct mongo_field *marks =
		low ? DOC(INT("members.0.received", s->seq),
			  INT("members.0.read", s->seq))
		    : DOC(INT("members.1.received", s->seq),
			  INT("members.1.read", s->seq));
	const char *count = low ? "members.1.hidden" : "members.0.hidden";

	if (s->hidden > 0)
		return move_to(s, DOC(SUB("$set", LAST(s), ID("at", at),
					  ID("aheadUser", s->sender),
					  ID("aheadAt", s->id)),
				      SUB("$inc", INT(count, 1)),
				      FIELDS("$max", marks)));
	return move_to(
		s, DOC(SUB("$set", LAST(s), ID("at", at)),
		       SUB("$unset", INT("aheadUser", 1), INT("aheadAt", 1)),
		       FIELDS("$max", marks)));
}

static bool move_plain(const struct step *s)
{
	const struct mongo_field *marks = DOC(INT("members.$.received", s->seq),
					      INT("members.$.read", s->seq));
	const struct mongo_field *change = DOC(
		SUB("$set", LAST(s), ID("at", s->id)), FIELDS("$max", marks));

	return (s->c->kind != CONVERSATION_LOBBY &&
		set_of_member(s, s->as, change)) ||
	       (s->c->kind == CONVERSATION_SUPPORT &&
		set_of_member(s, ID_SERVER, change)) ||
	       move_to(s, DOC(SUB("$set", LAST(s), ID("at", s->id))));
}

/* ---- acts ---- */

static bson_t *new_member(const struct step *s, const char *user)
{
	char owner[ID_SIZE];
	int64_t read = strcmp(user, s->sender) == 0 ? s->seq : s->seq - 1;

	mongo_read_id(&s->act, "owner", owner);
	return mongo_bson(DOC(ID("u", user),
			      IF(strcmp(user, owner) == 0, BOOL("owner", true)),
			      INT("joined", s->seq), INT("received", read),
			      INT("read", read)));
}

/* Whoever was in it before is told first that what they had of it is gone: it
 * counts from this seq on. */
static bool add_members(const struct step *s, const struct mongo_field *set)
{
	char ids[LIMIT_MEMBERS][ID_SIZE];
	const char *users[LIMIT_MEMBERS];
	bson_t *rows[LIMIT_MEMBERS];
	struct mongo_items items;
	size_t count = 0;
	bool moved;

	mongo_items(&s->act, "add", &items);
	for (; count < LIMIT_MEMBERS && mongo_item(&items); count++) {
		memcpy(ids[count], items.id, ID_SIZE);
		users[count] = ids[count];
		rows[count] = new_member(s, items.id);
	}
	if (s->seq > 1)
		mongo_own_rejoin(s->db, s->c->id, s->seq, users, count);
	moved = move_to(
		s,
		DOC(FIELDS("$set", set), SUB("$inc", INT("count", count)),
		    SUB("$push", SUB("members",
				     DOCS("$each", (const bson_t *const *)rows,
					  count)))));
	while (count > 0)
		bson_destroy(rows[--count]);
	return moved;
}

/* Rows of members and the whole array cannot change in one update: first the
 * rows, which may be done again, then the rest with the move. */
static bool move_act(const struct step *s)
{
	char drop[ID_SIZE];
	const char *title = mongo_read_text(&s->act, "title");
	const char *avatar = mongo_read_text(&s->act, "avatar");
	const struct mongo_field *set =
		DOC(LAST(s), ID("at", s->id), TEXT_IF("title", title),
		    TEXT_IF("avatar", avatar));

	move_sender(s);
	change_owners(s);
	kill_point("within-step");
	mongo_read_id(&s->act, "drop", drop);
	if (drop[0] != '\0')
		return move_to(
			s,
			DOC(FIELDS("$set", set), SUB("$inc", INT("count", -1)),
			    SUB("$pull", SUB("members", ID("u", drop)))));
	if (mongo_has(&s->act, "add"))
		return add_members(s, set);
	return move_to(s, DOC(FIELDS("$set", set)));
}

/* The step of the message that is right behind what c knows, which is there for
 * good. False: its turn is past, or has not come. */
static bool step_make(struct mongo_db *db, const struct mongo_conversation *c,
		      const bson_t *row)
{
	struct step s = {.db = db, .c = c};

	step_read(&s, row);
	if (s.acts)
		return move_act(&s);
	if (c->kind == CONVERSATION_DIRECT)
		return move_direct(&s);
	return move_plain(&s);
}

/* ---- of whom, and until when ---- */

static bool is_durable(struct mongo_db *db, const struct mongo_conversation *c,
		       const bson_t *row)
{
	char id[ID_SIZE];

	mongo_read_id(row, "_id", id);
	return mongo_durable(db, IN_MESSAGE,
			     DOC(ID("c", c->id),
				 INT("seq", mongo_read_int(row, "seq")),
				 ID("_id", id)),
			     "seq");
}

/* What is behind the newest is another one's, who may be gone. False: nothing
 * is, or it was lost. */
static bool step_to_next(struct mongo_db *db,
			 const struct mongo_conversation *c)
{
	bson_t row;
	bool there;

	if (!mongo_find_one(db, IN_MESSAGE,
			    DOC(ID("c", c->id), INT("seq", c->last_seq + 1)),
			    DOC(INT("seq", 1), INT("sender", 1), INT("at", 1),
				INT("hidden", 1), INT("act", 1), INT("as", 1)),
			    &row))
		return false;
	there = is_durable(db, c, &row);
	if (there)
		step_make(db, c, &row);
	bson_destroy(&row);
	return there;
}

void mongo_step_mend(struct mongo_db *db, struct mongo_conversation *c)
{
	struct mongo_conversation next;

	while (step_to_next(db, c) &&
	       mongo_conversation_find(db, c->id, &next)) {
		mongo_conversation_done(c);
		*c = next;
	}
}

/* Steps of others are not made for them before that. */
#define AWAIT_MS 32

void mongo_step_await(struct mongo_db *db, struct mongo_conversation *c,
		      int64_t seq)
{
	struct mongo_conversation next;

	for (long ms = 2; c->last_seq < seq && ms <= AWAIT_MS; ms *= 2) {
		nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
		if (!mongo_conversation_find(db, c->id, &next))
			return;
		mongo_conversation_done(c);
		*c = next;
	}
	if (c->last_seq < seq)
		mongo_step_mend(db, c);
}

bool mongo_step_first(struct mongo_db *db, const char *id,
		      struct mongo_conversation *out)
{
	bool stepped = mongo_conversation_find_unborn(db, id, out) &&
		       step_to_next(db, out);

	mongo_conversation_done(out);
	return stepped && mongo_conversation_find(db, id, out);
}

static bool has_reached(struct mongo_db *db, const char *id, int64_t seq)
{
	return mongo_durable(
		db, IN_CONVERSATION,
		DOC(ID("_id", id), SUB("last.seq", INT("$gte", seq))),
		"lastChange");
}

void mongo_step_reach(struct mongo_db *db, const char *id, int64_t seq)
{
	struct mongo_conversation c;
	bool found = true;
	int tries = 0;

	while (found && !has_reached(db, id, seq) && !db->failed) {
		found = mongo_conversation_find_unborn(db, id, &c);
		if (found && !step_to_next(db, &c))
			mongo_tries_on(db, &tries);
		mongo_conversation_done(&c);
	}
}

bool mongo_step_write(struct mongo_db *db, const struct mongo_conversation *c,
		      const struct mongo_field *doc)
{
	bson_t *row = mongo_bson(doc);
	bool written = !db->failed &&
		       (mongo_insert(db, IN_MESSAGE, doc) ||
			(mongo_look_again(db) && is_durable(db, c, row)));

	if (written) {
		kill_point("between-writes");
		/* What may have been done may be done again. */
		if (!step_make(db, c, row) &&
		    (!db->failed || mongo_look_again(db)))
			mongo_step_reach(db, c->id, mongo_read_int(row, "seq"));
	}
	bson_destroy(row);
	return written;
}
