#include "presence.h"

#include "app.h"
#include "mem.h"
#include "notify_client.h"
#include "view.h"

void presence_ask(struct app *app, struct view_people *people)
{
	if (people->count == 0)
		return;

	bool *online = xcalloc(people->count, sizeof(*online));

	notify_online(app->notify, people->ids, people->count, online);
	for (size_t i = 0; i < people->count; i++) {
		if (online[i])
			view_people_online(people, i);
	}
	free(online);
}
