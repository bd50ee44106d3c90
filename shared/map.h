/*
 * map - values by text key.
 *
 * Keys are copied; values are the caller's. A NULL value cannot be stored:
 * NULL means "not there".
 */
#ifndef MAP_H
#define MAP_H

#include <stddef.h>

struct map_node;

struct map {
	struct map_node **slots; /* NULL while empty; cap is a power of two */
	size_t cap, count;
};

void map_init(struct map *map);
/* Forgets all keys; give every value to drop first, unless drop is NULL. */
void map_done(struct map *map, void (*drop)(void *value));

void *map_get(const struct map *map, const char *key);
/* Answers the value that was there before, or NULL. */
void *map_put(struct map *map, const char *key, void *value);
/* Answers the value that was there, or NULL. */
void *map_remove(struct map *map, const char *key);

/* Call visit for each key until it answers 0; visit may remove that key, and
 * nothing else may change meanwhile. */
void map_each(struct map *map,
	      int (*visit)(const char *key, void *value, void *user),
	      void *user);

#endif
