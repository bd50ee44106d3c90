/* What a user shows of himself has changed: who hears of it, about once a
 * second at most. */
#include "hub_internal.h"

#include <stdio.h>

#include "json.h"
#include "mem.h"
#include "sio_message.h"

#define RECENT_MAX 10000 /* others are told of at once */

/* Each socket once, however many reasons it has to hear of it. */
struct news {
	struct hub *hub;
	struct sio_message *message;
	const char *user_id;
	uint64_t stamp;
};

static void tell(void *owner, void *user)
{
	struct client *client = owner;
	const struct news *news = user;

	if (client->stamp == news->stamp)
		return;
	client->stamp = news->stamp;
	client_ref(client);
	hub_send(client, news->message, true);
	client_unref(client);
}

static void tell_everyone(struct news *news)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&news->hub->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		tell(client, news);
	}
}

static int tell_if_contact(const char *id, void *value, void *context)
{
	struct news *news = context;
	struct user *user = value;
	struct client *client, *next;

	(void)id;
	if (map_get(&user->contacts, news->user_id) == NULL)
		return 1;
	for (client = TAILQ_FIRST(&user->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, of_user);
		tell(client, news);
	}
	return 1;
}

/* He may have no socket himself, so it is others' contacts that count. */
static void tell_those_who_see_him(struct news *news)
{
	static const char *const kinds[] = {"u", "w"};
	char room[HUB_ROOM_SIZE];

	for (size_t i = 0; i < 2; i++) {
		snprintf(room, sizeof(room), "%s:%s", kinds[i], news->user_id);
		sio_room_each(news->hub->rooms, room, tell, news);
	}
	map_each(&news->hub->users, tell_if_contact, news);
}

struct sio_message *hub_status_message(const struct hub *hub,
				       const char *user_id,
				       const char *status_text,
				       int64_t last_seen_ms)
{
	bool online = last_seen_ms == PRESENCE_ONLINE;
	struct json_object *body = json_new_object();

	json_put_string(body, "userId", user_id);
	json_put_string(body, "status", online ? "online" : "offline");
	json_put_time(body, "lastSeen",
		      online ? hub->config.wall_ms() : last_seen_ms);
	json_put_string(body, "statusText", status_text);
	return hub_message("user-status", body);
}

static void announce(struct hub *hub, const char *user_id,
		     const char *status_text, int64_t last_seen_ms)
{
	const struct user *user = map_get(&hub->users, user_id);
	bool online = user != NULL && user->person.online;
	struct news news = {
		.hub = hub,
		.message = hub_status_message(hub, user_id, status_text,
					      online ? PRESENCE_ONLINE
						     : last_seen_ms),
		.user_id = user_id,
		.stamp = ++hub->stamp,
	};

	if (hub_everyone_hears(hub))
		tell_everyone(&news);
	else
		tell_those_who_see_him(&news);
	sio_message_unref(news.message);
}

/* Of somebody who was told of a moment ago: his next waits, the last wins. */
struct recent {
	char *waiting; /* NULL: all was told */
	int64_t last_seen_ms;
};

void hub_settings(struct hub *hub, const char *user_id, const char *status_text,
		  int64_t last_seen_ms)
{
	struct user *user = map_get(&hub->users, user_id);
	struct recent *recent = map_get(&hub->settings, user_id);

	if (user != NULL)
		hub_user_status(user, status_text);
	if (recent != NULL) {
		free(recent->waiting);
		recent->waiting = xstrdup(status_text);
		recent->last_seen_ms = last_seen_ms;
		return;
	}
	if (hub->settings.count < RECENT_MAX)
		map_put(&hub->settings, user_id, xcalloc(1, sizeof(*recent)));
	announce(hub, user_id, status_text, last_seen_ms);
}

static int tell_waiting(const char *user_id, void *value, void *context)
{
	struct hub *hub = context;
	struct recent *recent = value;
	char *text = recent->waiting;

	recent->waiting = NULL;
	if (text != NULL)
		announce(hub, user_id, text, recent->last_seen_ms);
	else
		free(map_remove(&hub->settings, user_id));
	free(text);
	return 1;
}

void hub_settings_tick(struct hub *hub)
{
	map_each(&hub->settings, tell_waiting, hub);
}

static void recent_free(void *value)
{
	free(((struct recent *)value)->waiting);
	free(value);
}

void hub_settings_done(struct hub *hub)
{
	map_done(&hub->settings, recent_free);
}
