/*
 * sio_room - named sets of members, for fan-out.
 *
 * A member is whatever embeds a struct sio_member. Join and leave are O(1);
 * a room exists while it has members. Any call is fine from within a visit:
 * who left meanwhile is not visited, who joined meanwhile is not either.
 */
#ifndef SIO_ROOM_H
#define SIO_ROOM_H

#include <stdbool.h>
#include <stddef.h>

struct sio_rooms;
struct sio_membership;

struct sio_member {
	void *owner; /* what visit() gets */
	struct sio_membership *first;
	size_t count; /* rooms it is in */
};

/* random: for a seed, as peers may choose rooms' names. */
struct sio_rooms *sio_rooms_new(void (*random)(void *out, size_t len));
/* Members must all have left (sio_room_leave_all). NULL: no-op. */
void sio_rooms_free(struct sio_rooms *rooms);

/* changed: a room got its first member (occupied), or lost its last. It must
 * not call rooms. */
void sio_rooms_on_change(struct sio_rooms *rooms,
			 void (*changed)(const char *name, bool occupied,
					 void *user),
			 void *user);

void sio_member_init(struct sio_member *member, void *owner);

/* False: was in it already. */
bool sio_room_join(struct sio_rooms *rooms, const char *name,
		   struct sio_member *member);
/* False: was not in it. */
bool sio_room_leave(struct sio_rooms *rooms, const char *name,
		    struct sio_member *member);
void sio_room_leave_all(struct sio_rooms *rooms, struct sio_member *member);

bool sio_room_has(struct sio_rooms *rooms, const char *name,
		  const struct sio_member *member);
size_t sio_room_size(struct sio_rooms *rooms, const char *name);
size_t sio_rooms_count(const struct sio_rooms *rooms);

/* Visit every member; answers how many. */
size_t sio_room_each(struct sio_rooms *rooms, const char *name,
		     void (*visit)(void *owner, void *user), void *user);

#endif
