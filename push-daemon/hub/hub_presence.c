/* Who hears of whose coming and going, and how it reaches them. */
#include "hub_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "frame_head.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "sio_message.h"

#define QUESTION_DEPTH 4

/* ---- one change, to all it concerns ---- */

struct change {
	uint64_t stamp;
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
	return hub_message(online ? "user-online" : "user-offline", body);
}

static void tell(void *owner, void *user)
{
	struct client *client = owner;
	const struct change *change = user;
	struct hub *hub = client->hub;

	if (client->stamp == change->stamp || client->state != CLIENT_READY)
		return;
	client->stamp = change->stamp;
	client_ref(client);
	if (presence_queue_pass(&client->presence, change->user_id,
				change->last_seen_ms, change->now_ms)) {
		hub_send(client, change->messages[0], true);
		hub_send(client, change->messages[1], true);
	} else if (!client->queued) {
		TAILQ_INSERT_TAIL(&hub->queued, client, queue_link);
		client->queued = true;
	}
	client_unref(client);
}

static void tell_list(struct client_list *list, bool of_user,
		      struct change *change)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(list); client != NULL; client = next) {
		next = of_user ? TAILQ_NEXT(client, of_user)
			       : TAILQ_NEXT(client, link);
		tell(client, change);
	}
}

struct contacts_told {
	struct hub *hub;
	struct change *change;
};

static int tell_contact(const char *id, void *value, void *user)
{
	const struct contacts_told *told = user;
	struct user *contact = map_get(&told->hub->users, id);

	(void)value;
	if (contact != NULL)
		tell_list(&contact->clients, true, told->change);
	return 1;
}

bool hub_everyone_hears(const struct hub *hub)
{
	return (int64_t)hub->presence.online <=
	       hub->config.presence_broadcast_max;
}

/* Who was told of his coming hears of his going, however many are here by
 * then: at most presence_broadcast_max were announced so. */
static bool concerns_everyone(struct hub *hub, struct user *user, bool comes)
{
	bool everyone =
		hub_everyone_hears(hub) || (!comes && user->told_everyone);

	user->told_everyone = everyone && comes;
	hub->untold |= comes && !everyone;
	return everyone;
}

static void tell_audience(struct hub *hub, struct user *user,
			  struct change *change)
{
	struct contacts_told told = {hub, change};
	struct client *client;
	char room[HUB_ROOM_SIZE];

	/* Not his own sockets. */
	TAILQ_FOREACH (client, &user->clients, of_user)
		client->stamp = change->stamp;

	if (concerns_everyone(hub, user,
			      change->last_seen_ms == PRESENCE_ONLINE)) {
		tell_list(&hub->clients, false, change);
		return;
	}
	map_each(&user->contacts, tell_contact, &told);
	snprintf(room, sizeof(room), "w:%s", user->id);
	sio_room_each(hub->rooms, room, tell, change);
}

static void announce(struct hub *hub, struct user *user, int64_t last_seen_ms)
{
	struct change change = {
		.stamp = ++hub->stamp,
		.user_id = user->id,
		.last_seen_ms = last_seen_ms,
		.now_ms = hub->config.mono_ms(),
	};

	change.messages[0] = came_or_went(&change);
	change.messages[1] = hub_status_message(
		hub, user->id,
		user->status_text != NULL ? user->status_text : "",
		last_seen_ms);
	tell_audience(hub, user, &change);
	sio_message_unref(change.messages[0]);
	sio_message_unref(change.messages[1]);
}

/* ---- what a new socket has to know ---- */

struct listing {
	struct hub *hub;
	const struct user *except;
	struct json_object *ids;
	size_t left;
};

static int list_online(const char *id, void *value, void *user)
{
	struct listing *listing = user;
	const struct user *found = map_get(&listing->hub->users, id);

	(void)value;
	if (listing->left == 0)
		return 0;
	if (found != NULL && found != listing->except && found->person.online) {
		json_push(listing->ids, json_new_string(id));
		listing->left--;
	}
	return 1;
}

/* Of those that known has the ids of. */
static struct sio_message *presence_of(struct hub *hub, struct map *known,
				       const struct user *except)
{
	struct json_object *body = json_new_object();
	struct listing listing = {hub, except, json_new_array(),
				  LIMIT_ONLINE_NAMED};

	map_each(known, list_online, &listing);
	json_put(body, "online", listing.ids);
	json_put(body, "offline", json_new_array());
	return hub_message("presence", body);
}

static void send_first_presence(struct hub *hub, struct client *client)
{
	struct map *known =
		hub_everyone_hears(hub) ? &hub->users : &client->user->contacts;
	struct sio_message *message = presence_of(hub, known, client->user);

	hub_send(client, message, false);
	sio_message_unref(message);
}

static int mark_told(const char *id, void *value, void *user)
{
	struct user *person = value;

	(void)id;
	(void)user;
	person->told_everyone = person->person.online;
	return 1;
}

