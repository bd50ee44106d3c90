#include "sqlite_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "text.h"

void sqlite_search_until(struct sqlite_db *db, char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT value FROM meta WHERE key = 'search_until' AND NOT"
		" EXISTS (SELECT 1 FROM meta WHERE key = 'search_damaged')";
	struct query q = QUERY(db, sql);

	snprintf(out, ID_SIZE, "%s",
		 query_row(&q) ? query_text(&q, 0) : SEARCH_NOTHING);
	query_close(&q);
}

/* What the index has of a message; NULL: nothing. The caller frees it. */
static char *search_words_of(struct sqlite_db *db, int64_t place)
{
	static const char sql[] =
		"SELECT m.id, " SEARCH_TEXT " FROM message m"
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

/* ---- what is asked for ---- */

/* The bytes of so many code points. */
static size_t search_bytes_of(const char *word, size_t points)
{
	size_t len = 0;

	while (word[len] != '\0') {
		if (((unsigned char)word[len] & 0xc0) != 0x80 && points-- == 0)
			break;
		len++;
	}
	return len;
}

/* The index has the beginnings of two and of four signs: which of them this
 * one is, or begins with. Rows are looked at for the rest. */
static void search_add_beginning(struct buf *out, const char *word)
{
	size_t four = search_bytes_of(word, 4);
	size_t len = search_bytes_of(word, 3) < four ? four
						     : search_bytes_of(word, 2);

	buf_add(out, "\"", 1);
	buf_add(out, word, len);
	buf_add(out, "\"* ", 3);
}

/* " a b " or, with a beginning, " a b". */
static void search_add(struct buf *out, const char *term)
{
	size_t len = strlen(term);
	const char *last = strrchr(term, ' ') + 1;

	if (*last == '\0' || last > term + 1) {
		buf_add(out, "\"", 1);
		buf_add(out, term, *last == '\0' ? len : (size_t)(last - term));
		buf_add(out, "\" ", 2);
	}
	if (*last != '\0')
		search_add_beginning(out, last);
}

/* All terms, as blanks say; it has no sign of FTS5's but those put here. */
char *sqlite_search_match(const struct store_terms *terms)
{
	struct buf out;
	char *match;

	buf_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < terms->count; i++)
		search_add(&out, terms->term[i]);
	buf_add(&out, "", 1);
	match = xstrdup(out.data);
	buf_done(&out);
	return match;
}
