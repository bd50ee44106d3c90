/* Joins, leaves and walks against a model of one bit per pair. A byte is a
 * step: two bits what, three who, three where. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sio_room.h"

#define MEMBERS 8
#define ROOMS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sio_rooms *rooms;
static struct sio_member members[MEMBERS];
static bool in[ROOMS][MEMBERS];
static bool visited[MEMBERS];
static int leaver;
static const char *const names[ROOMS] = {"a", "b", "c", "d", "e", "f", "g", ""};

static void visit(void *owner, void *user)
{
	struct sio_member *member = owner;
	int who = (int)(member - members);
	int room = *(int *)user;

	if (!in[room][who] || visited[who])
		abort();
	visited[who] = true;
	/* Somebody leaves in the middle of it. */
	if (leaver >= 0 && in[room][leaver]) {
		sio_room_leave(rooms, names[room], &members[leaver]);
		in[room][leaver] = false;
	}
	leaver = -1;
}

static size_t count(int room)
{
	size_t sum = 0;

	for (int who = 0; who < MEMBERS; who++)
		sum += in[room][who];
	return sum;
}

static void walk(int room, int who)
{
	for (int i = 0; i < MEMBERS; i++)
		visited[i] = false;
	leaver = who;
	sio_room_each(rooms, names[room], visit, &room);
	for (int i = 0; i < MEMBERS; i++) {
		if (in[room][i] && !visited[i])
			abort();
	}
}

static void step(uint8_t byte)
{
	int who = byte >> 2 & 7, room = byte >> 5;

	switch (byte & 3) {
	case 0:
		if (sio_room_join(rooms, names[room], &members[who]) ==
		    in[room][who])
			abort();
		in[room][who] = true;
		break;
	case 1:
		if (sio_room_leave(rooms, names[room], &members[who]) !=
		    in[room][who])
			abort();
		in[room][who] = false;
		break;
	case 2:
		walk(room, who);
		break;
	default:
		sio_room_leave_all(rooms, &members[who]);
		for (int i = 0; i < ROOMS; i++)
			in[i][who] = false;
		break;
	}
	if (sio_room_size(rooms, names[room]) != count(room))
		abort();
}

static void no_seed(void *out, size_t len)
{
	memset(out, 0, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	rooms = sio_rooms_new(no_seed);
	for (int i = 0; i < MEMBERS; i++)
		sio_member_init(&members[i], &members[i]);
	for (size_t i = 0; i < size; i++)
		step(data[i]);
	for (int i = 0; i < MEMBERS; i++)
		step((uint8_t)(i << 2 | 3));
	if (sio_rooms_count(rooms) != 0)
		abort();
	sio_rooms_free(rooms);
	return 0;
}
