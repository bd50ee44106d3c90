#include "sqlite_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void sqlite_search_until(struct sqlite_db *db, char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT value FROM meta WHERE key = 'search_until'";
	struct query q = QUERY(db, sql);

	snprintf(out, ID_SIZE, "%s",
		 query_row(&q) ? query_text(&q, 0)
			       : "000000000000000000000000");
	query_close(&q);
}

/* What the index has of a message; NULL: nothing. The caller frees it. */
static char *search_words_of(struct sqlite_db *db, int64_t place)
{
	static const char sql[] =
		"SELECT m.id, m.content FROM message m"
		" JOIN conversation c ON c.n = m.n WHERE m.place = ?"
		" AND m.kind < 2 AND m.deleted = 0 AND m.erased <> 1"
		" AND c.kind <> 3";
	struct query q = QUERY(db, sql, INT(place));
	char id[ID_SIZE], until[ID_SIZE];
	char *words = NULL;

	if (query_row(&q)) {
		query_id(&q, 0, id);
		sqlite_search_until(db, until);
		if (strcmp(id, until) <= 0)
			words = text_words(query_text(&q, 1));
	}
	query_close(&q);
	return words;
}

void sqlite_search_drop(struct sqlite_db *db, int64_t place)
{
	static const char sql[] = "INSERT INTO search (search, rowid, words)"
				  " VALUES ('delete', ?, ?)";
	static const char note[] =
		"INSERT OR IGNORE INTO meta VALUES ('search_dropped', '0')";
	char *words = search_words_of(db, place);

	if (words != NULL) {
		QUERY_RUN(db, sql, INT(place), TEXT(words));
		QUERY_RUN(db, note);
	}
	free(words);
}

void sqlite_search_add(struct sqlite_db *db, int64_t place)
{
	static const char sql[] =
		"INSERT INTO search (rowid, words) VALUES (?, ?)";
	char *words = search_words_of(db, place);

	if (words != NULL)
		QUERY_RUN(db, sql, INT(place), TEXT(words));
	free(words);
}
