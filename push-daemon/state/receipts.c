#include "receipts.h"

#include <string.h>
#include <sys/queue.h>

#include "delivery.h"
#include "map.h"
#include "mem.h"

#define KEY_SIZE (2 * ID_LEN + 2)

struct entry {
	TAILQ_ENTRY(entry) due;	  /* in receipts->due */
	int64_t next_at;	  /* not before */
	int64_t seq;		  /* the greatest that was told or waits */
	struct delivery *waiting; /* NULL: all was told */
	char key[KEY_SIZE];
};

TAILQ_HEAD(due_list, entry);

struct receipts {
	struct receipts_config config;
	struct map map;	     /* key -> entry */
	struct due_list due; /* the earliest first */
};

struct receipts *receipts_new(const struct receipts_config *config)
{
	struct receipts *receipts = xcalloc(1, sizeof(*receipts));

	receipts->config = *config;
	map_init(&receipts->map);
	TAILQ_INIT(&receipts->due);
	return receipts;
}

static void receipts_entry_free(void *value)
{
	struct entry *entry = value;

	delivery_free(entry->waiting);
	free(entry);
}

void receipts_free(struct receipts *receipts)
{
	if (receipts == NULL)
		return;
	map_done(&receipts->map, receipts_entry_free);
	free(receipts);
}

static void send(struct receipts *receipts, struct delivery *delivery)
{
	receipts->config.send(delivery, receipts->config.user);
}

/* It was told just now. */
static void start_pause(struct receipts *receipts, struct entry *entry,
			int64_t now_ms)
{
	entry->next_at = now_ms + receipts->config.pause_ms;
	TAILQ_INSERT_TAIL(&receipts->due, entry, due);
}

static void receipts_take_first(struct receipts *receipts,
				const char key[KEY_SIZE], int64_t seq,
				struct delivery *delivery, int64_t now_ms)
{
	if (receipts->map.count < receipts->config.max) {
		struct entry *entry = xcalloc(1, sizeof(*entry));

		entry->seq = seq;
		memcpy(entry->key, key, KEY_SIZE);
		map_put(&receipts->map, key, entry);
		start_pause(receipts, entry, now_ms);
	}
	send(receipts, delivery);
}

static void key_of(const struct receipt *receipt, char key[KEY_SIZE])
{
	*key++ = (receipt->own ? "AR" : "ar")[receipt->kind];
	key = mempcpy(key, receipt->conversation,
		      strnlen(receipt->conversation, ID_LEN));
	key = mempcpy(key, receipt->user, strnlen(receipt->user, ID_LEN));
	*key = '\0';
}

bool receipts_take(struct receipts *receipts, const struct receipt *receipt,
		   struct delivery *delivery, int64_t now_ms)
{
	char key[KEY_SIZE];
	struct entry *entry;

	key_of(receipt, key);
	entry = map_get(&receipts->map, key);
	if (entry == NULL) {
		receipts_take_first(receipts, key, receipt->seq, delivery,
				    now_ms);
		return true;
	}
	if (receipt->seq <= entry->seq) {
		delivery_free(delivery);
	} else {
		delivery_free(entry->waiting);
		entry->waiting = delivery;
		entry->seq = receipt->seq;
	}
	return false;
}

static void forget(struct receipts *receipts, struct entry *entry)
{
	map_remove(&receipts->map, entry->key);
	receipts_entry_free(entry);
}

void receipts_tick(struct receipts *receipts, int64_t now_ms)
{
	struct entry *entry;

	while ((entry = TAILQ_FIRST(&receipts->due)) != NULL &&
	       entry->next_at <= now_ms) {
		struct delivery *waiting = entry->waiting;

		TAILQ_REMOVE(&receipts->due, entry, due);
		entry->waiting = NULL;
		if (waiting == NULL) {
			forget(receipts, entry);
			continue;
		}
		start_pause(receipts, entry, now_ms);
		send(receipts, waiting);
	}
}

size_t receipts_count(const struct receipts *receipts)
{
	return receipts->map.count;
}
