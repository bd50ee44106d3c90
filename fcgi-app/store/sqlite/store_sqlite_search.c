/*
 * Messages that say something, newest first. What is indexed is asked for in
 * each conversation by itself, whose messages are one range of the index, a
 * span at a time, of whichever has the newest that was not looked at: soon no
 * other can have a newer find, and where it ends nothing newer was left out.
 * What is not indexed yet, and the lobby, is looked through.
 *
 * It ends after so many rows or so long. Then, and where there are more finds,
 * next is the newest position up to which something was not looked at, and what
 * was found behind it is given: the search goes on from there.
 */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "mem.h"
#include "sqlite_members.h"
#include "sqlite_schema.h"
#include "sqlite_search.h"
#include "store_search.h"

#define SEARCH_MS 80
#define SEARCH_ROWS 5000
#define SEARCH_TAIL 2000
/* So many messages at once, so that one question of the index is short. */
#define SEARCH_SPAN 20000
#define ROWS_A_LOOK 64 /* at the clock */
/* So much is looked at however long it takes: rows, and messages of the index,
 * of which so many are as one. */
#define SEARCH_LEAST 150
#define SPAN_A_ROW 200

#define ID_LAST "ffffffffffffffffffffffff"

/* A conversation, what the viewer sees of it, and its newest message that was
 * not looked at yet. */
struct place_to_look {
	struct sqlite_conversation c;
	int64_t first; /* 0: nothing */
	int64_t last;
	char newest[ID_SIZE]; /* empty: there is none */
};

struct find {
	char id[ID_SIZE];
	int64_t place;
	const struct place_to_look *in;
};

struct searching {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	struct store_search *search;
	char before[ID_SIZE];		       /* with it */
	char until[ID_SIZE];		       /* indexed */
	char *match;			       /* what FTS5 is asked for */
	struct place_to_look *places, **order; /* newest first */
	size_t place_count, place_cap;
	struct find *finds; /* newest first; one more than are wanted */
	size_t find_count;
	int64_t rows_left, work, deadline_ms;
};

/* ---- what is asked for ---- */

/* The bytes of so many code points. */
static size_t bytes_of(const char *word, size_t points)
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
static void match_add_beginning(struct buf *out, const char *word)
{
	size_t four = bytes_of(word, 4);
	size_t len = bytes_of(word, 3) < four ? four : bytes_of(word, 2);

	buf_add(out, "\"", 1);
	buf_add(out, word, len);
	buf_add(out, "\"* ", 3);
}

/* " a b " or, with a beginning, " a b". */
static void match_add(struct buf *out, const char *term)
{
	size_t len = strlen(term);
	const char *last = strrchr(term, ' ') + 1;

	if (*last == '\0' || last > term + 1) {
		buf_add(out, "\"", 1);
		buf_add(out, term, *last == '\0' ? len : (size_t)(last - term));
		buf_add(out, "\" ", 2);
	}
	if (*last != '\0')
		match_add_beginning(out, last);
}

/* All of them, as blanks say; it has no sign of FTS5's but those put here. */
static char *match_of(const struct store_terms *terms)
{
	struct buf out;
	char *match;

	buf_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < terms->count; i++)
		match_add(&out, terms->term[i]);
	buf_add(&out, "", 1);
	match = xstrdup(out.data);
	buf_done(&out);
	return match;
}

/* ---- where ---- */

static struct place_to_look *places_add(struct searching *s)
{
	if (s->place_count == s->place_cap) {
		s->place_cap = s->place_cap > 0 ? 2 * s->place_cap : 16;
		s->places =
			xrealloc(s->places, s->place_cap * sizeof(*s->places));
	}
	return &s->places[s->place_count++];
}

/* By id, if the viewer is in it. Operators search no support by their role:
 * each look at it is written down. */
