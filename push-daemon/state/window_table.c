#include "window_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ids.h"
#include "map.h"
#include "mem.h"
#include "recovery.h"

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
	uint64_t run;		     /* of recovery, that looks for us */
	int64_t to[WINDOW_COUNTERS]; /* highest, when first asked */
	struct window messages;
	struct window *changes; /* most conversations have none: NULL */
	char *rooms;
	char conversation[ID_SIZE];
	char newest[WINDOW_COUNTERS][ID_SIZE]; /* highest's; "": unknown */
	char before_hole[ID_SIZE]; /* the same of before the oldest hole */
};

TAILQ_HEAD(entries, entry);

struct window_table {
	struct window_table_config config;
	struct map map;
	struct entries lru; /* the most recent at the head */
	struct entries holes;
	size_t holes_count;
	char floor[ID_SIZE];
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

static void window_entry_free(void *value)
{
	struct entry *entry = value;

	free(entry->changes);
	free(entry->rooms);
	free(entry);
}

static struct window *window_of(struct entry *entry,
				enum window_counter counter)
{
	if (counter == WINDOW_MESSAGES)
		return &entry->messages;
	if (entry->changes == NULL)
		entry->changes = xcalloc(1, sizeof(*entry->changes));
	return entry->changes;
}

void window_table_free(struct window_table *table)
{
	if (table == NULL)
		return;
	map_done(&table->map, window_entry_free);
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
	for (int c = 0; c < WINDOW_COUNTERS; c++) {
		if (strcmp(entry->newest[c], table->floor) > 0)
			memcpy(table->floor, entry->newest[c], ID_SIZE);
	}
	TAILQ_REMOVE(&table->lru, entry, lru);
	map_remove(&table->map, entry->conversation);
	window_entry_free(entry);
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
	return entry->messages.missing +
	       (entry->changes != NULL ? entry->changes->missing : 0);
}

static void wait_for_holes(struct entry *entry, int64_t now_ms)
{
	entry->asked = false;
	entry->waits_since = now_ms;
}

/* before: the position of what had been seen when they were not yet there. */
static void notice_holes(struct window_table *table, struct entry *entry,
			 const char *before, int64_t now_ms)
{
	if (entry->holed && strcmp(before, entry->before_hole) >= 0)
		return;
	memcpy(entry->before_hole, before, ID_SIZE);
	if (entry->holed)
		return;
	TAILQ_INSERT_TAIL(&table->holes, entry, hole_link);
	table->holes_count++;
	entry->holed = true;
	entry->looks = 0;
	wait_for_holes(entry, now_ms);
}

/* Its conversation went meanwhile, be it here again or not. */
static bool is_forgotten(const struct window_table *table,
			 const struct window_event *event)
{
	struct entry *entry;
	const struct window *window;

	if (event->position == NULL ||
	    strcmp(event->position, table->floor) > 0)
		return false;
	entry = map_get(&table->map, event->conversation);
	if (entry == NULL)
		return true;
	window = window_of(entry, event->counter);
	return window->highest == 0 || !window_knows(window, event->number);
}

static enum window_verdict enter_window(struct window_table *table,
					struct entry *entry,
					const struct window_event *event,
					int64_t now_ms)
{
	struct window *window = window_of(entry, event->counter);
	char *newest = entry->newest[event->counter];
	uint32_t missed = window->missing;
	bool lost;
	enum window_verdict verdict =
		window_enter(window, event->number, &lost);

	if (lost)
		say_lost(table, entry);
	if (window->missing > missed || (window->missing > 0 && !entry->holed))
		notice_holes(table, entry, newest, now_ms);
	if (event->number == window->highest && event->position != NULL)
		memcpy(newest, event->position, ID_SIZE);
	return verdict;
}

enum window_verdict window_table_enter(struct window_table *table,
				       const struct window_event *event,
				       int64_t now_ms)
{
	struct entry *entry;
	enum window_verdict verdict;

	if (is_forgotten(table, event))
		return WINDOW_FORGOTTEN;
	entry = entry_get(table, event->conversation);
	remember_rooms(entry, event->rooms);
	verdict = enter_window(table, entry, event, now_ms);
	if (missing(entry) == 0)
		unhole(table, entry);
	return verdict;
}

bool window_table_is_past(const struct window_table *table,
			  const char *conversation, const char *position)
{
	const struct entry *entry = map_get(&table->map, conversation);

	for (int c = 0; entry != NULL && c < WINDOW_COUNTERS; c++) {
		if (strcmp(entry->newest[c], position) > 0)
			return true;
	}
	return false;
}

const char *window_table_floor(const struct window_table *table)
{
	return table->floor;
}

static int64_t highest_of(const struct entry *entry,
			  enum window_counter counter)
{
	if (counter == WINDOW_MESSAGES)
		return entry->messages.highest;
	return entry->changes != NULL ? entry->changes->highest : 0;
}

static void ask(struct entry *entry, struct recovery *recovery)
{
	/* Holes younger than the first look are not given up with it. */
	for (int c = 0; entry->looks == 0 && c < WINDOW_COUNTERS; c++)
		entry->to[c] = highest_of(entry, (enum window_counter)c);
	entry->looks++;
	entry->asked = true;
	entry->run = recovery_trigger(recovery, entry->before_hole[0] != '\0'
							? entry->before_hole
							: NULL);
}

static bool still_missing(const struct entry *entry)
{
	return window_missing_to(&entry->messages, entry->to[WINDOW_MESSAGES]) >
		       0 ||
	       (entry->changes != NULL &&
		window_missing_to(entry->changes, entry->to[WINDOW_CHANGES]) >
			0);
}

static void window_give_up(struct window_table *table, struct entry *entry)
{
	window_forget_to(&entry->messages, entry->to[WINDOW_MESSAGES]);
	if (entry->changes != NULL)
		window_forget_to(entry->changes, entry->to[WINDOW_CHANGES]);
	say_lost(table, entry);
}

/* Its run of recovery is done. */
static void look_again(struct window_table *table, struct entry *entry,
		       int64_t now_ms)
{
	if (!still_missing(entry)) {
		entry->looks = 0;
	} else if (entry->looks >= LOOKS_MAX) {
		window_give_up(table, entry);
		entry->looks = 0;
	}
	wait_for_holes(entry, now_ms);
	if (missing(entry) == 0)
		unhole(table, entry);
}

void window_table_tick(struct window_table *table, struct recovery *recovery,
		       int64_t now_ms)
{
	struct entry *entry = TAILQ_FIRST(&table->holes), *next;

	for (; recovery->enabled && entry != NULL; entry = next) {
		next = TAILQ_NEXT(entry, hole_link);
		if (!entry->asked) {
			if (now_ms - entry->waits_since >=
			    table->config.hole_ms)
				ask(entry, recovery);
		} else if (recovery->runs_done >= entry->run) {
			look_again(table, entry, now_ms);
		}
	}
}

void window_table_skip_all(struct window_table *table)
{
	struct entry *entry;

	TAILQ_FOREACH (entry, &table->lru, lru) {
		window_skip(&entry->messages);
		if (entry->changes != NULL)
			window_skip(entry->changes);
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
