#include "sio_room.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"

/*
 * Two hash tables with chains: rooms by name, memberships by (room, member).
 * A room has its memberships in an array, so that fan-out walks memory in a
 * line; leaving puts the last one into the gap, or, while somebody walks the
 * room, leaves a hole that the end of the walk closes.
 */
struct sio_room {
	struct sio_room *next; /* in the chain */
	struct sio_membership **members;
	size_t len, cap; /* of members, holes counted */
	size_t holes;
	unsigned walks; /* under way */
	uint64_t hash;
	char name[];
};

struct sio_membership {
	struct sio_membership *next; /* in the chain */
	struct sio_member *member;
	struct sio_room *room;
	struct sio_membership *before, *after; /* of the same member */
	size_t index;			       /* in room->members */
};

struct sio_rooms {
	struct sio_room **rooms;
	size_t rooms_len, rooms_cap; /* cap is a power of two */
	struct sio_membership **ships;
	size_t ships_len, ships_cap;
	uint8_t seed[CRYPT_SEED_SIZE];
	void (*changed)(const char *name, bool occupied, void *user);
	void *user;
};

#define FIRST_CAP 16

struct sio_rooms *sio_rooms_new(void (*random)(void *out, size_t len))
{
	struct sio_rooms *rooms = xcalloc(1, sizeof(*rooms));

	random(rooms->seed, sizeof(rooms->seed));
	rooms->rooms_cap = FIRST_CAP;
	rooms->rooms = xcalloc(FIRST_CAP, sizeof(struct sio_room *));
	rooms->ships_cap = FIRST_CAP;
	rooms->ships = xcalloc(FIRST_CAP, sizeof(struct sio_membership *));
	return rooms;
}

void sio_rooms_free(struct sio_rooms *rooms)
{
	if (rooms == NULL)
		return;
	assert(rooms->rooms_len == 0 && rooms->ships_len == 0);
	free(rooms->rooms);
	free(rooms->ships);
	free(rooms);
}

void sio_rooms_on_change(struct sio_rooms *rooms,
			 void (*changed)(const char *name, bool occupied,
					 void *user),
			 void *user)
{
	rooms->changed = changed;
	rooms->user = user;
}

static void say_change(const struct sio_rooms *rooms,
		       const struct sio_room *room, bool occupied)
{
	if (rooms->changed != NULL)
		rooms->changed(room->name, occupied, rooms->user);
}

void sio_member_init(struct sio_member *member, void *owner)
{
	*member = (struct sio_member){.owner = owner};
}

static uint64_t hash_name(const struct sio_rooms *rooms, const char *name)
{
	return crypt_hash(name, strlen(name), rooms->seed);
}