static bool places_add_one(struct searching *s, const char *id)
{
	const struct store_viewer viewer = {s->viewer->id, ROLE_USER};
	struct place_to_look *one = places_add(s);

	if (sqlite_conversation_find(s->db, id, &one->c))
		one->first = sqlite_sight(s->db, &one->c, &viewer);
	else
		one->first = 0;
	memcpy(one->newest, ID_LAST, ID_SIZE);
	if (one->first == 0)
		s->place_count--;
	return one->first > 0;
}

static void places_add_all(struct searching *s)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		CONVERSATION_COLUMNS) ", m.id, m.place FROM inbox i"
				      " JOIN conversation c"
				      "  ON c.id = i.conversation" JOIN_NEWEST
				      " WHERE i.user_id = ? AND m.id NOT NULL"
				      " ORDER BY m.id DESC LIMIT ?";
	struct query q =
		QUERY(s->db, sql, ID(s->viewer->id), INT(LIMIT_CONVERSATIONS));

	while (query_row(&q)) {
		struct place_to_look *one = places_add(s);

		sqlite_conversation_row(&q, 0, &one->c);
		query_id(&q, CONVERSATION_COLUMN_COUNT, one->newest);
		one->c.last_seq = query_int(&q, CONVERSATION_COLUMN_COUNT + 1) &
				  SQLITE_SEQ_MAX;
		one->first = -1; /* not looked at yet */
	}
	if (s->db->lobby)
		places_add_one(s, ID_LOBBY);
}

static int64_t place_first(struct searching *s, struct place_to_look *one)
{
	const struct store_viewer viewer = {s->viewer->id, ROLE_USER};

	if (one->first < 0)
		one->first = sqlite_sight(s->db, &one->c, &viewer);
	return one->first;
}

/* ---- what is found ---- */

/* Something up to there was not looked at. */
static void leave_out(struct searching *s, const char *id)
{
	if (strcmp(id, s->search->next) > 0)
		memcpy(s->search->next, id, ID_SIZE);
}

/* There are as many that are newer. */
static bool has_newer(const struct searching *s, const char *id)
{
	return s->find_count > s->search->limit &&
	       strcmp(s->finds[s->search->limit].id, id) > 0;
}

static bool is_over(struct searching *s)
{
	return s->rows_left <= 0 ||
	       (s->work > SEARCH_LEAST && clock_mono_ms() >= s->deadline_ms);
}

static void finds_add(struct searching *s, const char *id, int64_t place,
		      const struct place_to_look *in)
{
	size_t at = s->find_count;

	while (at > 0 && strcmp(s->finds[at - 1].id, id) < 0)
		at--;
	if (s->find_count <= s->search->limit)
		s->find_count++;
	else if (at == s->find_count)
		return;
	memmove(&s->finds[at + 1], &s->finds[at],
		(s->find_count - 1 - at) * sizeof(s->finds[0]));
	s->finds[at] = (struct find){.place = place, .in = in};
	memcpy(s->finds[at].id, id, ID_SIZE);
}

/* id, place, sender, hidden, content: of what may be a find */
#define FOUND_COLUMNS "m.id, m.place, m.sender, m.hidden, m.content"
#define FOUND_SOME " m.kind < 2 AND m.deleted = 0 AND m.erased <> 1"

static void look_at_row(struct searching *s, struct query *q,
			struct place_to_look *in)
{
	char id[ID_SIZE], sender[ID_SIZE];
	int64_t place = query_int(q, 1);

	s->rows_left--;
	s->work++;
	query_id(q, 0, id);
	query_id(q, 2, sender);
	if ((place & SQLITE_SEQ_MAX) < place_first(s, in) || in->first == 0 ||
	    (query_int(q, 3) != 0 && strcmp(sender, s->viewer->id) != 0) ||
	    (s->search->from != NULL && strcmp(sender, s->search->from) != 0))
		return;
	if (store_terms_match(s->search->terms, query_text(q, 4)))
		finds_add(s, id, place, in);
}

