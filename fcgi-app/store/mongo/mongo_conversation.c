#include "mongo_conversation.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_block.h"
#include "store_mongo.h"

/* ---- rows ---- */

/* A step moves its sender's marks first, and is then behind for a moment. */
static void member_read(const bson_t *row, int64_t last_seq,
			struct mongo_member *out)
{
	int64_t received = mongo_read_int(row, "received");
	int64_t read = mongo_read_int(row, "read");

	*out = (struct mongo_member){
		.row = {.owner = mongo_read_bool(row, "owner"),
			.joined_seq = mongo_read_int(row, "joined"),
			.received_seq = store_smaller(received, last_seq),
			.read_seq = store_smaller(read, last_seq)},
		.hidden = mongo_read_int(row, "hidden"),
	};
	mongo_read_id(row, "u", out->row.user_id);
}

static char *text_of(const bson_t *row, const char *name)
{
	const char *text = mongo_read_text(row, name);

	return xstrdup(text != NULL ? text : "");
}

static void read_last(const bson_t *row, struct mongo_conversation *out)
{
	out->last_seq = mongo_read_int(row, "last.seq");
	mongo_read_id(row, "last.id", out->last_id);
	mongo_read_id(row, "last.sender", out->last_sender);
	out->last_at = mongo_read_int(row, "last.at");
	out->last_hidden = mongo_read_int(row, "last.hidden");
	mongo_read_id(row, "aheadUser", out->ahead_user);
	mongo_read_id(row, "aheadAt", out->ahead_at);
}

void mongo_conversation_read(const bson_t *row, struct mongo_conversation *out)
{
	struct mongo_items items;

	mongo_read_id(row, "_id", out->id);
	mongo_read_id(row, "made", out->made);
	mongo_read_id(row, "at", out->at);
	out->kind = (enum store_conversation_kind)mongo_read_int(row, "kind");
	out->title = text_of(row, "title");
	out->avatar = text_of(row, "avatar");
	out->blocks = (int)mongo_read_int(row, "blocks");
	out->last_change = mongo_read_int(row, "lastChange");
	out->count = mongo_read_int(row, "count");
	out->loaded = 0;
	read_last(row, out);
	out->members = xcalloc(mongo_items_count(row, "members") + 1,
			       sizeof(*out->members));
	mongo_items(row, "members", &items);
	while (mongo_item(&items))
		member_read(&items.row, out->last_seq,
			    &out->members[out->loaded++]);
}

void mongo_conversation_done(struct mongo_conversation *c)
{
	free(c->title);
	free(c->avatar);
	free(c->members);
	c->title = c->avatar = NULL;
	c->members = NULL;
	c->loaded = 0;
	c->id[0] = '\0';
}

bool mongo_conversation_find_unborn(struct mongo_db *db, const char *id,
				    struct mongo_conversation *out)
{
	bson_t row;

	out->id[0] = '\0';
	out->title = out->avatar = NULL;
	out->members = NULL;
	out->loaded = 0;
	if (!mongo_find_one(db, IN_CONVERSATION, DOC(ID("_id", id)),
			    MONGO_CONVERSATION_FIELDS, &row))
		return false;
	mongo_conversation_read(&row, out);
	bson_destroy(&row);
	mongo_clock_seen(db, out->last_id);
	return true;
}

bool mongo_conversation_find(struct mongo_db *db, const char *id,
			     struct mongo_conversation *out)
{
	bool found = mongo_conversation_find_unborn(db, id, out) &&
		     out->last_seq > 0;

	if (!found)
		mongo_conversation_done(out);
	return found;
}

/* ---- who the two are ---- */

/* In direct there are two, the smaller id first; in one's notes oneself. */
static bool is_low(const struct mongo_conversation *c, const char *user)
{
	return strcmp(c->members[0].row.user_id, user) == 0;
}

/* As long as an id is, for who copies it. */
static const char nobody[ID_SIZE] = "";

const char *mongo_conversation_other(const struct mongo_conversation *c,
				     const char *user)
{
	if (c->kind != CONVERSATION_DIRECT)
		return nobody;
	return c->members[c->loaded > 1 && is_low(c, user)].row.user_id;
}

const char *mongo_conversation_client(const struct mongo_conversation *c)
{
	if (c->kind != CONVERSATION_SUPPORT)
		return nobody;
	for (size_t i = 0; i < c->loaded; i++) {
		if (strcmp(c->members[i].row.user_id, ID_SERVER) != 0)
			return c->members[i].row.user_id;
	}
	return nobody;
}

