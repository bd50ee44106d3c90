/*
 * Messages that say something, newest first: those that have one of the words,
 * by the index of words, of so many conversations at once, whose finds the
 * server merges; each is looked at for the rest of what is asked.
 *
 * It ends after so many rows or so long. Then, and where there are more finds,
 * next is the newest position that was not looked at, and what was found behind
 * it is given: the search goes on from there. Of each lot of conversations one
 * row is looked at in any case, so that it does go on.
 */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_conversation.h"
#include "mongo_message.h"
#include "mongo_search.h"
#include "mongo_step.h"
#include "store_finds.h"

#define ROWS_A_BATCH 200 /* that the server sends at once */
/* A server merges up to 200 ranges of an index, and sorts what is of more. */
#define PLACES_AT_ONCE 100

#define ID_FIRST "000000000000000000000000"

/* A conversation, and what the viewer sees of it. */
struct search_place {
	char id[ID_SIZE];
	char newest[ID_SIZE]; /* its newest message */
	int64_t first;
};

struct searching {
	struct mongo_db *db;
	const struct store_viewer *viewer;
	struct store_finds finds;
	char before[ID_SIZE]; /* with it */
	char token[MONGO_TOKEN_SIZE];
	struct search_place *places; /* newest first */
	size_t place_count;
	int64_t rows, deadline_ms;
};

/* ---- where ---- */

/* If the viewer is in it. Operators search no support by their role: each look
 * at it is written down. */
static void place_add(struct searching *s, const struct mongo_conversation *c)
{
	const struct store_viewer viewer = {s->viewer->id, ROLE_USER};
	struct search_place *place = &s->places[s->place_count];

	place->first = c->last_seq > 0 ? mongo_sight(s->db, c, &viewer) : 0;
	if (place->first == 0)
		return;
	memcpy(place->id, c->id, ID_SIZE);
	memcpy(place->newest, c->last_id, ID_SIZE);
	s->place_count++;
}

static void place_add_by_id(struct searching *s, const char *id)
{
	struct mongo_conversation c;

	if (mongo_conversation_find(s->db, id, &c))
		place_add(s, &c);
	mongo_conversation_done(&c);
}

static int place_newest_first(const void *one, const void *other)
{
	const struct search_place *a = one, *b = other;

	return strcmp(b->newest, a->newest);
}

static void place_add_all(struct searching *s)
{
	const char *user = s->viewer->id;
	struct mongo_rows rows = mongo_find(
		s->db, IN_CONVERSATION,
		&(struct mongo_find){
			.filter = DOC(ID("members.u", user)),
			.fields = DOC(INT("kind", 1), INT("last", 1),
				      SUB("members",
					  SUB("$elemMatch", ID("u", user)))),
			.sort = DOC(INT("at", -1)),
			.limit = LIMIT_CONVERSATIONS,
		});

	while (s->place_count < LIMIT_CONVERSATIONS && mongo_next(&rows)) {
		struct mongo_conversation c = {.title = NULL};

		mongo_conversation_read(rows.row, &c);
		place_add(s, &c);
		mongo_conversation_done(&c);
	}
	mongo_close(&rows);
	if (s->db->lobby)
		place_add_by_id(s, ID_LOBBY);
	if (s->place_count > 1)
		qsort(s->places, s->place_count, sizeof(*s->places),
		      place_newest_first);
}

/* ---- what is found ---- */

static bool is_over(const struct searching *s)
{
	return s->rows >= SEARCH_ROWS ||
	       (s->rows >= SEARCH_LEAST && s->rows % SEARCH_ROWS_A_LOOK == 0 &&
		clock_mono_ms() >= s->deadline_ms);
}

static bool is_wanted(const struct searching *s, const bson_t *row,
		      int64_t first)
{
	char sender[ID_SIZE];
	bool own;

	mongo_read_id(row, "sender", sender);
	own = strcmp(sender, s->viewer->id) == 0;
	return mongo_read_int(row, "seq") >= first &&
	       store_finds_wants(&s->finds, s->viewer, sender,
				 mongo_read_int(row, "hidden") != 0,
				 mongo_message_content(row, own, NULL));
}

static const struct search_place *place_of(const struct search_place *places,
					   size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(places[i].id, id) == 0)
			return &places[i];
	}
	return NULL;
}

/* False: enough of them. */
static bool look_at(struct searching *s, const struct search_place *places,
		    size_t count, const bson_t *row, bool at_first)
{
	const struct search_place *in;
	struct store_find find = {.place = 0};
	char conversation[ID_SIZE];

	mongo_read_id(row, "_id", find.id);
	if (store_finds_has_newer(&s->finds, find.id) ||
	    (!at_first && is_over(s))) {
		store_finds_leave_out(&s->finds, find.id);
		return false;
	}
	s->rows++;
	mongo_read_id(row, "c", conversation);
	in = place_of(places, count, conversation);
	find.in = in;
	if (in != NULL && is_wanted(s, row, in->first))
		store_finds_add(&s->finds, &find);
	return true;
}

