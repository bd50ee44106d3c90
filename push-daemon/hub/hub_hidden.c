#include "hub_hidden.h"

#include <stdlib.h>
#include <string.h>

#include "hub_presence.h"
#include "hub_users.h"
#include "json.h"
#include "map.h"
#include "mem.h"

struct shown {
	const struct map *wanted;
	char (*ids)[ID_SIZE];
	size_t count;
};

static int note_shown(const char *id, void *value, void *context)
{
	struct shown *shown = context;

	(void)value;
	if (map_get(shown->wanted, id) == NULL)
		memcpy(shown->ids[shown->count++], id, ID_SIZE);
	return 1;
}

/* Whom they do see, after all. */
static void show_others(struct hub_presence *presence, struct user *user,
			const struct map *wanted)
{
	struct shown shown = {
		.wanted = wanted,
		.ids = xcalloc(user->hidden.count + 1, ID_SIZE),
	};

	map_each(&user->hidden, note_shown, &shown);
	for (size_t i = 0; i < shown.count; i++)
		hub_presence_hide(presence, user->id, shown.ids[i], false);
	free(shown.ids);
}

void hub_hidden_renew(struct hub_presence *presence, struct user *user,
		      const struct json_object *ids)
{
	static char there;
	struct map wanted;

	map_init(&wanted);
	for (size_t i = 0; i < json_length(ids); i++) {
		const char *id = json_text_of(json_at(ids, i));

		if (id != NULL && id_valid(id))
			map_put(&wanted, id, &there);
	}
	show_others(presence, user, &wanted);
	for (size_t i = 0; i < json_length(ids); i++) {
		const char *id = json_text_of(json_at(ids, i));

		if (id != NULL && map_get(&wanted, id) != NULL &&
		    !hub_users_is_hidden(user, id))
			hub_presence_hide(presence, user->id, id, true);
	}
	map_done(&wanted, NULL);
}