bool mongo_conversation_blocks(const struct mongo_conversation *c,
			       const char *user)
{
	return c->kind == CONVERSATION_DIRECT &&
	       (c->blocks & (is_low(c, user) ? LOW_BLOCKS : HIGH_BLOCKS)) != 0;
}

/* ---- members ---- */

/* Of more than are shown. */
static bool find_far(struct mongo_db *db, const struct mongo_conversation *c,
		     const char *user, struct mongo_member *out)
{
	struct mongo_items items;
	bson_t row;
	bool found;

	if (!mongo_find_one(
		    db, IN_CONVERSATION,
		    DOC(ID("_id", c->id), ID("members.u", user)),
		    DOC(SUB("members", SUB("$elemMatch", ID("u", user)))),
		    &row))
		return false;
	mongo_items(&row, "members", &items);
	found = mongo_item(&items);
	if (found)
		member_read(&items.row, c->last_seq, out);
	bson_destroy(&row);
	return found;
}

bool mongo_member_find(struct mongo_db *db, const struct mongo_conversation *c,
		       const char *user, struct mongo_member *out)
{
	for (size_t i = 0; i < c->loaded; i++) {
		if (strcmp(c->members[i].row.user_id, user) == 0) {
			*out = c->members[i];
			return true;
		}
	}
	return c->count > (int64_t)c->loaded && find_far(db, c, user, out);
}

size_t mongo_members_read(struct mongo_db *db, const char *id,
			  struct store_member **out)
{
	struct mongo_items items;
	size_t count = 0;
	bson_t row;

	*out = xcalloc(LIMIT_MEMBERS, sizeof(**out));
	if (!mongo_find_one(db, IN_CONVERSATION, DOC(ID("_id", id)),
			    DOC(INT("members.u", 1), INT("members.owner", 1),
				INT("members.joined", 1)),
			    &row))
		return 0;
	mongo_items(&row, "members", &items);
	while (count < LIMIT_MEMBERS && mongo_item(&items)) {
		struct store_member *member = &(*out)[count++];

		mongo_read_id(&items.row, "u", member->user_id);
		member->owner = mongo_read_bool(&items.row, "owner");
		member->joined_seq = mongo_read_int(&items.row, "joined");
	}
	bson_destroy(&row);
	return count;
}

/* Read anew: who joins while the message changes is not in c yet. */
char *mongo_members_later(struct mongo_db *db,
			  const struct mongo_conversation *c, int64_t seq)
{
	struct store_member *members;
	char *ids = NULL;
	size_t count, len = 0;

	if (c->kind != CONVERSATION_GROUP)
		return NULL;
	count = mongo_members_read(db, c->id, &members);
	for (size_t i = 0; i < count; i++) {
		if (members[i].joined_seq <= seq)
			continue;
		ids = xrealloc(ids, len + ID_SIZE);
		memcpy(ids + len, members[i].user_id, ID_SIZE);
		len += ID_LEN;
	}
	free(members);
	return ids;
}

bool mongo_member_of(struct mongo_db *db, const struct mongo_conversation *c,
		     const struct store_viewer *viewer,
		     struct mongo_member *out)
{
	if (mongo_member_find(db, c, viewer->id, out))
		return true;
	return c->kind == CONVERSATION_SUPPORT &&
	       viewer->role == ROLE_OPERATOR &&
	       mongo_member_find(db, c, ID_SERVER, out);
}

int64_t mongo_sight_of(const struct mongo_db *db,
		       const struct mongo_conversation *c,
		       const struct store_viewer *viewer,
		       const struct mongo_member *me)
{
	if (c->kind != CONVERSATION_LOBBY)
		return store_sight(viewer, c->kind,
				   me != NULL ? &me->row : NULL);
	return db->lobby ? store_larger(1, c->last_seq - LIMIT_LOBBY + 1) : 0;
}

int64_t mongo_sight(struct mongo_db *db, const struct mongo_conversation *c,
		    const struct store_viewer *viewer)
{
	struct mongo_member me;
	bool member = mongo_member_of(db, c, viewer, &me);

	return mongo_sight_of(db, c, viewer, member ? &me : NULL);
}

bool mongo_sight_find(struct mongo_db *db, const char *id,
		      const struct store_viewer *viewer,
		      struct mongo_conversation *c, int64_t *first)
{
	*first = mongo_conversation_find(db, id, c) ? mongo_sight(db, c, viewer)
						    : 0;
	if (*first == 0)
		mongo_conversation_done(c);
	return *first > 0;
}

