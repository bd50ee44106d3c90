#include "hub_presence.h"

#include <stdlib.h>

#include "hub_audience.h"
#include "hub_base.h"
#include "hub_clients.h"
#include "hub_last_seen.h"
#include "hub_message.h"
#include "hub_rooms.h"
#include "hub_roster.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "room.h"
#include "sio_message.h"

#define ROUND_MS 60000

struct hub_presence {
	struct hub_presence_parts parts;
	struct client_list queued; /* clients whose presence_queue waits */
	bool operators;		   /* some are here, and so the server */
	bool unannounced; /* somebody came of whom not everyone was told */
	int64_t round_ms; /* when those present began to be noted, monotonic */
};

struct hub_presence *hub_presence_new(const struct hub_presence_parts *parts)
{
	struct hub_presence *presence = xcalloc(1, sizeof(*presence));

	presence->parts = *parts;
	TAILQ_INIT(&presence->queued);
	presence->round_ms = hub_base_mono_ms(parts->base);
	return presence;
}

void hub_presence_free(struct hub_presence *presence)
{
	free(presence);
}

/* ---- one change, to all it concerns ---- */

struct change {
	struct hub_presence *presence;
	const char *user_id;
	int64_t last_seen_ms; /* PRESENCE_ONLINE: came online */
	int64_t now_ms;
	struct sio_message *messages[2];
};

static struct sio_message *came_or_went(const struct change *change)
{
	bool online = change->last_seen_ms == PRESENCE_ONLINE;
	struct json_object *body = json_new_object();

	json_put_string(body, "userId", change->user_id);
	if (!online)
		json_put_time(body, "lastSeen", change->last_seen_ms);
	return hub_message_new(online ? "user-online" : "user-offline", body);
}

static void enqueue(struct hub_presence *presence, struct client *client)
{
	if (client->queued)
		return;
	TAILQ_INSERT_TAIL(&presence->queued, client, queue_link);
	client->queued = true;
}

static void unqueue(struct hub_presence *presence, struct client *client)
{
	if (!client->queued)
		return;
	TAILQ_REMOVE(&presence->queued, client, queue_link);
	client->queued = false;
}

static void send_or_queue(struct client *client, void *context)
{
	const struct change *change = context;

	if (presence_queue_pass(&client->presence, change->user_id,
				change->last_seen_ms, change->now_ms)) {
		client_send(client, change->messages[0], true);
		client_send(client, change->messages[1], true);
	} else {
		enqueue(change->presence, client);
	}
}

/* Who was told of somebody's coming hears of their going, however many are
 * here by then: at most presence_broadcast_max were announced so. */
static bool concerns_everyone(struct hub_presence *presence, struct user *user,
			      bool comes)
{
	bool everyone = hub_audience_is_everyone(presence->parts.audience) ||
			(!comes && user->announced_to_all);

	if (user->guest)
		return false;

	user->announced_to_all = everyone && comes;
	presence->unannounced |= comes && !everyone;
	return everyone;
}

static void announce_presence(struct hub_presence *presence, struct user *user,
			      int64_t last_seen_ms)
{
	const struct hub_base *base = presence->parts.base;
	struct change change = {
		.presence = presence,
		.user_id = user->id,
		.last_seen_ms = last_seen_ms,
		.now_ms = hub_base_mono_ms(base),
	};
	const struct hub_seen seen = {
		.user_id = user->id,
		.by_everyone = concerns_everyone(
			presence, user, last_seen_ms == PRESENCE_ONLINE),
		.but_not_self = true,
	};

	change.messages[0] = came_or_went(&change);
	change.messages[1] =
		hub_message_user_status(user->id, user->status_text,
					last_seen_ms, hub_base_wall_ms(base));
	hub_audience_of_user(presence->parts.audience, &seen, send_or_queue,
			     &change);
	sio_message_unref(change.messages[0]);
	sio_message_unref(change.messages[1]);
}

/* ---- who is there ---- */

struct listing {
	struct hub_users *users;
	const struct user *viewer; /* who is not told of themselves */
	struct json_object *ids;
	size_t left;
};

static bool is_contact(const struct user *viewer, const char *id)
{
	return viewer != NULL && map_get(&viewer->contacts, id) != NULL;
}

static bool is_hidden(const struct user *viewer, const char *id)
{
	return viewer != NULL && hub_users_is_hidden(viewer, id);
}

