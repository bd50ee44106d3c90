#include "hub_roster.h"

#include <stdlib.h>
#include <string.h>

#include "hub_ack.h"
#include "hub_audience.h"
#include "hub_message.h"
#include "hub_rooms.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"
#include "room.h"
#include "sio_message.h"

#define SHOWN_MAX 200
#define AVATAR_MAX 256 /* bytes: all that is shown has to fit an outbox */

struct hub_roster {
	struct hub_roster_parts parts;
	bool changed;
};

struct hub_roster *hub_roster_new(const struct hub_roster_parts *parts)
{
	struct hub_roster *roster = xcalloc(1, sizeof(*roster));

	roster->parts = *parts;
	return roster;
}

void hub_roster_free(struct hub_roster *roster)
{
	free(roster);
}

void hub_roster_change(struct hub_roster *roster)
{
	roster->changed = true;
}

/* ---- the list ---- */

struct listing {
	struct json_object *clients;
	int64_t total;
	bool for_operators;
};

/* Of the connection that has been there longest. */
static void put_connection(struct json_object *item,
			   const struct client *client)
{
	json_put_string(item, "ip", client->address);
	json_put_string(item, "transport", client->ops->transport(client));
	json_put_time(item, "since", client->since_ms);
}

static struct json_object *push_user(struct json_object *clients,
				     const struct user *user)
{
	struct json_object *item = json_new_object();

	json_put_string(item, "id", user->id);
	json_put_string(item, "username", user->username);
	json_put_string(item, "avatar",
			strlen(user->avatar) <= AVATAR_MAX ? user->avatar : "");
	json_put_string(item, "status", user->status_text);
	json_push(clients, item);
	return item;
}

static int list_user(const char *id, void *value, void *context)
{
	const struct user *user = value;
	const struct client *first = TAILQ_FIRST(&user->clients);
	struct listing *listing = context;
	struct json_object *item;

	(void)id;
	if (first == NULL || listing->total++ >= SHOWN_MAX)
		return 1;
	item = push_user(listing->clients, user);
	if (listing->for_operators)
		put_connection(item, first);
	return 1;
}

/* Takes clients. */
static struct sio_message *roster_message(struct json_object *clients,
					  int64_t total)
{
	struct json_object *body = json_new_object();

	json_put(body, "clients", clients);
	json_put_int(body, "total", total);
	return hub_message_new("clients_update", body);
}

/* ---- page by page, with what changes all the time ---- */

/* The first of those behind it, by their ids, and one more: is there more? */
struct paging {
	const char *after;
	const struct user *users[SHOWN_MAX + 1];
	size_t count, total;
};

