#include "hub_profile.h"

#include <stdlib.h>

#include "hub_audience.h"
#include "hub_base.h"
#include "hub_message.h"
#include "hub_users.h"
#include "mem.h"
#include "sio_message.h"

#define RECENT_MAX 10000 /* changes of others are announced at once */

struct hub_profile {
	const struct hub_base *base;
	struct hub_audience *audience;
	struct hub_users *users;
	struct map recent; /* user id -> struct recent_change */
};

/* Of somebody whose change was announced a moment ago: their next one waits,
 * and the last one wins. */
struct recent_change {
	char *waiting; /* status text; NULL: all was announced */
	int64_t last_seen_ms;
};

struct hub_profile *hub_profile_new(const struct hub_base *base,
				    struct hub_audience *audience,
				    struct hub_users *users)
{
	struct hub_profile *profile = xcalloc(1, sizeof(*profile));

	profile->base = base;
	profile->audience = audience;
	profile->users = users;
	map_init(&profile->recent);
	return profile;
}

static void recent_change_free(void *value)
{
	free(((struct recent_change *)value)->waiting);
	free(value);
}

void hub_profile_free(struct hub_profile *profile)
{
	if (profile == NULL)
		return;
	map_done(&profile->recent, recent_change_free);
	free(profile);
}

static void send_status(struct client *client, void *message)
{
	client_send(client, message, true);
}

static struct sio_message *profile_message(const struct hub_profile *profile,
					   const char *user_id,
					   const char *status_text,
					   int64_t last_seen_ms)
{
	bool online = hub_users_is_online(profile->users, user_id);

	return hub_message_user_status(user_id, status_text,
				       online ? PRESENCE_ONLINE : last_seen_ms,
				       hub_base_wall_ms(profile->base));
}

static void announce_profile(struct hub_profile *profile, const char *user_id,
			     const char *status_text, int64_t last_seen_ms)
{
	const struct hub_seen seen = {.user_id = user_id, .by_operators = true};
	struct sio_message *message =
		profile_message(profile, user_id, status_text, last_seen_ms);

	hub_audience_of_user(profile->audience, &seen, send_status, message);
	sio_message_unref(message);
}

void hub_profile_change(struct hub_profile *profile, const char *user_id,
			const char *status_text, int64_t last_seen_ms)
{
	struct user *user = hub_users_find(profile->users, user_id);
	struct recent_change *recent = map_get(&profile->recent, user_id);

	if (user != NULL)
		hub_users_set_status(user, status_text);
	if (recent != NULL) {
		free(recent->waiting);
		recent->waiting = xstrdup(status_text);
		recent->last_seen_ms = last_seen_ms;
		return;
	}
	if (profile->recent.count < RECENT_MAX)
		map_put(&profile->recent, user_id, xcalloc(1, sizeof(*recent)));
	announce_profile(profile, user_id, status_text, last_seen_ms);
}

void hub_profile_tell(struct hub_profile *profile, const char *viewer_id,
		      const char *user_id, const char *status_text,
		      int64_t last_seen_ms)
{
	struct user *viewer = hub_users_find(profile->users, viewer_id);
	struct sio_message *message;

	if (viewer == NULL || hub_users_is_hidden(viewer, user_id) ||
	    !hub_users_sees_others(viewer, profile->base->config.guest_direct))
		return;
	message = profile_message(profile, user_id, status_text, last_seen_ms);
	hub_users_each_client(viewer, send_status, message);
	sio_message_unref(message);
}

static int announce_waiting(const char *user_id, void *value, void *context)
{
	struct hub_profile *profile = context;
	struct recent_change *recent = value;
	char *text = recent->waiting;

	recent->waiting = NULL;
	if (text != NULL)
		announce_profile(profile, user_id, text, recent->last_seen_ms);
	else
		free(map_remove(&profile->recent, user_id));
	free(text);
	return 1;
}

void hub_profile_tick(struct hub_profile *profile)
{
	map_each(&profile->recent, announce_waiting, profile);
}
