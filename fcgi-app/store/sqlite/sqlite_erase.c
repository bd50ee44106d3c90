#include "sqlite_erase.h"

#include <stdlib.h>
#include <string.h>

#include "sqlite_reactions.h"
#include "sqlite_schema.h"
#include "sqlite_search.h"
#include "store_forget.h"

/* A message in which there may be something. */
struct found {
	int64_t place;
	bool own, system;
	bool splits;		  /* they are an edit that was hidden */
	char *content, *mentions; /* borrowed from its row */
};

/* ---- what is changed ---- */

static void erase_own(struct sqlite_db *db, int64_t place)
{
	static const char sql[] =
		"UPDATE message SET erased = 1, content = '', sender_name = '',"
		" client_id = NULL, request_hash = NULL, attachment = NULL,"
		" mentions = NULL, hidden_content = NULL,"
		" hidden_mentions = NULL, shown_edited = 0 WHERE place = ?";
	static const char detach[] = "DELETE FROM attached WHERE place = ?";

	QUERY_RUN(db, detach, INT(place));
	sqlite_reactions_drop(db, place);
	sqlite_search_drop(db, place);
	QUERY_RUN(db, sql, INT(place));
}

static void erase_name(struct sqlite_db *db, int64_t place)
{
	static const char sql[] = "UPDATE message SET erased = 2,"
				  " sender_name = '' WHERE place = ?";

	QUERY_RUN(db, sql, INT(place));
}

static void write_texts(struct sqlite_db *db, int64_t place,
			const char *content, const char *mentions)
{
	static const char sql[] =
		"UPDATE message SET erased = 2, content = ?, mentions = ?,"
		" hidden_content = NULL, hidden_mentions = NULL,"
		" shown_edited = 0 WHERE place = ?";

	sqlite_search_drop(db, place);
	QUERY_RUN(db, sql, TEXT(content), TEXT(mentions), INT(place));
	sqlite_search_add(db, place);
}

/* An edit that was hidden from whoever is gone takes the place of what they
 * saw, which may name them. */
static void erase_in(struct sqlite_db *db, const struct found *found,
		     const char *user)
{
	char *content = NULL, *mentions = NULL;

	if (found->system)
		content = store_forget_in_system(found->content, user,
						 found->own);
	else if (found->mentions != NULL)
		store_forget_mentions(found->content, found->mentions, user,
				      &content, &mentions);
	if (content != NULL)
		write_texts(db, found->place, content, mentions);
	else if (found->splits)
		write_texts(db, found->place, found->content, found->mentions);
	free(content);
	free(mentions);
}

static void erase_one(struct sqlite_db *db, const struct found *found,
		      const char *user)
{
	if (found->own && !found->system) {
		erase_own(db, found->place);
		return;
	}
	sqlite_reactions_drop_of(db, found->place, user);
	erase_in(db, found, user);
	if (found->own)
		erase_name(db, found->place);
}

static void erase_at(struct sqlite_db *db, int64_t place, const char *user)
{
	static const char sql[] =
		"SELECT sender = ?, kind = 2,"
		" coalesce(hidden_content, content),"
		" iif(hidden_content IS NULL, mentions, hidden_mentions),"
		" hidden_content IS NOT NULL FROM message WHERE place = ?";
	struct query q = QUERY(db, sql, ID(user), INT(place));

	if (query_row(&q)) {
		const struct found found = {
			.place = place,
			.own = query_int(&q, 0) != 0,
			.system = query_int(&q, 1) != 0,
			.content = query_text(&q, 2),
			.mentions = query_text(&q, 3),
			.splits = query_int(&q, 4) != 0,
		};

		erase_one(db, &found, user);
	}
	query_close(&q);
}

void sqlite_erase_found(struct sqlite_db *db, const char *user,
			const struct sqlite_erase_go *go)
{
	for (size_t i = 0; i < go->count; i++)
		erase_at(db, go->found[i], user);
}

/* ---- which ---- */

bool sqlite_erase_has(struct sqlite_db *db, const char *user)
{
	static const char sql[] = "SELECT 1 FROM erased WHERE user_id = ?";

	return QUERY_INT(db, sql, ID(user)) != 0;
}

/* Where this go ends; 0: there is nothing behind. */
static int64_t end_of(struct sqlite_db *db, int64_t place)
{
	static const char nth[] = "SELECT place FROM message WHERE place > ?"
				  " ORDER BY place LIMIT 1 OFFSET ?";
	static const char last[] =
		"SELECT coalesce(max(place), 0) FROM message WHERE place > ?";
	int64_t end =
		QUERY_INT(db, nth, INT(place), INT(SQLITE_ERASE_LOOKED_AT - 1));

	return end != 0 ? end : QUERY_INT(db, last, INT(place));
}

/* All of a direct conversation of theirs, for it is one of theirs whoever
 * wrote. instr() finds their id in what is JSON. */
static struct query query_found(struct sqlite_db *db, const char *user,
				int64_t place, int64_t end)
{
	static const char sql[] =
		"SELECT place FROM message"
		" WHERE place BETWEEN ?2 + 1 AND ?3 AND"
		" (sender = ?1 OR (kind = 2 AND instr(content, ?4) > 0)"
		"  OR (mentions IS NOT NULL AND instr(mentions, ?4) > 0)"
		"  OR (reacted > 0 AND EXISTS (SELECT 1 FROM reaction r"
		"   WHERE r.place = message.place AND r.user_id = ?1))"
		"  OR n IN (SELECT n FROM inbox WHERE user_id = ?1"
		"   AND kind = 0)) ORDER BY place";

	return QUERY(db, sql, ID(user), INT(place), INT(end), TEXT(user));
}

static bool is_at_end(struct sqlite_db *db,
		      const struct sqlite_erase_reach *reach)
{
	static const char sql[] =
		"SELECT 1 FROM message WHERE place BETWEEN ? AND ? LIMIT 1";

	return QUERY_INT(db, sql, INT(reach->place + 1),
			 INT(sqlite_place_of(reach->n, SQLITE_SEQ_MAX))) == 0;
}

void sqlite_erase_look(struct sqlite_db *db, const char *user,
		       const struct sqlite_erase_reach *from,
		       struct sqlite_erase_go *out)
{
	struct sqlite_erase_reach *reach = &out->reach;
	int64_t end = end_of(db, from->place);

	out->count = 0;
	out->more = end != 0;
	*reach = *from;
	if (!out->more)
		return;

	struct query q = query_found(db, user, from->place, end);

	reach->place = end;
	while (query_row(&q)) {
		int64_t place = query_int(&q, 0);
		int64_t n = place >> SQLITE_SEQ_BITS;

		if (reach->n != 0 && n != reach->n) {
			reach->place =
				sqlite_place_of(reach->n, SQLITE_SEQ_MAX);
			break;
		}
		reach->n = n;
		out->found[out->count++] = place;
	}
	query_close(&q);
	/* The rest of it may be behind this go. */
	if (reach->n != 0 &&
	    reach->place < sqlite_place_of(reach->n, SQLITE_SEQ_MAX) &&
	    is_at_end(db, reach))
		reach->place = sqlite_place_of(reach->n, SQLITE_SEQ_MAX);
}
