/* The hub's users and who their contacts are. */
#include "hub_internal.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define CONTACTS_MAX 5000

/* A map's value that only says "is there". */
static char there;

struct user *hub_user(struct hub *hub, const char *id)
{
	struct user *user = map_get(&hub->users, id);

	if (user != NULL)
		return user;
	user = xcalloc(1, sizeof(*user));
	TAILQ_INIT(&user->clients);
	map_init(&user->contacts);
	map_init(&user->directs);
	memcpy(user->id, id, ID_SIZE);
	map_put(&hub->users, id, user);
	return user;
}

void hub_user_free(void *value)
{
	struct user *user = value;

	map_done(&user->contacts, NULL);
	map_done(&user->directs, free);
	free(user->status_text);
	free(user);
}

void hub_user_status(struct user *user, const char *status_text)
{
	free(user->status_text);
	user->status_text = xstrdup(status_text);
}

static void add_direct(struct user *user, const char *other)
{
	char conversation[ID_SIZE];

	id_direct(user->id, other, conversation);
	free(map_put(&user->directs, conversation, xstrdup(other)));
}

static void add_contact(struct user *user, const char *other)
{
	if (user->contacts.count >= CONTACTS_MAX ||
	    map_put(&user->contacts, other, &there) != NULL)
		return;
	if (user->directs_made)
		add_direct(user, other);
}

void hub_contact(struct hub *hub, const char *one, const char *other)
{
	struct user *a = map_get(&hub->users, one);
	struct user *b = map_get(&hub->users, other);

	if (strcmp(one, other) == 0)
		return;
	if (a != NULL)
		add_contact(a, other);
	if (b != NULL)
		add_contact(b, one);
}

static int add_direct_of(const char *other, void *value, void *user)
{
	(void)value;
	add_direct(user, other);
	return 1;
}

const char *hub_direct_with(struct user *user, const char *conversation)
{
	/* Made when first asked for: each costs a SHA-256. */
	if (!user->directs_made) {
		map_each(&user->contacts, add_direct_of, user);
		user->directs_made = true;
	}
	return map_get(&user->directs, conversation);
}