static struct mongo_rows rows_with_word(struct searching *s,
					const struct search_place *places,
					size_t count)
{
	int64_t left = SEARCH_ROWS - s->rows;
	const char *ids[PLACES_AT_ONCE];

	for (size_t i = 0; i < count; i++)
		ids[i] = places[i].id;
	return mongo_find(
		s->db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(SUB("c", IDS("$in", ids, count)),
				      TEXT("words", s->token),
				      SUB("_id", ID("$gte", ID_FIRST),
					  ID("$lte", s->before))),
			.fields =
				DOC(INT("c", 1), INT("seq", 1),
				    INT("sender", 1), INT("hidden", 1),
				    INT("content", 1), INT("hiddenContent", 1)),
			.sort = DOC(INT("_id", -1)),
			/* One, and one to tell that it is left out. */
			.limit = (size_t)(left > 1 ? left : 1) + 1,
			.batch = ROWS_A_BATCH,
			.hint = "words",
		});
}

static void look_in(struct searching *s, const struct search_place *places,
		    size_t count)
{
	struct mongo_rows rows = rows_with_word(s, places, count);
	bool at_first = true;

	while (mongo_next(&rows) &&
	       look_at(s, places, count, rows.row, at_first))
		at_first = false;
	mongo_close(&rows);
}

static void look_in_all(struct searching *s)
{
	for (size_t i = 0; i < s->place_count && !s->db->failed;
	     i += PLACES_AT_ONCE) {
		size_t count = s->place_count - i;

		if (store_finds_has_newer(&s->finds, s->places[i].newest))
			return;
		look_in(s, &s->places[i],
			count < PLACES_AT_ONCE ? count : PLACES_AT_ONCE);
	}
}

/* ---- what is given ---- */

/* As it is by now, if it still says that. */
static bool give_find(struct searching *s, const struct store_find *find,
		      const bson_t *row, store_each_message *each,
		      void *context)
{
	const struct search_place *in = find->in;
	struct mongo_conversation c;
	bool on = true;

	if (!mongo_conversation_find(s->db, in->id, &c))
		return true;
	if (c.last_seq < mongo_read_int(row, "seq"))
		mongo_step_mend(s->db, &c);
	if (is_wanted(s, row, 1))
		on = mongo_message_give(s->db, &c, s->viewer, row, each,
					context);
	mongo_conversation_done(&c);
	return on;
}

static const bson_t *row_of(bson_t *const *rows, size_t count, const char *id)
{
	char other[ID_SIZE];

	for (size_t i = 0; i < count; i++) {
		mongo_read_id(rows[i], "_id", other);
		if (strcmp(id, other) == 0)
			return rows[i];
	}
	return NULL;
}

/* The rows of the first of them, in any order. */
static size_t read_finds(struct searching *s, size_t count, bson_t **out)
{
	const char **ids = xcalloc(count + 1, sizeof(*ids));
	struct mongo_rows rows;
	size_t read = 0;

	for (size_t i = 0; i < count; i++)
		ids[i] = s->finds.find[i].id;
	rows = mongo_find(
		s->db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", IDS("$in", ids, count)))});
	while (read < count && mongo_next(&rows))
		out[read++] = bson_copy(rows.row);
	mongo_close(&rows);
	free(ids);
	return read;
}

static void give_finds(struct searching *s, store_each_message *each,
		       void *context)
{
	size_t count = store_finds_end(&s->finds), read = 0;
	bson_t **rows = xcalloc(count + 1, sizeof(bson_t *));
	bool on = true;

	if (count > 0)
		read = read_finds(s, count, rows);
	for (size_t i = 0; i < count && on; i++) {
		const bson_t *row = row_of(rows, read, s->finds.find[i].id);

		if (row != NULL)
			on = give_find(s, &s->finds.find[i], row, each,
				       context);
	}
	while (read > 0)
		bson_destroy(rows[--read]);
	free(rows);
}

static enum store_status search_run(struct searching *s,
				    store_each_message *each, void *context)
{
	if (s->finds.search->conversation == NULL)
		place_add_all(s);
	else
		place_add_by_id(s, s->finds.search->conversation);
	if (s->finds.search->conversation != NULL && s->place_count == 0)
		return STORE_NOT_FOUND;
	look_in_all(s);
	give_finds(s, each, context);
	return STORE_OK;
}

enum store_status mongo_search(struct store *store,
			       const struct store_viewer *viewer,
			       struct store_search *search,
			       store_each_message *each, void *context)
{
	struct searching s = {
		.db = mongo_begin(store, ACCESS_READ),
		.viewer = viewer,
		.places = xcalloc(LIMIT_CONVERSATIONS + 1, sizeof(*s.places)),
		.deadline_ms = clock_mono_ms() + SEARCH_MS,
	};
	enum store_status status;

	store_finds_init(&s.finds, search);
	memcpy(s.before, search->before != NULL ? search->before : SEARCH_LAST,
	       ID_SIZE);
	mongo_token_of_terms(search->terms, s.token);
	status = mongo_end(s.db, search_run(&s, each, context));
	free(s.places);
	store_finds_done(&s.finds);
	return status;
}
