#include "hub_audience.h"

#include <stdlib.h>
#include <string.h>

#include "hub_base.h"
#include "hub_clients.h"
#include "hub_rooms.h"
#include "hub_users.h"
#include "mem.h"
#include "room.h"

struct hub_audience {
	const struct hub_base *base;
	struct hub_clients *clients;
	struct hub_users *users;
	struct hub_rooms *rooms;
	uint64_t stamp; /* of the last visit of all */
};

/* A visit of all that hear of something. */
struct meeting {
	struct hub_audience *audience;
	uint64_t stamp;
	const char *user_id; /* whom it is about; NULL: nobody */
	client_visit *visit;
	void *context;
};

struct hub_audience *hub_audience_new(const struct hub_base *base,
				      struct hub_clients *clients,
				      struct hub_users *users,
				      struct hub_rooms *rooms)
{
	struct hub_audience *audience = xcalloc(1, sizeof(*audience));

	*audience = (struct hub_audience){base, clients, users, rooms, 0};
	return audience;
}

void hub_audience_free(struct hub_audience *audience)
{
	free(audience);
}

bool hub_audience_is_everyone(const struct hub_audience *audience)
{
	return (int64_t)hub_users_presence(audience->users)->online <=
	       audience->base->config.presence_broadcast_max;
}

static void meet_client(struct client *client, void *user)
{
	const struct meeting *meeting = user;

	if (client->state != CLIENT_READY || client->stamp == meeting->stamp)
		return;
	client->stamp = meeting->stamp;
	if (meeting->user_id != NULL &&
	    hub_users_is_hidden(client->user, meeting->user_id))
		return;
	client_ref(client);
	meeting->visit(client, meeting->context);
	client_unref(client);
}

/* As if it had been met. */
static void pass_over_client(struct client *client, void *user)
{
	const struct meeting *meeting = user;

	client->stamp = meeting->stamp;
}

static void pass_over(struct meeting *meeting, const char *except)
{
	for (; except != NULL && *except != '\0'; except += ID_LEN) {
		char id[ID_SIZE] = "";
		struct user *user;

		memcpy(id, except, ID_LEN);
		user = hub_users_find(meeting->audience->users, id);
		if (user != NULL)
			hub_users_each_client(user, pass_over_client, meeting);
	}
}

static void meet_if_no_guest(struct client *client, void *user)
{
	if (client->user != NULL && !client->user->guest)
		meet_client(client, user);
}

static int meet_contact(const char *id, void *value, void *context)
{
	struct meeting *meeting = context;
	struct user *contact = hub_users_find(meeting->audience->users, id);

	(void)value;
	if (contact != NULL)
		hub_users_each_client(contact, meet_client, meeting);
	return 1;
}

static int meet_if_contact(const char *id, void *value, void *context)
{
	struct meeting *meeting = context;
	struct user *user = value;

	(void)id;
	if (map_get(&user->contacts, meeting->user_id) != NULL)
		hub_users_each_client(user, meet_client, meeting);
	return 1;
}

/* Of somebody who is not here only the others know whose contact they are. */
static void meet_contacts(struct meeting *meeting)
{
	struct hub_users *users = meeting->audience->users;
	struct user *user = hub_users_find(users, meeting->user_id);

	if (user == NULL) {
		hub_users_each(users, meet_if_contact, meeting);
		return;
	}
	hub_users_each_client(user, meet_client, meeting);
	map_each(&user->contacts, meet_contact, meeting);
}

static void meet_watchers(struct meeting *meeting)
{
	char room[ROOM_SIZE];

	room_of_watchers(meeting->user_id, room);
	hub_rooms_each(meeting->audience->rooms, room, meet_client, meeting);
}

static bool is_guest(const struct hub_audience *audience, const char *id)
{
	const struct user *user = hub_users_find(audience->users, id);

	return user != NULL && user->guest;
}

void hub_audience_of_user(struct hub_audience *audience,
			  const struct hub_seen *seen, client_visit *visit,
			  void *context)
{
	struct meeting meeting = {
		.audience = audience,
		.stamp = ++audience->stamp,
		.user_id = seen->user_id,
		.visit = visit,
		.context = context,
	};

	pass_over(&meeting, seen->but_not_self ? seen->user_id : NULL);
	if (strcmp(seen->user_id, ID_SERVER) == 0) {
		hub_clients_each(audience->clients, meet_client, &meeting);
		return;
	}
	if (!is_guest(audience, seen->user_id) &&
	    (seen->by_everyone || hub_audience_is_everyone(audience)))
		hub_clients_each(audience->clients, meet_if_no_guest, &meeting);
	if (seen->by_operators)
		hub_rooms_each(audience->rooms, ROOM_OPERATOR, meet_client,
			       &meeting);
	meet_contacts(&meeting);
	meet_watchers(&meeting);
}

void hub_audience_of_rooms(struct hub_audience *audience,
			   const char *const *rooms, size_t count,
			   const char *except, client_visit *visit,
			   void *context)
{
	struct meeting meeting = {
		.audience = audience,
		.stamp = ++audience->stamp,
		.visit = visit,
		.context = context,
	};

	pass_over(&meeting, except);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rooms[i], ROOM_ALL) == 0)
			hub_clients_each(audience->clients, meet_client,
					 &meeting);
		else
			hub_rooms_each(audience->rooms, rooms[i], meet_client,
				       &meeting);
	}
}

bool hub_audience_excepts(const char *except, const char *user_id)
{
	for (; except != NULL && *except != '\0'; except += ID_LEN) {
		if (memcmp(except, user_id, ID_LEN) == 0)
			return true;
	}
	return false;
}
