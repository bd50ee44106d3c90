/* Links to groups. A link has a row by its code, for good; that it still leads
 * somewhere is said by the row of the group, which names the one that does. */
#include "mongo_group.h"

#include <string.h>

struct current {
	char code[STORE_LINK_SIZE]; /* "": there is none */
	int64_t expires_at;
};

static void find_current(struct mongo_db *db, const char *group,
			 struct current *out)
{
	const char *code;
	bson_t row;

	*out = (struct current){.code = ""};
	if (!mongo_find_one(db, IN_CONVERSATION, DOC(ID("_id", group)),
			    DOC(INT("link", 1)), &row))
		return;
	code = mongo_read_text(&row, "link.code");
	if (code != NULL)
		memccpy(out->code, code, '\0', sizeof(out->code));
	out->expires_at = mongo_read_int(&row, "link.expiresAt");
	bson_destroy(&row);
}

/* False: another one was made or ended meanwhile. */
static bool set_current(struct mongo_db *db, const char *group,
			const struct current *before,
			const struct store_link *link)
{
	return mongo_update(
		db, IN_CONVERSATION,
		DOC(ID("_id", group),
		    IF(before->code[0] != '\0',
		       TEXT("link.code", before->code)),
		    IF(before->code[0] != '\0',
		       INT("link.expiresAt", before->expires_at)),
		    IF(before->code[0] == '\0', NOTHING("link"))),
		DOC(SUB("$set", SUB("link", TEXT("code", link->code),
				    INT("expiresAt", link->expires_at)))));
}

/* ---- who comes by one ---- */

static enum store_status find_link_group(struct mongo_db *db, const char *code,
					 int64_t now_ms, char id[ID_SIZE])
{
	struct current current;
	int64_t expires_at;
	bson_t row;

	if (!mongo_find_one(db, IN_LINK, DOC(TEXT("_id", code)), NULL, &row))
		return STORE_NOT_FOUND;
	mongo_read_id(&row, "c", id);
	expires_at = mongo_read_int(&row, "expiresAt");
	bson_destroy(&row);
	if (expires_at <= now_ms)
		return STORE_EXPIRED;
	find_current(db, id, &current);
	return strcmp(current.code, code) == 0 ? STORE_OK : STORE_REVOKED;
}

enum store_status mongo_group_find_by_link(struct mongo_group *g,
					   const char *code, int64_t now_ms)
{
	struct mongo_member me;
	char id[ID_SIZE];
	enum store_status status = find_link_group(g->db, code, now_ms, id);

	if (status == STORE_OK && !mongo_group_find(g, id))
		status = STORE_NOT_FOUND;
	if (status == STORE_OK &&
	    mongo_member_find(g->db, &g->c, g->base.viewer->id, &me))
		g->base.me = me.row;
	return status;
}

/* ---- owners make and end them ---- */

/* As owner; else what to answer. */
static enum store_status find_as_owner(struct mongo_group *g, const char *id)
{
	if (!mongo_group_find_own(g, id))
		return STORE_NOT_FOUND;
	return g->base.me.owner ? STORE_OK : STORE_FORBIDDEN;
}

static void insert_link(struct mongo_group *g, const struct store_link *link,
			int64_t now_ms)
{
	mongo_insert(g->db, IN_LINK,
		     DOC(TEXT("_id", link->code), ID("c", g->c.id),
			 ID("by", g->base.viewer->id), INT("at", now_ms),
			 INT("expiresAt", link->expires_at)));
}

/* The one that lives moves its end: whoever has it goes on to come by it. */
static void move_link(struct mongo_group *g, struct store_link *link,
		      const struct current *current)
{
	memcpy(link->code, current->code, sizeof(link->code));
	if (link->at_least && current->expires_at > link->expires_at)
		link->expires_at = current->expires_at;
	mongo_update(g->db, IN_LINK, DOC(TEXT("_id", link->code)),
		     DOC(SUB("$set", INT("expiresAt", link->expires_at))));
}

/* The one that there is, or that one. Its row is written before the group's:
 * whoever is late there looks again, and so both say the same at last. */
static void make_link(struct mongo_group *g, struct store_link *link,
		      int64_t now_ms)
{
	const struct store_link asked = *link;
	struct current current;
	bool made = false;

	do {
		*link = asked;
		find_current(g->db, g->c.id, &current);
		if (current.code[0] != '\0' && current.expires_at > now_ms) {
			move_link(g, link, &current);
		} else if (!made) {
			insert_link(g, link, now_ms);
			made = true;
		}
	} while (!set_current(g->db, g->c.id, &current, link) &&
		 !g->db->failed);
}

enum store_status mongo_link_make(struct store *store,
				  const struct store_viewer *viewer,
				  const char *id, struct store_link *link,
				  int64_t now_ms)
{
	struct mongo_group g = {
		.base = {.viewer = viewer},
		.db = mongo_begin(store, ACCESS_WRITE),
	};
	enum store_status status = find_as_owner(&g, id);

	if (status == STORE_OK)
		make_link(&g, link, now_ms);
	mongo_group_done(&g);
	return mongo_end(g.db, status);
}

enum store_status mongo_link_end(struct store *store,
				 const struct store_viewer *viewer,
				 const char *id)
{
	struct mongo_group g = {
		.base = {.viewer = viewer},
		.db = mongo_begin(store, ACCESS_WRITE),
	};
	enum store_status status = find_as_owner(&g, id);

	if (status == STORE_OK)
		mongo_update(g.db, IN_CONVERSATION, DOC(ID("_id", g.c.id)),
			     DOC(SUB("$unset", INT("link", 1))));
	mongo_group_done(&g);
	return mongo_end(g.db, status);
}
