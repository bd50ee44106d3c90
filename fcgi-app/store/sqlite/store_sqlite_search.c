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

#include "clock.h"
#include "sqlite_scope.h"
#include "sqlite_schema.h"
#include "sqlite_search.h"
#include "store_finds.h"

#define SEARCH_TAIL 2000
/* So many messages at once, so that one question of the index is short. */
#define SEARCH_SPAN 20000
/* So many messages of the index are looked at as one row is. */
#define SPAN_A_ROW 200

struct searching {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_search *search;
	struct store_finds finds;
	char until[ID_SIZE]; /* indexed */
	char *match;	     /* what FTS5 is asked for */
	struct sqlite_scope scope;
	int64_t rows_left, work, deadline_ms;
};

/* ---- what is found ---- */

static bool is_over(struct searching *s)
{
	return s->rows_left <= 0 ||
	       (s->work > SEARCH_LEAST && clock_mono_ms() >= s->deadline_ms);
}

/* id, place, sender, hidden, content, hidden_content: of what may be a find */
#define FOUND_COLUMNS                                                          \
	"m.id, m.place, m.sender, m.hidden, m.content, m.hidden_content"
#define FOUND_SOME " m.kind < 2 AND m.deleted = 0 AND m.erased <> 1"

static void look_at_row(struct searching *s, struct query *q,
			struct sqlite_scope_part *in)
{
	struct store_find find = {.place = query_int(q, 1), .in = in};
	char sender[ID_SIZE];
	bool aside;

	s->rows_left--;
	s->work++;
	query_id(q, 0, find.id);
	query_id(q, 2, sender);
	aside = strcmp(sender, s->viewer->id) == 0 && !query_is_null(q, 5);
	if ((find.place & SQLITE_SEQ_MAX) >=
		    sqlite_scope_first(&s->scope, in) &&
	    in->first != 0 &&
	    store_finds_wants(&s->finds, s->viewer, sender,
			      query_int(q, 3) != 0,
			      query_text(q, aside ? 5 : 4)))
		store_finds_add(&s->finds, &find);
}

/* ---- what is not indexed yet ---- */

static void look_at_tail(struct searching *s)
{
	static const char sql[] = "SELECT " FOUND_COLUMNS "," FOUND_SOME
				  " FROM message m WHERE m.id > ? AND m.id <= ?"
				  " ORDER BY m.id DESC LIMIT ?";
	struct query q = QUERY(s->db, sql, ID(s->until), ID(s->scope.before),
			       INT(SEARCH_TAIL + 1));
	char id[ID_SIZE];

	for (int i = 0; query_row(&q); i++) {
		struct sqlite_scope_part *in = sqlite_scope_find(
			&s->scope, query_int(&q, 1) >> SQLITE_SEQ_BITS);

		query_id(&q, 0, id);
		if (i == SEARCH_TAIL || store_finds_has_newer(&s->finds, id)) {
			store_finds_leave_out(&s->finds, id);
			break;
		}
		if (in != NULL && in->c.kind != CONVERSATION_LOBBY &&
		    query_int(&q, 6) != 0)
			look_at_row(s, &q, in);
	}
	query_close(&q);
}

/* ---- a conversation ---- */

/* False: enough of it. */
static bool look_at_found(struct searching *s, struct sqlite_scope_part *in,
			  int64_t place)
{
	static const char sql[] = "SELECT " FOUND_COLUMNS " FROM message m"
				  " WHERE m.place = ? AND" FOUND_SOME;
	struct query q = QUERY(s->db, sql, INT(place));
	char id[ID_SIZE];
	bool on = true;

	if (query_row(&q)) {
		query_id(&q, 0, id);
		on = !store_finds_has_newer(&s->finds, id) &&
		     (s->rows_left % SEARCH_ROWS_A_LOOK != 0 || !is_over(s));
		if (on)
			look_at_row(s, &q, in);
		else
			store_finds_leave_out(&s->finds, id);
	}
	query_close(&q);
	return on;
}

