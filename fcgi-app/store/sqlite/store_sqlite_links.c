#include "sqlite_group.h"

#include <string.h>

enum store_status sqlite_group_find_by_link(struct sqlite_group *g,
					    const char *code, int64_t now_ms)
{
	static const char sql[] =
		"SELECT c.id, l.revoked, l.expires_at FROM link l"
		" JOIN conversation c ON c.n = l.n WHERE l.code = ?";
	struct query q = QUERY(g->db, sql, TEXT(code));
	enum store_status status = STORE_NOT_FOUND;
	char id[ID_SIZE];

	if (query_row(&q)) {
		query_id(&q, 0, id);
		status = query_int(&q, 2) <= now_ms ? STORE_EXPIRED
			 : query_int(&q, 1) != 0    ? STORE_REVOKED
						    : STORE_OK;
	}
	query_close(&q);
	if (status == STORE_OK && !sqlite_group_find(g, id))
		status = STORE_NOT_FOUND;
	if (status == STORE_OK)
		sqlite_member_find(g->db, &g->c, g->base.viewer->id,
				   &g->base.me);
	return status;
}

/* As owner; else what to answer. */
static enum store_status find_as_owner(struct sqlite_group *g, const char *id)
{
	if (!sqlite_group_find_own(g, id))
		return STORE_NOT_FOUND;
	return g->base.me.owner ? STORE_OK : STORE_FORBIDDEN;
}

static void revoke_links(struct sqlite_group *g)
{
	static const char sql[] =
		"UPDATE link SET revoked = 1 WHERE n = ? AND revoked = 0";

	QUERY_RUN(g->db, sql, INT(g->c.n));
}

/* The one that lives moves its end: whoever has it goes on to come by it. */
static bool move_link(struct sqlite_group *g, struct store_link *link,
		      int64_t now_ms)
{
	static const char sql[] =
		"UPDATE link SET expires_at ="
		"  CASE WHEN ?1 THEN max(expires_at, ?2) ELSE ?2 END"
		" WHERE n = ?3 AND revoked = 0 AND expires_at > ?4"
		" RETURNING code, expires_at";
	struct query q = QUERY(g->db, sql, INT(link->at_least),
			       INT(link->expires_at), INT(g->c.n), INT(now_ms));
	bool moved = query_row(&q);

	if (moved) {
		memccpy(link->code, query_text(&q, 0), '\0',
			sizeof(link->code));
		link->expires_at = query_int(&q, 1);
	}
	query_close(&q);
	return moved;
}

enum store_status sqlite_link_make(struct store *store,
				   const struct store_viewer *viewer,
				   const char *id, struct store_link *link,
				   int64_t now_ms)
{
	static const char sql[] =
		"INSERT INTO link (code, n, by, created_at, expires_at)"
		" VALUES (?, ?, ?, ?, ?)";
	struct sqlite_group g = sqlite_group_begin(store, viewer);
	enum store_status status = find_as_owner(&g, id);

	if (status == STORE_OK && !move_link(&g, link, now_ms)) {
		revoke_links(&g);
		QUERY_RUN(g.db, sql, TEXT(link->code), INT(g.c.n),
			  ID(viewer->id), INT(now_ms), INT(link->expires_at));
	}
	return sqlite_end(g.db, status);
}

enum store_status sqlite_link_end(struct store *store,
				  const struct store_viewer *viewer,
				  const char *id)
{
	struct sqlite_group g = sqlite_group_begin(store, viewer);
	enum store_status status = find_as_owner(&g, id);

	if (status == STORE_OK)
		revoke_links(&g);
	return sqlite_end(g.db, status);
}
