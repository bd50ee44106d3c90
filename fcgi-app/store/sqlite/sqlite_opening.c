#include "sqlite_opening.h"

#include <string.h>

#include "store_sqlite.h"

/* ---- plans ---- */

void sqlite_opening_direct(const char *user, const char *other,
			   struct sqlite_conversation *out)
{
	*out = (struct sqlite_conversation){.kind = CONVERSATION_DIRECT};
	id_direct(user, other, out->id);
	sqlite_conversation_pair(out, user, other);
}

bool sqlite_opening_support(struct sqlite_db *db, const char *client,
			    struct sqlite_conversation *out)
{
	/* 1: an operator */
	static const char sql[] =
		"SELECT 1 FROM user WHERE id = ? AND disabled = 0 AND role <> "
		"1";

	if (QUERY_INT(db, sql, ID(client)) == 0)
		return false;
	*out = (struct sqlite_conversation){.kind = CONVERSATION_SUPPORT};
	id_direct(client, ID_SERVER, out->id);
	return true;
}

void sqlite_opening_lobby(struct sqlite_conversation *out)
{
	*out = (struct sqlite_conversation){
		.id = ID_LOBBY,
		.kind = CONVERSATION_LOBBY,
	};
}

/* ---- writing ---- */

static void add_row(struct sqlite_db *db, const struct sqlite_conversation *c,
		    const char *title, const char *position)
{
	static const char sql[] =
		"INSERT INTO conversation (id, n, kind, made, title, low, high,"
		" blocks) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
	bool direct = c->kind == CONVERSATION_DIRECT;

	QUERY_RUN(db, sql, ID(c->id), INT(c->n), INT(c->kind), ID(position),
		  TEXT(title), ID(direct ? c->low : NULL),
		  ID(direct ? c->high : NULL), INT(c->blocks));
}

/* other: of a direct conversation. */
static void add_to_inbox(struct sqlite_db *db,
			 const struct sqlite_conversation *c, const char *user,
			 const char *other)
{
	static const char sql[] =
		"INSERT INTO inbox (user_id, conversation, n, kind, other)"
		" VALUES (?, ?, ?, ?, ?)";

	QUERY_RUN(db, sql, ID(user), ID(c->id), INT(c->n), INT(c->kind),
		  ID(other));
}

static void add_member(struct sqlite_db *db,
		       const struct sqlite_conversation *c, const char *user)
{
	static const char sql[] =
		"INSERT INTO member (n, user_id) VALUES (?, ?)";

	QUERY_RUN(db, sql, INT(c->n), ID(user));
	add_to_inbox(db, c, user, NULL);
}

static void write_direct(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const char *position)
{
	add_row(db, c, "", position);
	add_to_inbox(db, c, c->low, c->high);
	if (!sqlite_conversation_is_notes(c))
		add_to_inbox(db, c, c->high, c->low);
}

/* It has its client's name, which stays when a guest goes. */
static void write_support(struct sqlite_db *db,
			  const struct sqlite_conversation *c,
			  const char *client, const char *position)
{
	struct store_user user = {.id = ""};
	bool found = sqlite_user_find(db, client, &user);

	add_row(db, c, found ? store_user_name(&user) : "", position);
	add_member(db, c, client);
	add_member(db, c, ID_SERVER);
	store_user_done(&user);
}

int64_t sqlite_opening_next(struct sqlite_db *db)
{
	static const char sql[] =
		"SELECT coalesce(max(n), 0) + 1 FROM conversation";

	return QUERY_INT(db, sql);
}

void sqlite_opening_write(struct sqlite_db *db, struct sqlite_conversation *c,
			  const char *client, const char *position)
{
	c->n = sqlite_opening_next(db);
	if (c->kind == CONVERSATION_DIRECT)
		write_direct(db, c, position);
	else if (c->kind == CONVERSATION_LOBBY)
		add_row(db, c, "", position);
	else
		write_support(db, c, client, position);
}

void sqlite_support_client(struct sqlite_db *db,
			   const struct sqlite_conversation *c,
			   char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT user_id FROM member WHERE n = ? AND user_id <> ?";
	struct query q = QUERY(db, sql, INT(c->n), ID(ID_SERVER));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

void sqlite_support_newest(struct sqlite_db *db, const char *conversation,
			   const char *message)
{
	static const char sql[] = "UPDATE inbox SET newest = ?"
				  " WHERE user_id = ? AND conversation = ?";

	QUERY_RUN(db, sql, ID(message), ID(ID_SERVER), ID(conversation));
}
