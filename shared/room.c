#include "room.h"

#include <string.h>

/* By hand: a message goes to a few rooms, and printf() takes as long as much of
 * the rest. */
static void room_write(char kind, const char *id, char out[ROOM_SIZE])
{
	out[0] = kind;
	out[1] = ':';
	memccpy(out + 2, id, '\0', ROOM_SIZE - 3);
	out[ROOM_SIZE - 1] = '\0';
}

void room_of_user(const char *user_id, char out[ROOM_SIZE])
{
	room_write('u', user_id, out);
}

void room_of_conversation(const char *conversation_id, char out[ROOM_SIZE])
{
	room_write('c', conversation_id, out);
}

void room_of_watchers(const char *user_id, char out[ROOM_SIZE])
{
	room_write('w', user_id, out);
}

const char *room_conversation(const char *name)
{
	return strncmp(name, "c:", 2) == 0 ? name + 2 : NULL;
}

bool room_valid(const char *name)
{
	return name != NULL && name[0] != '\0' && strchr(name, ' ') == NULL &&
	       strlen(name) <= ROOM_MAX;
}