static int hub_presence_list(const char *id, void *value, void *context)
{
	struct listing *listing = context;
	const struct user *found = hub_users_find(listing->users, id);

	(void)value;
	if (listing->left == 0)
		return 0;
	if (found != NULL && found != listing->viewer && found->person.online &&
	    (!found->guest || is_contact(listing->viewer, id)) &&
	    !is_hidden(listing->viewer, id)) {
		json_push(listing->ids, json_new_string(id));
		listing->left--;
	}
	return 1;
}

/* Support is everybody's contact. */
static void list_contacts(struct user *user, struct listing *listing)
{
	hub_presence_list(ID_SERVER, NULL, listing);
	map_each(&user->contacts, hub_presence_list, listing);
}

static struct sio_message *presence_message(struct json_object *online)
{
	struct json_object *body = json_new_object();

	json_put(body, "online", online);
	json_put(body, "offline", json_new_array());
	return hub_message_new("presence", body);
}

static void send_first_presence(struct hub_presence *presence,
				struct client *client)
{
	struct hub_users *users = presence->parts.users;
	struct listing listing = {users, client->user, json_new_array(),
				  LIMIT_ONLINE_NAMED};
	struct sio_message *message;

	if (hub_audience_is_everyone(presence->parts.audience) &&
	    !client->user->guest)
		hub_users_each(users, hub_presence_list, &listing);
	else
		list_contacts(client->user, &listing);
	message = presence_message(listing.ids);
	client_send(client, message, false);
	sio_message_unref(message);
}

static void send_presence(struct client *client, void *message)
{
	client_send(client, message, true);
}

/* The same message for all but those who do not see everybody. */
struct reunion {
	struct hub_presence *presence;
	struct sio_message *message;
};

static void send_to_known(struct client *client, void *context)
{
	const struct reunion *reunion = context;

	if (client->user == NULL || client->user->guest)
		return;
	if (client->user->hidden.count > 0)
		send_first_presence(reunion->presence, client);
	else
		send_presence(client, reunion->message);
}

void hub_presence_tell_contact(struct hub_presence *presence, const char *id,
			       const char *contact)
{
	struct user *user = hub_users_find(presence->parts.users, id);
	struct sio_message *message;
	struct json_object *online;

	if (user == NULL || hub_users_is_hidden(user, contact) ||
	    !hub_users_is_online(presence->parts.users, contact))
		return;
	online = json_new_array();
	json_push(online, json_new_string(contact));
	message = presence_message(online);
	hub_users_each_client(user, send_presence, message);
	sio_message_unref(message);
}

/* To whom they seem to go now. */
static int64_t gone_since(const struct user *user, const struct hub_base *base)
{
	return user != NULL && user->hides_last_seen ? PRESENCE_UNSAID
						     : hub_base_wall_ms(base);
}

void hub_presence_hide(struct hub_presence *presence, const char *id,
		       const char *other, bool hidden)
{
	const struct hub_base *base = presence->parts.base;
	struct hub_users *users = presence->parts.users;
	struct user *user = hub_users_find(users, id);
	struct user *found = hub_users_find(users, other);
	struct change change = {
		.presence = presence,
		.user_id = other,
		.last_seen_ms =
			hidden ? gone_since(found, base) : PRESENCE_ONLINE,
		.now_ms = hub_base_mono_ms(base),
	};

	if (!hub_users_hide(users, id, other, hidden) || found == NULL ||
	    !found->person.online)
		return;
	hub_roster_change(presence->parts.roster);
	if (!hub_users_sees_others(user, base->config.guest_direct))
		return;
	change.messages[0] = came_or_went(&change);
	change.messages[1] = hub_message_user_status(other, found->status_text,
						     change.last_seen_ms,
						     hub_base_wall_ms(base));
	hub_users_each_client(user, send_or_queue, &change);
	sio_message_unref(change.messages[0]);
	sio_message_unref(change.messages[1]);
}

void hub_presence_up(struct hub_presence *presence, struct client *client)
{
	struct user *user = client->user;

	hub_roster_change(presence->parts.roster);
	client_ref(client);
	if (presence_up(hub_users_presence(presence->parts.users),
			&user->person))
		announce_presence(presence, user, PRESENCE_ONLINE);
	if (client->state == CLIENT_READY)
		send_first_presence(presence, client);
	client_unref(client);
}

void hub_presence_down(struct hub_presence *presence, struct client *client)
{
	const struct hub_base *base = presence->parts.base;

	hub_roster_change(presence->parts.roster);
	unqueue(presence, client);
	presence_down(hub_users_presence(presence->parts.users),
		      &client->user->person, hub_base_mono_ms(base),
		      hub_base_wall_ms(base));
}