/* By membership, or by role. */
static bool sees(struct mongo_db *db, const struct mongo_conversation *c,
		 const char *id)
{
	struct store_viewer viewer = {id, ROLE_USER};
	struct store_user user;

	if (c->kind == CONVERSATION_DIRECT || c->kind == CONVERSATION_GROUP)
		return mongo_sight(db, c, &viewer) > 0;
	if (!mongo_user_find(db, id, &user))
		return false;
	viewer.role = user.role;
	store_user_done(&user);
	return mongo_sight(db, c, &viewer) > 0;
}

bool mongo_mentions_seen(struct mongo_db *db,
			 const struct mongo_conversation *c,
			 const struct store_mention *mentions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!sees(db, c, mentions[i].user))
			return false;
	}
	return true;
}

/* ---- as it is seen ---- */

void mongo_member_hold(struct mongo_db *db, const struct mongo_conversation *c,
		       const char *viewer, struct store_member *other)
{
	const struct store_member *marks = NULL;
	struct mongo_held held;

	if (c->blocks == 0 || strcmp(other->user_id, viewer) == 0)
		return;
	if (mongo_conversation_blocks(c, viewer) &&
	    mongo_block_find(db, viewer, other->user_id, &held))
		marks = &held.of_blocked;
	else if (mongo_conversation_blocks(c, other->user_id) &&
		 mongo_block_find(db, other->user_id, viewer, &held))
		marks = &held.of_blocker;
	if (marks == NULL)
		return;
	other->received_seq = marks->received_seq;
	other->read_seq = marks->read_seq;
}

void mongo_conversations_hiding(struct mongo_db *db,
				const struct mongo_conversation *first,
				size_t count, size_t stride,
				struct mongo_hiding *out)
{
	const char *at = (const char *)first;
	const char **ids = NULL;
	size_t asked = 0;

	for (size_t i = 0; i < count; i++, at += stride) {
		const struct mongo_conversation *c = (const void *)at;

		if (c->count > LIMIT_MEMBERS_SHOWN || c->loaded == 0)
			continue;
		ids = xrealloc(ids, (asked + c->loaded) * sizeof(*ids));
		for (size_t j = 0; j < c->loaded; j++)
			ids[asked++] = c->members[j].row.user_id;
	}
	mongo_hiding_read(db, ids, asked, out);
	free(ids);
}

static void hide_receipts(const struct mongo_hiding *hiding, const char *viewer,
			  struct store_member *member)
{
	member->hides_receipts = mongo_hides(hiding, member->user_id);
	if (strcmp(member->user_id, viewer) != 0 &&
	    (member->hides_receipts || mongo_hides(hiding, viewer)))
		member->read_seq = member->joined_seq - 1;
}

void mongo_view_read(struct mongo_db *db, const struct mongo_conversation *c,
		     const struct mongo_hiding *hiding, const char *viewer,
		     struct mongo_view *out)
{
	out->conversation = (struct store_conversation){
		.kind = c->kind,
		.last_seq = c->last_seq,
		.last_change = c->last_change,
		.member_count = (size_t)c->count,
	};
	memcpy(out->conversation.id, c->id, ID_SIZE);
	if (c->count > LIMIT_MEMBERS_SHOWN)
		return;
	out->conversation.members = out->members;
	for (size_t i = 0; i < c->loaded; i++) {
		out->members[i] = c->members[i].row;
		mongo_member_hold(db, c, viewer, &out->members[i]);
		hide_receipts(hiding, viewer, &out->members[i]);
	}
}

int64_t mongo_last_seen(const struct mongo_conversation *c, const char *user)
{
	return c->last_hidden > 0 && strcmp(c->last_sender, user) != 0
		       ? c->last_hidden - 1
		       : c->last_seq;
}

const char *mongo_position_of(const struct mongo_conversation *c,
			      const char *user)
{
	const char *at = strcmp(c->ahead_user, user) == 0 ? c->ahead_at : c->at;

	return at[0] != '\0' ? at : c->made;
}

int64_t mongo_hidden_behind(struct mongo_db *db,
			    const struct mongo_conversation *c,
			    const struct mongo_member *me, int64_t seq)
{
	if (me->hidden == 0 || seq >= c->last_seq)
		return 0;
	return mongo_count(
		db, IN_MESSAGE,
		DOC(ID("c", c->id),
		    SUB("seq", INT("$gt", seq), INT("$lte", c->last_seq)),
		    SUB("hidden", INT("$gt", 0)),
		    SUB("sender", ID("$ne", me->row.user_id))),
		0);
}
