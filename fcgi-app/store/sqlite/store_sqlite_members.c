/* Who is in a group, page by page. */
#include "sqlite_group.h"

#include <stdlib.h>

/* ?1 words, ?2 the group; ?3 whom they come behind, or NULL. */
#define LISTED                                                                 \
	" FROM member g JOIN user u ON u.id = g.user_id WHERE g.n = ?2"        \
	" AND " SQLITE_HAS_WORDS
#define BEHIND                                                                 \
	" AND (?3 IS NULL OR (1 - g.owner, u.username_folded) >"               \
	"  (SELECT 1 - coalesce(b.owner, 0), a.username_folded FROM user a"    \
	"   LEFT JOIN member b ON b.n = ?2 AND b.user_id = a.id"               \
	"   WHERE a.id = ?3))"

static void each_member(struct query q, store_each_member *each, void *context)
{
	struct store_user user;
	struct store_member member;

	while (query_row(&q)) {
		sqlite_user_shown_row(&q, 0, &user);
		sqlite_member_row(&q, USER_SHOWN_COLUMN_COUNT, &member);
		each(&user, &member, context);
	}
}

static void list_members(struct sqlite_db *db,
			 const struct sqlite_conversation *c,
			 const struct store_members *asked, const char *words,
			 store_each_member *each, void *context,
			 struct store_members_found *found)
{
	static const char count[] = "SELECT count(*)" LISTED;
	static const char page[] =
		"SELECT " COLUMNS_OF(USER_SHOWN_COLUMNS) ", " COLUMNS_OF(
			MEMBER_COLUMNS) LISTED BEHIND
		" ORDER BY g.owner DESC, u.username_folded LIMIT ?4";

	found->total = QUERY_INT(db, count, TEXT(words), INT(c->n));
	each_member(QUERY(db, page, TEXT(words), INT(c->n), ID(asked->after),
			  INT(asked->limit)),
		    each, context);
}

enum store_status sqlite_group_members(struct store *store,
				       const struct store_viewer *viewer,
				       const char *id,
				       const struct store_members *asked,
				       store_each_member *each, void *context,
				       struct store_members_found *found)
{
	struct sqlite_group g = {
		.base = {.viewer = viewer},
		.db = sqlite_begin(store, ACCESS_READ),
	};
	bool all = asked->text == NULL || asked->text[0] == '\0';
	bool seen = sqlite_group_find_own(&g, id);
	char *words = NULL;

	found->owner = seen && g.base.me.owner;
	if (seen && (all || sqlite_words_of(asked->text, &words)))
		list_members(g.db, &g.c, asked, words, each, context, found);
	free(words);
	return sqlite_end_found(g.db, seen);
}