static bool look_at_span(struct searching *s, struct sqlite_scope_part *in,
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

/* An index that holds nothing may be damaged. */
static bool search_can_ask(const struct searching *s,
			   const struct sqlite_scope_part *in)
{
	return in->c.kind == CONVERSATION_LOBBY ||
	       strcmp(s->until, SEARCH_NOTHING) != 0;
}

static void look_in(struct searching *s, struct sqlite_scope_part *in)
{
	int64_t first =
		sqlite_place_of(in->c.n, sqlite_scope_first(&s->scope, in));
	int64_t from = in->last - SEARCH_SPAN + 1;

	if (from < first)
		from = first;
	s->work += 1 + (in->last - from) / SPAN_A_ROW;
	if (in->first > 0 && in->last >= from && search_can_ask(s, in) &&
	    look_at_span(s, in, from, in->last) && from > first)
		sqlite_scope_go_to(&s->scope, in, from - 1);
	else
		in->newest[0] = '\0';
}

static void look_everywhere(struct searching *s)
{
	struct sqlite_scope_part *next;

	sqlite_scope_order(&s->scope);
	while ((next = sqlite_scope_next(&s->scope)) != NULL) {
		if (store_finds_has_newer(&s->finds, next->newest) ||
		    is_over(s)) {
			store_finds_leave_out(&s->finds, next->newest);
			break;
		}
		look_in(s, next);
	}
}

/* ---- all of it ---- */

static void give_find(struct searching *s, const struct store_find *find,
		      store_each_message *each, void *context)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		MESSAGE_COLUMNS) " FROM message m WHERE m.place = ?";
	const struct sqlite_scope_part *in = find->in;
	struct query q = QUERY(s->db, sql, INT(find->place));
	struct store_message message;

	if (query_row(&q)) {
		sqlite_message_seen(&q, 0, &in->c, s->viewer, &message);
		each(&message, context);
	}
	query_close(&q);
}

static void give_finds(struct searching *s, store_each_message *each,
		       void *context)
{
	size_t count = store_finds_end(&s->finds);

	for (size_t i = 0; i < count; i++)
		give_find(s, &s->finds.find[i], each, context);
}

static enum store_status search_run(struct searching *s,
				    store_each_message *each, void *context)
{
	if (s->search->conversation == NULL)
		sqlite_scope_add_all(&s->scope);
	else if (!sqlite_scope_add(&s->scope, s->search->conversation))
		return STORE_NOT_FOUND;
	sqlite_search_until(s->db, s->until);
	look_at_tail(s);
	s->work = 0; /* so that it does go on */
	look_everywhere(s);
	give_finds(s, each, context);
	return STORE_OK;
}

static enum store_status search_once(struct store *store,
				     const struct store_viewer *viewer,
				     struct store_search *search,
				     store_each_message *each, void *context)
{
	struct searching s = {
		.viewer = viewer,
		.search = search,
		.scope = {.viewer = {viewer->id, ROLE_USER}},
		.match = sqlite_search_match(search->terms),
		.rows_left = SEARCH_ROWS,
		.deadline_ms = clock_mono_ms() + SEARCH_MS,
	};
	enum store_status status;

	store_finds_init(&s.finds, search);
	memcpy(s.scope.before,
	       search->before != NULL ? search->before : SEARCH_LAST, ID_SIZE);
	s.db = s.scope.db = sqlite_begin(store, ACCESS_READ);
	status = sqlite_end(s.db, search_run(&s, each, context));
	store_finds_done(&s.finds);
	sqlite_scope_done(&s.scope);
	free(s.match);
	return status;
}

/* Who meets a damaged index finds what can be found without it. */
enum store_status sqlite_search(struct store *store,
				const struct store_viewer *viewer,
				struct store_search *search,
				store_each_message *each, void *context)
{
	enum store_status status =
		search_once(store, viewer, search, each, context);

	if (status != STORE_UNAVAILABLE || !store_sqlite_db(store)->index_noted)
		return status;
	search->next[0] = '\0';
	return search_once(store, viewer, search, each, context);
}