static uint64_t hash_pair(const struct sio_room *room,
			  const struct sio_member *member)
{
	uint64_t hash = room->hash ^ (uintptr_t)member >> 4;

	hash *= 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static void resize_rooms(struct sio_rooms *rooms, size_t cap)
{
	struct sio_room **table = xcalloc(cap, sizeof(struct sio_room *));

	for (size_t i = 0; i < rooms->rooms_cap; i++) {
		struct sio_room *room = rooms->rooms[i], *next;
		for (; room != NULL; room = next) {
			next = room->next;
			room->next = table[room->hash & (cap - 1)];
			table[room->hash & (cap - 1)] = room;
		}
	}
	free(rooms->rooms);
	rooms->rooms = table;
	rooms->rooms_cap = cap;
}

static void resize_ships(struct sio_rooms *rooms, size_t cap)
{
	struct sio_membership **table =
		xcalloc(cap, sizeof(struct sio_membership *));

	for (size_t i = 0; i < rooms->ships_cap; i++) {
		struct sio_membership *ship = rooms->ships[i], *next;
		for (; ship != NULL; ship = next) {
			size_t slot =
				hash_pair(ship->room, ship->member) & (cap - 1);
			next = ship->next;
			ship->next = table[slot];
			table[slot] = ship;
		}
	}
	free(rooms->ships);
	rooms->ships = table;
	rooms->ships_cap = cap;
}

static struct sio_room *room_find(const struct sio_rooms *rooms,
				  const char *name)
{
	uint64_t hash = hash_name(rooms, name);
	struct sio_room *room = rooms->rooms[hash & (rooms->rooms_cap - 1)];

	while (room != NULL &&
	       (room->hash != hash || strcmp(room->name, name) != 0))
		room = room->next;
	return room;
}

static struct sio_room *room_make(struct sio_rooms *rooms, const char *name)
{
	size_t len = strlen(name);
	struct sio_room *room = xcalloc(1, sizeof(*room) + len + 1);

	if (rooms->rooms_len == rooms->rooms_cap)
		resize_rooms(rooms, rooms->rooms_cap * 2);
	memcpy(room->name, name, len + 1);
	room->hash = hash_name(rooms, name);
	size_t slot = room->hash & (rooms->rooms_cap - 1);
	room->next = rooms->rooms[slot];
	rooms->rooms[slot] = room;
	rooms->rooms_len++;
	return room;
}

static void room_drop_if_empty(struct sio_rooms *rooms, struct sio_room *room)
{
	struct sio_room **at =
		&rooms->rooms[room->hash & (rooms->rooms_cap - 1)];

	if (room->len > room->holes || room->walks > 0)
		return;
	while (*at != room)
		at = &(*at)->next;
	*at = room->next;
	rooms->rooms_len--;
	if (rooms->rooms_cap > FIRST_CAP &&
	    rooms->rooms_len < rooms->rooms_cap / 8)
		resize_rooms(rooms, rooms->rooms_cap / 2);
	free(room->members);
	free(room);
}

static struct sio_membership **ship_find(const struct sio_rooms *rooms,
					 const struct sio_room *room,
					 const struct sio_member *member)
{
	size_t slot = hash_pair(room, member) & (rooms->ships_cap - 1);
	struct sio_membership **at = &rooms->ships[slot];

	while (*at != NULL && ((*at)->room != room || (*at)->member != member))
		at = &(*at)->next;
	return at;
}

static void room_append(struct sio_room *room, struct sio_membership *ship)
{
	if (room->len == room->cap) {
		room->cap = room->cap == 0 ? 2 : room->cap * 2;
		room->members = xrealloc(room->members,
					 room->cap * sizeof(*room->members));
	}
	ship->index = room->len;
	room->members[room->len++] = ship;
}

static void room_remove(struct sio_room *room,
			const struct sio_membership *ship)
{
	assert(room->members[ship->index] == ship);
	if (room->walks > 0) {
		room->members[ship->index] = NULL;
		room->holes++;
		return;
	}
	struct sio_membership *last = room->members[--room->len];
	room->members[ship->index] = last;
	last->index = ship->index;
}

static void room_close_holes(struct sio_room *room)
{
	size_t kept = 0;

	for (size_t i = 0; i < room->len; i++) {
		if (room->members[i] == NULL)
			continue;
		room->members[kept] = room->members[i];
		room->members[kept]->index = kept;
		kept++;
	}
	room->len = kept;
	room->holes = 0;
}

bool sio_room_join(struct sio_rooms *rooms, const char *name,
		   struct sio_member *member)
{
	struct sio_room *room = room_find(rooms, name);

	if (room == NULL)
		room = room_make(rooms, name);
	if (*ship_find(rooms, room, member) != NULL)
		return false;
	if (rooms->ships_len == rooms->ships_cap)
		resize_ships(rooms, rooms->ships_cap * 2);

	struct sio_membership *ship = xcalloc(1, sizeof(*ship));
	size_t slot = hash_pair(room, member) & (rooms->ships_cap - 1);
	ship->member = member;
	ship->room = room;
	ship->next = rooms->ships[slot];
	rooms->ships[slot] = ship;
	rooms->ships_len++;
	ship->after = member->first;
	if (member->first != NULL)
		member->first->before = ship;
	member->first = ship;
	member->count++;
	room_append(room, ship);
	if (room->len - room->holes == 1)
		say_change(rooms, room, true);
	return true;
}

static void member_leave(struct sio_rooms *rooms, struct sio_membership **at)
{
	struct sio_membership *ship = *at;
	struct sio_member *member = ship->member;

	*at = ship->next;
	rooms->ships_len--;
	if (rooms->ships_cap > FIRST_CAP &&
	    rooms->ships_len < rooms->ships_cap / 8)
		resize_ships(rooms, rooms->ships_cap / 2);
	if (ship->before != NULL)
		ship->before->after = ship->after;
	else
		member->first = ship->after;
	if (ship->after != NULL)
		ship->after->before = ship->before;
	member->count--;
	room_remove(ship->room, ship);
	if (ship->room->len == ship->room->holes)
		say_change(rooms, ship->room, false);
	room_drop_if_empty(rooms, ship->room);
	free(ship);
}

bool sio_room_leave(struct sio_rooms *rooms, const char *name,
		    struct sio_member *member)
{
	struct sio_room *room = room_find(rooms, name);

	if (room == NULL)
		return false;
	struct sio_membership **at = ship_find(rooms, room, member);
	if (*at == NULL)
		return false;
	member_leave(rooms, at);
	return true;
}

void sio_room_leave_all(struct sio_rooms *rooms, struct sio_member *member)
{
	while (member->first != NULL)
		member_leave(rooms,
			     ship_find(rooms, member->first->room, member));
}

bool sio_room_has(struct sio_rooms *rooms, const char *name,
		  const struct sio_member *member)
{
	struct sio_room *room = room_find(rooms, name);

	return room != NULL && *ship_find(rooms, room, member) != NULL;
}

size_t sio_room_size(struct sio_rooms *rooms, const char *name)
{
	struct sio_room *room = room_find(rooms, name);

	return room == NULL ? 0 : room->len - room->holes;
}

size_t sio_rooms_count(const struct sio_rooms *rooms)
{
	return rooms->rooms_len;
}

size_t sio_room_each(struct sio_rooms *rooms, const char *name,
		     void (*visit)(void *owner, void *user), void *user)
{
	struct sio_room *room = room_find(rooms, name);
	size_t visited = 0;

	if (room == NULL)
		return 0;
	size_t end = room->len; /* who joins meanwhile comes after it */
	room->walks++;
	for (size_t i = 0; i < end; i++) {
		if (room->members[i] == NULL)
			continue;
		visit(room->members[i]->member->owner, user);
		visited++;
	}
	if (--room->walks == 0 && room->holes > 0)
		room_close_holes(room);
	room_drop_if_empty(rooms, room);
	return visited;
}
