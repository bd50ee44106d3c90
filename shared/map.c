#include "map.h"

#include <stdint.h>
#include <string.h>

#include "mem.h"

#define FIRST_CAP 8

struct map_node {
	struct map_node *next;
	uint64_t hash;
	void *value;
	char key[];
};

void map_init(struct map *map)
{
	*map = (struct map){0};
}

void map_done(struct map *map, void (*drop)(void *value))
{
	for (size_t i = 0; i < map->cap; i++) {
		struct map_node *node = map->slots[i], *next;

		for (; node != NULL; node = next) {
			next = node->next;
			if (drop != NULL)
				drop(node->value);
			free(node);
		}
	}
	free(map->slots);
	map_init(map);
}

/* FNV-1a, the high bits folded into those that choose the slot. */
static uint64_t map_hash(const char *key)
{
	uint64_t hash = 14695981039346656037u;

	for (; *key != '\0'; key++)
		hash = (hash ^ (uint8_t)*key) * 1099511628211u;
	return hash ^ hash >> 32;
}

static struct map_node **map_find(const struct map *map, const char *key,
				  uint64_t hash)
{
	struct map_node **at = &map->slots[hash & (map->cap - 1)];

	while (*at != NULL &&
	       ((*at)->hash != hash || strcmp((*at)->key, key) != 0))
		at = &(*at)->next;
	return at;
}

void *map_get(const struct map *map, const char *key)
{
	if (map->count == 0)
		return NULL;

	const struct map_node *node = *map_find(map, key, map_hash(key));

	return node != NULL ? node->value : NULL;
}

static void map_grow(struct map *map)
{
	size_t cap = map->cap == 0 ? FIRST_CAP : map->cap * 2;
	struct map_node **slots = xcalloc(cap, sizeof(struct map_node *));

	for (size_t i = 0; i < map->cap; i++) {
		struct map_node *node = map->slots[i], *next;

		for (; node != NULL; node = next) {
			next = node->next;
			node->next = slots[node->hash & (cap - 1)];
			slots[node->hash & (cap - 1)] = node;
		}
	}
	free(map->slots);
	map->slots = slots;
	map->cap = cap;
}

void *map_put(struct map *map, const char *key, void *value)
{
	uint64_t hash = map_hash(key);

	if (map->count == map->cap)
		map_grow(map);

	struct map_node **at = map_find(map, key, hash);

	if (*at != NULL) {
		void *before = (*at)->value;

		(*at)->value = value;
		return before;
	}
	size_t size = strlen(key) + 1;
	struct map_node *node = xmalloc(sizeof(*node) + size);

	*node = (struct map_node){.hash = hash, .value = value};
	memcpy(node->key, key, size);
	*at = node;
	map->count++;
	return NULL;
}

void *map_remove(struct map *map, const char *key)
{
	if (map->count == 0)
		return NULL;

	struct map_node **at = map_find(map, key, map_hash(key));
	struct map_node *node = *at;

	if (node == NULL)
		return NULL;
	void *value = node->value;

	*at = node->next;
	map->count--;
	free(node);
	return value;
}

void map_each(struct map *map,
	      int (*visit)(const char *key, void *value, void *user),
	      void *user)
{
	for (size_t i = 0; i < map->cap; i++) {
		struct map_node *node = map->slots[i], *next;

		for (; node != NULL; node = next) {
			next = node->next;
			if (!visit(node->key, node->value, user))
				return;
		}
	}
}
