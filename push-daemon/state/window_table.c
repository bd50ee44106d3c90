#include "window_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "heal.h"
#include "ids.h"
#include "map.h"
#include "mem.h"

#define LOOKS_MAX 2

/*
 * A conversation with holes:
 *
 *     WAITING --hole_ms--> ASKED --its run is done--> filled: none, or WAITING
 *        ^                   |                        for younger holes
 *        +--- first look ----+--- second look --> lost()
 */
struct entry {
	TAILQ_ENTRY(entry) lru;
	TAILQ_ENTRY(entry) hole_link;
	bool holed; /* in table->holes */
	bool asked;
	int looks;
	int64_t waits_since;	     /* monotonic */
	int64_t hole_wall_ms;	     /* when the oldest hole was noticed */
	uint64_t run;		     /* of heal, that looks for us */
	int64_t to[WINDOW_COUNTERS]; /* highest, when first asked */
	struct window windows[WINDOW_COUNTERS];
	char *rooms;
	char conversation[ID_SIZE];
};

TAILQ_HEAD(entries, entry);

struct window_table {
	struct window_table_config config;
	struct map map;
	struct entries lru; /* the most recent at the head */
	struct entries holes;
	size_t holes_count;
};

struct window_table *window_table_new(const struct window_table_config *config)
{
	struct window_table *table = xcalloc(1, sizeof(*table));

	table->config = *config;
	map_init(&table->map);
	TAILQ_INIT(&table->lru);
	TAILQ_INIT(&table->holes);
	return table;
}

static void entry_free(void *value)
{
	struct entry *entry = value;

	free(entry->rooms);
	free(entry);
}

void window_table_free(struct window_table *table)
{
	if (table == NULL)
		return;
	map_done(&table->map, entry_free);
	free(table);
}

static void unhole(struct window_table *table, struct entry *entry)
{
	if (!entry->holed)
		return;
	TAILQ_REMOVE(&table->holes, entry, hole_link);
	table->holes_count--;
	entry->holed = false;
}

static void say_lost(const struct window_table *table,
		     const struct entry *entry)
{
	table->config.lost(entry->rooms, table->config.user);
}

static void evict(struct window_table *table)
{
	struct entry *entry = TAILQ_LAST(&table->lru, entries);

	if (entry->holed) {
		unhole(table, entry);
		say_lost(table, entry);
	}
	TAILQ_REMOVE(&table->lru, entry, lru);
	map_remove(&table->map, entry->conversation);
	entry_free(entry);
}

static struct entry *entry_get(struct window_table *table,
			       const char *conversation)
{
	struct entry *entry = map_get(&table->map, conversation);

	if (entry != NULL) {
		TAILQ_REMOVE(&table->lru, entry, lru);
	} else {
		if (table->map.count >= table->config.max)
			evict(table);
		entry = xcalloc(1, sizeof(*entry));
		memcpy(entry->conversation, conversation,
		       strnlen(conversation, ID_LEN));
		map_put(&table->map, entry->conversation, entry);
	}
	TAILQ_INSERT_HEAD(&table->lru, entry, lru);
	return entry;
}

static void remember_rooms(struct entry *entry, const char *rooms)
{
	if (entry->rooms != NULL && strcmp(entry->rooms, rooms) == 0)
		return;
	free(entry->rooms);
	entry->rooms = xstrdup(rooms);
}

static uint32_t missing(const struct entry *entry)
{
	uint32_t sum = 0;

	for (int c = 0; c < WINDOW_COUNTERS; c++)
		sum += entry->windows[c].missing;
	return sum;
}

static void wait_for_holes(struct entry *entry, int64_t now_ms)
{
	entry->asked = false;
	entry->waits_since = now_ms;
}

static void notice_holes(struct window_table *table, struct entry *entry,
			 int64_t now_ms, int64_t wall_ms)
{
	if (entry->holed || missing(entry) == 0)
		return;
	TAILQ_INSERT_TAIL(&table->holes, entry, hole_link);
	table->holes_count++;
	entry->holed = true;
	entry->looks = 0;
	entry->hole_wall_ms = wall_ms;
	wait_for_holes(entry, now_ms);
}

enum window_verdict window_table_enter(struct window_table *table,
				       const char *conversation,
				       enum window_counter counter,
				       int64_t number, const char *rooms,
				       int64_t now_ms, int64_t wall_ms)
{
	struct entry *entry = entry_get(table, conversation);
	bool lost;
	enum window_verdict verdict =
		window_enter(&entry->windows[counter], number, &lost);

	remember_rooms(entry, rooms);
	if (lost)
		say_lost(table, entry);
	if (missing(entry) == 0)
		unhole(table, entry);
	else
		notice_holes(table, entry, now_ms, wall_ms);
	return verdict;
}

static void ask(struct entry *entry, struct heal *heal)
{
	/* Holes younger than the first look are not given up with it. */
	for (int c = 0; entry->looks == 0 && c < WINDOW_COUNTERS; c++)
		entry->to[c] = entry->windows[c].highest;
	entry->looks++;
	entry->asked = true;
	entry->run = heal_trigger(heal, entry->hole_wall_ms);
}

static bool still_missing(const struct entry *entry)
{
	for (int c = 0; c < WINDOW_COUNTERS; c++) {
		if (window_missing_to(&entry->windows[c], entry->to[c]) > 0)
			return true;
	}
	return false;
}

static void give_up(struct window_table *table, struct entry *entry)
{
	for (int c = 0; c < WINDOW_COUNTERS; c++)
		window_forget_to(&entry->windows[c], entry->to[c]);
	say_lost(table, entry);
}

/* Its run of heal is done. */
static void look_again(struct window_table *table, struct entry *entry,
		       int64_t now_ms)
{
	if (!still_missing(entry)) {
		entry->looks = 0;
	} else if (entry->looks >= LOOKS_MAX) {
		give_up(table, entry);
		entry->looks = 0;
	}
	wait_for_holes(entry, now_ms);
	if (missing(entry) == 0)
		unhole(table, entry);
}

void window_table_tick(struct window_table *table, struct heal *heal,
		       int64_t now_ms)
{
	struct entry *entry = TAILQ_FIRST(&table->holes), *next;

	for (; heal->enabled && entry != NULL; entry = next) {
		next = TAILQ_NEXT(entry, hole_link);
		if (!entry->asked) {
			if (now_ms - entry->waits_since >=
			    table->config.hole_ms)
				ask(entry, heal);
		} else if (heal->runs_done >= entry->run) {
			look_again(table, entry, now_ms);
		}
	}
}

void window_table_skip_all(struct window_table *table)
{
	struct entry *entry;

	TAILQ_FOREACH (entry, &table->lru, lru) {
		for (int c = 0; c < WINDOW_COUNTERS; c++)
			window_skip(&entry->windows[c]);
		unhole(table, entry);
	}
}

size_t window_table_count(const struct window_table *table)
{
	return table->map.count;
}

size_t window_table_holes(const struct window_table *table)
{
	return table->holes_count;
}