/* The position of the newest message of a range. */
static void position_at(struct searching *s, int64_t first, int64_t last,
			char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT id FROM message WHERE place BETWEEN ? AND ?"
		" ORDER BY place DESC LIMIT 1";
	struct query q = QUERY(s->db, sql, INT(first), INT(last));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

/* ---- what is not indexed yet ---- */

static struct place_to_look *place_of(struct searching *s, int64_t n)
{
	for (size_t i = 0; i < s->place_count; i++) {
		if (s->places[i].c.n == n)
			return &s->places[i];
	}
	return NULL;
}

static void look_at_tail(struct searching *s)
{
	static const char sql[] = "SELECT " FOUND_COLUMNS "," FOUND_SOME
				  " FROM message m WHERE m.id > ? AND m.id <= ?"
				  " ORDER BY m.id DESC LIMIT ?";
	struct query q = QUERY(s->db, sql, ID(s->until), ID(s->before),
			       INT(SEARCH_TAIL + 1));
	char id[ID_SIZE];

	for (int i = 0; query_row(&q); i++) {
		struct place_to_look *in =
			place_of(s, query_int(&q, 1) >> SQLITE_SEQ_BITS);

		query_id(&q, 0, id);
		if (i == SEARCH_TAIL || has_newer(s, id)) {
			leave_out(s, id);
			break;
		}
		if (in != NULL && in->c.kind != CONVERSATION_LOBBY &&
		    query_int(&q, 5) != 0)
			look_at_row(s, &q, in);
	}
	query_close(&q);
}

/* ---- a conversation ---- */

/* The last place of what is not behind `before`; below the first: none. */
static int64_t place_last(struct searching *s, const struct place_to_look *one)
{
	int64_t first = sqlite_place_of(one->c.n, 1);
	int64_t low = first - 1;
	int64_t high = sqlite_place_of(one->c.n, one->c.last_seq);
	char id[ID_SIZE];

	if (strcmp(one->newest, s->before) <= 0)
		return high;
	while (low < high) {
		int64_t middle = low + (high - low + 1) / 2;

		position_at(s, first, middle, id);
		if (strcmp(id, s->before) <= 0)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Nothing behind that place is looked at any more. */
static void place_go_to(struct searching *s, struct place_to_look *one,
			int64_t last)
{
	one->last = last;
	position_at(s, sqlite_place_of(one->c.n, 1), last, one->newest);
}

/* False: enough of it. */
static bool look_at_found(struct searching *s, struct place_to_look *in,
			  int64_t place)
{
	static const char sql[] = "SELECT " FOUND_COLUMNS " FROM message m"
				  " WHERE m.place = ? AND" FOUND_SOME;
	struct query q = QUERY(s->db, sql, INT(place));
	char id[ID_SIZE];
	bool on = true;

	if (query_row(&q)) {
		query_id(&q, 0, id);
		on = !has_newer(s, id) &&
		     (s->rows_left % ROWS_A_LOOK != 0 || !is_over(s));
		if (on)
			look_at_row(s, &q, in);
		else
			leave_out(s, id);
	}
	query_close(&q);
	return on;
}

static bool look_at_span(struct searching *s, struct place_to_look *in,
			 int64_t first, int64_t last)
{
	static const char index[] =
		"SELECT rowid FROM search WHERE search MATCH ?"
		" AND rowid BETWEEN ? AND ? ORDER BY rowid DESC";
	static const char lobby[] =
		"SELECT place FROM message WHERE ? NOT NULL"
		" AND place BETWEEN ? AND ? ORDER BY place DESC";
	struct query q =
		QUERY(s->db, in->c.kind == CONVERSATION_LOBBY ? lobby : index,
		      TEXT(s->match), INT(first), INT(last));
	bool on = true;

	while (on && query_row(&q))
		on = look_at_found(s, in, query_int(&q, 0));
	query_close(&q);
	return on;
}

static void look_in(struct searching *s, struct place_to_look *in)
{
	int64_t first = sqlite_place_of(in->c.n, place_first(s, in));
	int64_t from = in->last - SEARCH_SPAN + 1;

	if (from < first)
		from = first;
	s->work += 1 + (in->last - from) / SPAN_A_ROW;
	if (in->first > 0 && in->last >= from &&
	    look_at_span(s, in, from, in->last) && from > first)
		place_go_to(s, in, from - 1);
	else
		in->newest[0] = '\0';
}

static int places_compare(const void *a, const void *b)
{
	const struct place_to_look *const *one = a, *const *other = b;

	return strcmp((*other)->newest, (*one)->newest);
}

static void places_order(struct searching *s)
{
	s->order = xcalloc(s->place_count + 1, sizeof(struct place_to_look *));
	for (size_t i = 0; i < s->place_count; i++) {
		struct place_to_look *one = &s->places[i];
		int64_t last = place_last(s, one);

		if (strcmp(one->newest, s->before) >= 0)
			place_go_to(s, one, last);
		one->last = last;
		s->order[i] = one;
	}
	qsort(s->order, s->place_count, sizeof(struct place_to_look *),
	      places_compare);
}

/* Whose newest was the newest has been looked at. */
static void places_order_first(struct searching *s)
{
	struct place_to_look *one = s->order[0];
	size_t at = 0;

	for (; at + 1 < s->place_count &&
	       strcmp(one->newest, s->order[at + 1]->newest) < 0;
	     at++)
		s->order[at] = s->order[at + 1];
	s->order[at] = one;
}

static void look_everywhere(struct searching *s)
{
	places_order(s);
	while (s->place_count > 0 && s->order[0]->newest[0] != '\0') {
		const char *newest = s->order[0]->newest;

		if (has_newer(s, newest) || is_over(s)) {
			leave_out(s, newest);
			break;
		}
		look_in(s, s->order[0]);
		places_order_first(s);
	}
	free(s->order);
}

/* ---- all of it ---- */

static void give_find(struct searching *s, const struct find *find,
		      store_each_message *each, void *context)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		MESSAGE_COLUMNS) " FROM message m WHERE m.place = ?";
	struct query q = QUERY(s->db, sql, INT(find->place));
	struct store_message message;

	if (query_row(&q)) {
		sqlite_message_seen(&q, 0, &find->in->c, s->viewer, &message);
		each(&message, context);
	}
	query_close(&q);
}

static void give_finds(struct searching *s, store_each_message *each,
		       void *context)
{
	if (s->find_count > s->search->limit)
		leave_out(s, s->finds[s->search->limit].id);
	for (size_t i = 0; i < s->find_count && i < s->search->limit; i++) {
		if (strcmp(s->finds[i].id, s->search->next) > 0)
			give_find(s, &s->finds[i], each, context);
	}
}

static enum store_status search_run(struct searching *s,
				    store_each_message *each, void *context)
{
	if (s->search->conversation == NULL)
		places_add_all(s);
	else if (!places_add_one(s, s->search->conversation))
		return STORE_NOT_FOUND;
	sqlite_search_until(s->db, s->until);
	look_at_tail(s);
	s->work = 0; /* so that it does go on */
	look_everywhere(s);
	give_finds(s, each, context);
	return STORE_OK;
}

enum store_status sqlite_search(struct store *store,
				const struct store_viewer *viewer,
				struct store_search *search,
				store_each_message *each, void *context)
{
	struct searching s = {
		.viewer = viewer,
		.search = search,
		.match = match_of(search->terms),
		.finds = xcalloc(search->limit + 2, sizeof(*s.finds)),
		.rows_left = SEARCH_ROWS,
		.deadline_ms = clock_mono_ms() + SEARCH_MS,
	};
	enum store_status status;

	memcpy(s.before, search->before != NULL ? search->before : ID_LAST,
	       ID_SIZE);
	s.db = sqlite_begin(store, ACCESS_READ);
	status = sqlite_end(s.db, search_run(&s, each, context));
	free(s.finds);
	free(s.places);
	free(s.match);
	return status;
}
