#include "typing.h"

#include <stdio.h>
#include <string.h>

#include "ids.h"
#include "map.h"
#include "mem.h"

#define KEY_SIZE (2 * ID_LEN + 1)

struct typing_entry {
	TAILQ_ENTRY(typing_entry) due; /* in typing->due */
	TAILQ_ENTRY(typing_entry) of;  /* of its owner */
	struct typing_owner *owner;    /* NULL: gone */
	int64_t stop_at;
	char from[ID_SIZE], conversation[ID_SIZE];
	char *room;
};

TAILQ_HEAD(due_list, typing_entry);

struct typing {
	struct typing_config config;
	struct map map;	     /* from and conversation -> entry */
	struct due_list due; /* the earliest first */
};

struct typing *typing_new(const struct typing_config *config)
{
	struct typing *typing = xcalloc(1, sizeof(*typing));

	typing->config = *config;
	map_init(&typing->map);
	TAILQ_INIT(&typing->due);
	return typing;
}

static void typing_entry_free(void *value)
{
	struct typing_entry *entry = value;

	free(entry->room);
	free(entry);
}

void typing_free(struct typing *typing)
{
	if (typing == NULL)
		return;
	map_done(&typing->map, typing_entry_free);
	free(typing);
}

void typing_owner_init(struct typing_owner *owner)
{
	TAILQ_INIT(owner);
}

static void key_of(const char *from, const char *conversation,
		   char key[KEY_SIZE])
{
	key = mempcpy(key, from, strnlen(from, ID_LEN));
	key = mempcpy(key, conversation, strnlen(conversation, ID_LEN));
	*key = '\0';
}

static struct typing_entry *entry_new(struct typing *typing, const char *key,
				      const char *from,
				      const char *conversation)
{
	struct typing_entry *entry = xcalloc(1, sizeof(*entry));

	snprintf(entry->from, ID_SIZE, "%s", from);
	snprintf(entry->conversation, ID_SIZE, "%s", conversation);
	map_put(&typing->map, key, entry);
	return entry;
}

static void set_room(struct typing_entry *entry, const char *room)
{
	if (entry->room != NULL && strcmp(entry->room, room) == 0)
		return;
	free(entry->room);
	entry->room = xstrdup(room);
}

static void unlink_entry(struct typing *typing, struct typing_entry *entry)
{
	TAILQ_REMOVE(&typing->due, entry, due);
	if (entry->owner != NULL)
		TAILQ_REMOVE(entry->owner, entry, of);
}

bool typing_start(struct typing *typing, struct typing_owner *owner,
		  const char *from, const char *conversation, const char *room,
		  int64_t now_ms)
{
	char key[KEY_SIZE];
	struct typing_entry *entry;

	key_of(from, conversation, key);
	entry = map_get(&typing->map, key);
	if (entry != NULL)
		unlink_entry(typing, entry);
	else if (typing->map.count >= typing->config.max)
		return false;
	else
		entry = entry_new(typing, key, from, conversation);
	set_room(entry, room);
	entry->stop_at = now_ms + typing->config.stop_ms;
	entry->owner = owner;
	TAILQ_INSERT_TAIL(&typing->due, entry, due);
	TAILQ_INSERT_TAIL(owner, entry, of);
	return true;
}

static void stop(struct typing *typing, struct typing_entry *entry)
{
	char key[KEY_SIZE];

	unlink_entry(typing, entry);
	key_of(entry->from, entry->conversation, key);
	map_remove(&typing->map, key);
	typing->config.stopped(entry->from, entry->conversation, entry->room,
			       typing->config.user);
	typing_entry_free(entry);
}

void typing_stop(struct typing *typing, const char *from,
		 const char *conversation)
{
	char key[KEY_SIZE];
	struct typing_entry *entry;

	key_of(from, conversation, key);
	entry = map_get(&typing->map, key);
	if (entry != NULL)
		stop(typing, entry);
}

void typing_owner_gone(struct typing *typing, struct typing_owner *owner)
{
	struct typing_entry *entry;

	while ((entry = TAILQ_FIRST(owner)) != NULL) {
		unlink_entry(typing, entry);
		entry->owner = NULL;
		entry->stop_at = INT64_MIN;
		TAILQ_INSERT_HEAD(&typing->due, entry, due);
	}
}

void typing_tick(struct typing *typing, int64_t now_ms)
{
	struct typing_entry *entry;

	while ((entry = TAILQ_FIRST(&typing->due)) != NULL &&
	       entry->stop_at <= now_ms)
		stop(typing, entry);
}

size_t typing_count(const struct typing *typing)
{
	return typing->map.count;
}
