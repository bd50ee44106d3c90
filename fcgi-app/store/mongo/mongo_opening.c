#include "mongo_opening.h"

#include <string.h>

#include "mem.h"
#include "mongo_block.h"
#include "store_mongo.h"

/* ---- plans ---- */

static void opening_plan(const char *id, enum store_conversation_kind kind,
			 const char *title, struct mongo_conversation *out)
{
	out->kind = kind;
	out->made[0] = out->at[0] = '\0';
	out->title = xstrdup(title);
	out->avatar = xstrdup("");
	out->blocks = 0;
	out->last_change = out->last_seq = out->last_at = out->last_hidden = 0;
	out->last_id[0] = out->last_sender[0] = '\0';
	out->ahead_user[0] = out->ahead_at[0] = '\0';
	out->count = 0;
	out->loaded = 0;
	out->members = xcalloc(2, sizeof(*out->members));
	memcpy(out->id, id, ID_SIZE);
}

static void opening_member(struct mongo_conversation *c, const char *user)
{
	struct mongo_member *member = &c->members[c->loaded++];

	*member = (struct mongo_member){.row = {.joined_seq = 1}};
	memcpy(member->row.user_id, user, ID_SIZE);
	c->count++;
}

void mongo_opening_direct(struct mongo_db *db, const char *user,
			  const char *other, struct mongo_conversation *out)
{
	bool low = strcmp(user, other) < 0;
	char id[ID_SIZE];

	id_direct(user, other, id);
	opening_plan(id, CONVERSATION_DIRECT, "", out);
	opening_member(out, low ? user : other);
	if (strcmp(user, other) == 0) /* notes */
		return;
	opening_member(out, low ? other : user);
	out->blocks = mongo_blocks_of(db, out->members[0].row.user_id,
				      out->members[1].row.user_id);
}

void mongo_opening_gone(const char *client, const char *title,
			struct mongo_conversation *out)
{
	char id[ID_SIZE];

	id_direct(client, ID_SERVER, id);
	opening_plan(id, CONVERSATION_SUPPORT, title, out);
	opening_member(out, client);
	opening_member(out, ID_SERVER);
}

/* It has its client's name, which stays when a guest goes. */
bool mongo_opening_support(struct mongo_db *db, const char *client,
			   struct mongo_conversation *out)
{
	struct store_user user;
	bool has;

	if (!mongo_user_find(db, client, &user))
		return false;
	has = !user.disabled && user.role != ROLE_OPERATOR;
	if (has)
		mongo_opening_gone(client, store_user_name(&user), out);
	store_user_done(&user);
	return has;
}

void mongo_opening_lobby(struct mongo_conversation *out)
{
	opening_plan(ID_LOBBY, CONVERSATION_LOBBY, "", out);
}

/* ---- writing ---- */

/* A block is set in user_block first and then here: who made the row in between
 * looks again, until it is as it says. */
static void opening_blocks(struct mongo_db *db, struct mongo_conversation *c)
{
	const char *low = c->members[0].row.user_id;
	const char *high = c->members[1].row.user_id;
	int blocks;

	while ((blocks = mongo_blocks_of(db, low, high)) != c->blocks) {
		mongo_update(db, IN_CONVERSATION, DOC(ID("_id", c->id)),
			     DOC(SUB("$set", INT("blocks", blocks))));
		c->blocks = blocks;
	}
}

void mongo_opening_write(struct mongo_db *db, struct mongo_conversation *c,
			 const char *position)
{
	bson_t *members[2];

	memcpy(c->made, position, ID_SIZE);
	for (size_t i = 0; i < c->loaded; i++)
		members[i] = mongo_bson(DOC(
			ID("u", c->members[i].row.user_id), INT("joined", 1),
			INT("received", 0), INT("read", 0)));
	mongo_insert(db, IN_CONVERSATION,
		     DOC(ID("_id", c->id), INT("kind", c->kind),
			 ID("made", position), TEXT("title", c->title),
			 TEXT("avatar", c->avatar), INT("blocks", c->blocks),
			 INT("lastChange", 0), INT("count", c->count),
			 SUB("last", INT("seq", 0)),
			 DOCS("members", (const bson_t *const *)members,
			      c->loaded)));
	for (size_t i = 0; i < c->loaded; i++)
		bson_destroy(members[i]);
	if (c->kind == CONVERSATION_DIRECT && c->loaded > 1)
		opening_blocks(db, c);
}
