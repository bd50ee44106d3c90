/*
 * room - the names of the rooms that events are delivered to. Workers name
 * rooms in their frames and pushd puts its clients into them; nobody writes a
 * name by hand.
 *
 *     u:<user id>           every connection of a user
 *     c:<conversation id>   every connection of its members
 *     r:operator, r:lobby   every connection of an operator, in the lobby
 *     r:line                every line, whose clients have a banner
 *     r:all                 every connection; nobody joins it
 *     w:<user id>           pushd's own: who watches that user's presence
 */
#ifndef ROOM_H
#define ROOM_H

#include <stdbool.h>

#define ROOM_MAX 64 /* bytes of a name */
#define ROOM_SIZE (ROOM_MAX + 1)

#define ROOM_OPERATOR "r:operator"
#define ROOM_LOBBY "r:lobby"
#define ROOM_LINE "r:line"
#define ROOM_ALL "r:all"

void room_of_user(const char *user_id, char out[ROOM_SIZE]);
void room_of_conversation(const char *conversation_id, char out[ROOM_SIZE]);
void room_of_watchers(const char *user_id, char out[ROOM_SIZE]);

/* The conversation of which that is the room, in its name; NULL: of none. */
const char *room_conversation(const char *name);

/* 1 to ROOM_MAX bytes without a blank; NULL is none. */
bool room_valid(const char *name);

#endif