/* Again few enough for everyone to hear of everyone: who came meanwhile is told
 * in one message, the same for all. */
void hub_presence_reunite(struct hub *hub)
{
	struct sio_message *message;
	struct client *client, *next;

	if (!hub->untold || !hub_everyone_hears(hub))
		return;
	hub->untold = false;
	message = presence_of(hub, &hub->users, NULL);
	map_each(&hub->users, mark_told, NULL);
	for (client = TAILQ_FIRST(&hub->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		hub_send(client, message, true);
	}
	sio_message_unref(message);
}

void hub_presence_up(struct hub *hub, struct client *client)
{
	struct user *user = client->user;

	client_ref(client);
	if (presence_up(&hub->presence, &user->person))
		announce(hub, user, PRESENCE_ONLINE);
	if (client->state == CLIENT_READY)
		send_first_presence(hub, client);
	client_unref(client);
}

void hub_presence_down(struct hub *hub, struct client *client)
{
	presence_down(&hub->presence, &client->user->person,
		      hub->config.mono_ms(), hub->config.wall_ms());
}

/* ---- on the tick ---- */

static void flush_queue(struct hub *hub, struct client *client, int64_t now_ms)
{
	size_t len;
	char *text = presence_queue_take(&client->presence, now_ms, &len);
	struct sio_message *message = sio_message_new(text, len);

	hub_presence_unqueue(hub, client);
	hub_send(client, message, true);
	sio_message_unref(message);
	free(text);
}

void hub_presence_unqueue(struct hub *hub, struct client *client)
{
	if (!client->queued)
		return;
	TAILQ_REMOVE(&hub->queued, client, queue_link);
	client->queued = false;
}

void hub_presence_tick(struct hub *hub)
{
	int64_t now_ms = hub->config.mono_ms();
	struct presence_person *person;
	struct client *client, *next;

	while ((person = presence_next_offline(&hub->presence, now_ms)) !=
	       NULL) {
		struct user *user = (struct user *)person;

		hub_last_seen(hub, user->id, person->last_seen_ms);
		announce(hub, user, person->last_seen_ms);
		map_remove(&hub->users, user->id);
		hub_user_free(user);
	}
	for (client = TAILQ_FIRST(&hub->queued); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, queue_link);
		if (presence_queue_due(&client->presence, now_ms))
			flush_queue(hub, client, now_ms);
	}
}

/* ---- questions ---- */

bool hub_is_online(const struct hub *hub, const char *id)
{
	const struct user *user = map_get(&hub->users, id);

	return user != NULL && user->person.online;
}

/* Of each id in payload, one behind the other: '1' or '0'. */
static bool add_asked(const struct hub *hub, const struct notify_parts *asked,
		      struct buf *out)
{
	size_t count = asked->payload_len / ID_LEN;

	if (asked->payload_len % ID_LEN != 0 || count > FRAME_USERS_MAX)
		return false;
	buf_adds(out, "");
	for (size_t i = 0; i < count; i++) {
		char id[ID_SIZE] = "";

		memcpy(id, asked->payload + i * ID_LEN, ID_LEN);

		buf_adds(out, hub_is_online(hub, id) ? "1" : "0");
	}
	return true;
}

static bool add_some(struct hub *hub, const struct json_object *question,
		     struct json_object *answer)
{
	struct listing listing = {hub, NULL, json_new_array(),
				  LIMIT_ONLINE_NAMED};
	int64_t limit;

	json_put(answer, "online", listing.ids);
	if (json_get_int(question, "limit", &limit) != JSON_FOUND || limit < 0)
		return false;
	if (limit < LIMIT_ONLINE_NAMED)
		listing.left = (size_t)limit;
	map_each(&hub->users, list_online, &listing);
	return true;
}

static bool answer_question(struct hub *hub, const struct json_object *question,
			    const struct notify_parts *parts, struct buf *out)
{
	struct json_object *head = json_new_object();
	struct notify_parts answer = {0};
	struct buf payload;
	bool good;

	buf_init(&payload, FRAME_USERS_MAX);
	json_put(head, "id", json_ref(json_any(question, "id")));
	good = parts->payload != NULL ? add_asked(hub, parts, &payload)
				      : add_some(hub, question, head);
	answer.head = json_print(head, &answer.head_len);
	answer.payload = payload.data;
	answer.payload_len = payload.len;
	good = good && notify_frame_add(out, NOTIFY_PRESENCE, &answer);
	json_free(head);
	buf_done(&payload);
	return good;
}

bool hub_presence(struct hub *hub, const struct notify_frame *question,
		  struct buf *out)
{
	struct notify_parts parts;
	struct json_object *head = NULL;
	bool good;

	notify_frame_split(question, &parts);
	good = json_parse(parts.head, parts.head_len, JSON_OURS(QUESTION_DEPTH),
			  &head) == JSON_OK &&
	       json_is_object(head) && answer_question(hub, head, &parts, out);
	json_free(head);
	return good;
}
