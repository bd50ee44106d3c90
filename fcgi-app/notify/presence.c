#include "presence.h"

#include <string.h>

#include "app.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "store.h"
#include "view.h"

static void hide(const char *id, void *people)
{
	view_people_hide(people, id);
}

/* Where the store fails now, what the answer is made of fails, too. */
void presence_people_init(struct app *app, const struct store_user *viewer,
			  struct view_people *people, struct json_text *text)
{
	const struct store_viewer who = store_viewer_of(viewer);

	view_people_init(people, text);
	store_hidden(app->store, &who, LIMIT_HIDDEN, hide, people);
}

bool presence_is_online(struct app *app, const char *user)
{
	bool online;

	return notify_online(app->notify, &user, 1, &online) && online;
}

void presence_ask(struct app *app, struct view_people *people)
{
	if (people->count == 0)
		return;

	bool *online = xcalloc(people->count, sizeof(*online));
	const char **ids = xcalloc(people->count, sizeof(*ids));

	for (size_t i = 0; i < people->count; i++)
		ids[i] = people->shown[i].id;
	notify_online(app->notify, ids, people->count, online);
	for (size_t i = 0; i < people->count; i++) {
		if (online[i])
			view_people_online(people, i);
	}
	free(ids);
	free(online);
}

static bool is_hidden(struct app *app, const struct store_user *viewer,
		      const char *user)
{
	struct view_people people;
	bool hidden;

	presence_people_init(app, viewer, &people, NULL);
	hidden = view_people_is_hidden(&people, user);
	view_people_done(&people);
	return hidden;
}

/* A guest who may write to nobody sees nobody come and go, but the server. */
static bool sees_nobody(const struct app *app, const struct store_user *viewer,
			const char *user)
{
	return viewer->role == ROLE_GUEST && !app->options->guest_direct &&
	       strcmp(user, viewer->id) != 0 && strcmp(user, ID_SERVER) != 0;
}

bool presence_shown(struct app *app, const struct store_user *viewer,
		    struct store_user *user)
{
	if (!sees_nobody(app, viewer, user->id) &&
	    !is_hidden(app, viewer, user->id))
		return presence_is_online(app, user->id);
	user->last_seen = 0;
	return false;
}