/* Where it belongs. */
static size_t paging_find(const struct paging *paging, const char *id)
{
	size_t low = 0, high = paging->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(paging->users[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void paging_add(struct paging *paging, const struct user *user)
{
	size_t at = paging_find(paging, user->id);

	if (at == COUNT_OF(paging->users))
		return;
	if (paging->count < COUNT_OF(paging->users))
		paging->count++;
	memmove(paging->users + at + 1, paging->users + at,
		(paging->count - 1 - at) * sizeof(*paging->users));
	paging->users[at] = user;
}

static int page_user(const char *id, void *value, void *context)
{
	const struct user *user = value;
	struct paging *paging = context;

	if (TAILQ_EMPTY(&user->clients))
		return 1;
	paging->total++;
	if (strcmp(id, paging->after) > 0)
		paging_add(paging, user);
	return 1;
}

/* Of all their connections. */
static void put_use(struct json_object *item, const struct user *user)
{
	const struct client *client;
	int64_t active = 0, count = 0, queue = 0;

	TAILQ_FOREACH (client, &user->clients, of_user) {
		count++;
		queue += (int64_t)client->ops->waiting(client);
		if (client->active_ms > active)
			active = client->active_ms;
	}
	json_put_bool(item, "guest", user->guest);
	json_put_int(item, "connections", count);
	json_put_time(item, "active", active);
	json_put_int(item, "queue", queue);
}

static void put_page(struct json_object *answer, const struct paging *paging)
{
	struct json_object *clients = json_new_array();

	for (size_t i = 0; i < paging->count && i < SHOWN_MAX; i++) {
		const struct user *user = paging->users[i];
		struct json_object *item = push_user(clients, user);

		put_connection(item, TAILQ_FIRST(&user->clients));
		put_use(item, user);
	}
	json_put_bool(answer, "ok", true);
	json_put(answer, "clients", clients);
	json_put_int(answer, "total", (int64_t)paging->total);
	json_put_bool(answer, "more", paging->count > SHOWN_MAX);
}

struct json_object *hub_roster_page(const struct hub_roster *roster,
				    const char *after)
{
	struct paging paging = {.after = after};
	struct json_object *answer;

	if (*after != '\0' && !id_valid(after))
		return NULL;
	hub_users_each(roster->parts.users, page_user, &paging);
	answer = json_new_object();
	put_page(answer, &paging);
	return answer;
}

void hub_roster_list(struct hub_roster *roster, struct client *client,
		     int64_t ack, const struct json_object *body)
{
	struct json_object *answer = NULL;
	const char *after = "";

	if (!hub_rooms_has(roster->parts.rooms, ROOM_OPERATOR, client)) {
		hub_ack_error(client, ack, "forbidden");
		return;
	}
	if (json_get_string(body, "after", &after) != JSON_WRONG)
		answer = hub_roster_page(roster, after);
	if (answer != NULL)
		hub_ack(client, ack, answer);
	else
		hub_ack_error(client, ack, "invalid");
}

/* ---- to whom ---- */

struct telling {
	const struct hub_roster *roster;
	const struct listing *listing;
	struct sio_message *message; /* for who sees everybody */
};

struct hiding {
	const struct hub_users *users;
	int64_t here;
};

static int count_here(const char *id, void *value, void *context)
{
	struct hiding *hiding = context;
	const struct user *user = hub_users_find(hiding->users, id);

	(void)value;
	hiding->here += user != NULL && !TAILQ_EMPTY(&user->clients);
	return 1;
}

/* How many are here whom they do not see. */
static int64_t count_hidden(const struct telling *telling, struct user *user)
{
	struct hiding hiding = {telling->roster->parts.users, 0};

	if (!telling->listing->for_operators)
		map_each(&user->hidden, count_here, &hiding);
	return hiding.here;
}

/* The list of all, made once, without those. */
static struct sio_message *own_message(const struct listing *listing,
				       const struct user *viewer,
				       int64_t hidden)
{
	struct json_object *clients = json_new_array();

	for (size_t i = 0; i < json_length(listing->clients); i++) {
		struct json_object *item = json_at(listing->clients, i);
		const char *id = "";

		json_get_string(item, "id", &id);
		if (!hub_users_is_hidden(viewer, id))
			json_push(clients, json_ref(item));
	}
	return roster_message(clients, listing->total - hidden);
}

static void tell(struct client *client, void *context)
{
	const struct telling *telling = context;
	struct sio_message *own;
	int64_t hidden;

	if (hub_rooms_has(telling->roster->parts.rooms, ROOM_OPERATOR,
			  client) != telling->listing->for_operators)
		return;
	hidden = count_hidden(telling, client->user);
	if (hidden == 0) {
		client_send(client, telling->message, true);
		return;
	}
	own = own_message(telling->listing, client->user, hidden);
	client_send(client, own, true);
	sio_message_unref(own);
}

static void tell_room(struct hub_roster *roster, const char *room,
		      bool to_operators)
{
	struct listing listing = {json_new_array(), 0, to_operators};
	struct telling telling = {roster, &listing, NULL};

	if (hub_rooms_is_occupied(roster->parts.rooms, room)) {
		hub_users_each(roster->parts.users, list_user, &listing);
		telling.message = roster_message(json_ref(listing.clients),
						 listing.total);
		hub_audience_of_rooms(roster->parts.audience, &room, 1, NULL,
				      tell, &telling);
		sio_message_unref(telling.message);
	}
	json_free(listing.clients);
}

void hub_roster_tick_second(struct hub_roster *roster)
{
	if (!roster->changed)
		return;
	roster->changed = false;
	tell_room(roster, ROOM_OPERATOR, true);
	tell_room(roster, ROOM_LOBBY, false);
}
