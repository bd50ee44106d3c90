#include "presence.h"

#include "app.h"
#include "mem.h"
#include "notify_client.h"
#include "view.h"

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
