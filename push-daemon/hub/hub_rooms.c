#include "hub_rooms.h"

#include <stdlib.h>

#include "hub_base.h"
#include "mem.h"
#include "sio_room.h"

struct hub_rooms {
	struct sio_rooms *rooms;
};

struct hub_rooms *hub_rooms_new(const struct hub_base *base)
{
	struct hub_rooms *rooms = xcalloc(1, sizeof(*rooms));

	/* The random is for a seed, as clients may choose names. */
	rooms->rooms = sio_rooms_new(base->config.random);
	sio_rooms_on_change(rooms->rooms, base->config.room, base->config.user);
	return rooms;
}

void hub_rooms_free(struct hub_rooms *rooms)
{
	if (rooms == NULL)
		return;
	sio_rooms_free(rooms->rooms);
	free(rooms);
}

void hub_rooms_join(struct hub_rooms *rooms, const char *name,
		    struct client *client)
{
	sio_room_join(rooms->rooms, name, &client->member);
}

void hub_rooms_leave(struct hub_rooms *rooms, const char *name,
		     struct client *client)
{
	sio_room_leave(rooms->rooms, name, &client->member);
}

void hub_rooms_leave_all(struct hub_rooms *rooms, struct client *client)
{
	sio_room_leave_all(rooms->rooms, &client->member);
}

bool hub_rooms_has(const struct hub_rooms *rooms, const char *name,
		   const struct client *client)
{
	return sio_room_has(rooms->rooms, name, &client->member);
}

bool hub_rooms_is_occupied(const struct hub_rooms *rooms, const char *name)
{
	return sio_room_size(rooms->rooms, name) > 0;
}

size_t hub_rooms_count(const struct hub_rooms *rooms)
{
	return sio_rooms_count(rooms->rooms);
}

struct room_visit {
	client_visit *visit;
	void *user;
};

static void visit_member(void *owner, void *user)
{
	const struct room_visit *visit = user;

	visit->visit(owner, visit->user);
}

void hub_rooms_each(struct hub_rooms *rooms, const char *name,
		    client_visit *visit, void *user)
{
	struct room_visit each = {visit, user};

	sio_room_each(rooms->rooms, name, visit_member, &each);
}
