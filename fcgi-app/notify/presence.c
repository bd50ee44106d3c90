#include "presence.h"

#include "app.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_limits.h"
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

bool presence_shown(struct app *app, const struct store_user *viewer,
		    struct store_user *user)
{
	struct view_people people;
	bool hidden;

	presence_people_init(app, viewer, &people, NULL);
	hidden = view_people_is_hidden(&people, user->id);
	view_people_done(&people);
	if (!hidden)
		return presence_is_online(app, user->id);
	user->last_seen = 0;
	return false;
}