/* ---- on the tick ---- */

/* The server is there while an operator is. */
static void tick_server(struct hub_presence *presence)
{
	const struct hub_base *base = presence->parts.base;
	struct presence *people = hub_users_presence(presence->parts.users);
	bool operators =
		hub_rooms_is_occupied(presence->parts.rooms, ROOM_OPERATOR);
	struct user *server;

	if (operators == presence->operators)
		return;
	presence->operators = operators;
	server = hub_users_get(presence->parts.users, ID_SERVER);
	if (!operators)
		presence_down(people, &server->person, hub_base_mono_ms(base),
			      hub_base_wall_ms(base));
	else if (presence_up(people, &server->person))
		announce_presence(presence, server, PRESENCE_ONLINE);
}

static void flush_queue(struct hub_presence *presence, struct client *client,
			int64_t now_ms)
{
	size_t len;
	char *text = presence_queue_take(&client->presence, now_ms, &len);
	struct sio_message *message = sio_message_new(text, len);

	unqueue(presence, client);
	client_send(client, message, true);
	sio_message_unref(message);
	free(text);
}

static void take_offline(struct hub_presence *presence, struct user *user)
{
	int64_t last_seen_ms = user->person.last_seen_ms;

	hub_last_seen_note(presence->parts.last_seen, user->id, last_seen_ms);
	announce_presence(presence, user,
			  user->hides_last_seen ? PRESENCE_UNSAID
						: last_seen_ms);
	hub_users_remove(presence->parts.users, user);
}

void hub_presence_tick(struct hub_presence *presence)
{
	struct presence *people = hub_users_presence(presence->parts.users);
	int64_t now_ms = hub_base_mono_ms(presence->parts.base);
	struct presence_person *person;
	struct client *client, *next;

	tick_server(presence);
	while ((person = presence_next_offline(people, now_ms)) != NULL)
		take_offline(presence, (struct user *)person);
	for (client = TAILQ_FIRST(&presence->queued); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, queue_link);
		if (presence_queue_due(&client->presence, now_ms))
			flush_queue(presence, client, now_ms);
	}
}

static int mark_announced(const char *id, void *value, void *context)
{
	struct user *user = value;

	(void)id;
	(void)context;
	user->announced_to_all = user->person.online && !user->guest;
	return 1;
}

/* Again few enough for everyone to see everyone: who came meanwhile is named
 * in one message, the same for all. */
static void reunite(struct hub_presence *presence)
{
	struct hub_users *users = presence->parts.users;
	struct listing listing = {users, NULL, NULL, LIMIT_ONLINE_NAMED};
	struct reunion reunion = {.presence = presence};

	if (!presence->unannounced ||
	    !hub_audience_is_everyone(presence->parts.audience))
		return;
	presence->unannounced = false;
	listing.ids = json_new_array();
	hub_users_each(users, hub_presence_list, &listing);
	reunion.message = presence_message(listing.ids);
	hub_users_each(users, mark_announced, NULL);
	hub_clients_each(presence->parts.clients, send_to_known, &reunion);
	sio_message_unref(reunion.message);
}

/* Should we be killed, who is here now was last seen a minute ago at most: all
 * of them are noted once a minute, a batch a second. */
static void note_present(struct hub_presence *presence)
{
	struct presence *people = hub_users_presence(presence->parts.users);
	struct hub_last_seen *last_seen = presence->parts.last_seen;
	int64_t now_ms = hub_base_mono_ms(presence->parts.base);
	struct presence_person *person;

	while (!hub_last_seen_is_full(last_seen)) {
		person = presence_next_present(people);
		if (person == NULL)
			break;
		hub_last_seen_note(last_seen, ((struct user *)person)->id,
				   hub_base_wall_ms(presence->parts.base));
	}
	if (!hub_last_seen_is_full(last_seen) &&
	    now_ms - presence->round_ms >= ROUND_MS) {
		presence->round_ms = now_ms;
		presence_start_round(people);
	}
}

void hub_presence_tick_second(struct hub_presence *presence)
{
	reunite(presence);
	note_present(presence);
}

static int note_now(const char *id, void *value, void *context)
{
	const struct user *user = value;
	struct hub_presence *presence = context;

	if (user->person.online)
		hub_last_seen_note(
			presence->parts.last_seen, id,
			user->person.sockets > 0
				? hub_base_wall_ms(presence->parts.base)
				: user->person.last_seen_ms);
	return 1;
}

void hub_presence_note_all(struct hub_presence *presence)
{
	hub_users_each(presence->parts.users, note_now, presence);
}
