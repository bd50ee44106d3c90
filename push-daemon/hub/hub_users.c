#include "hub_users.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define CONTACTS_MAX 5000
#define HIDDEN_MAX 10000

struct hub_users {
	struct map map; /* id -> struct user */
	struct presence presence;
};

/* A map's value that only says "is there". */
static char there;

struct hub_users *hub_users_new(int64_t presence_grace_ms)
{
	struct hub_users *users = xcalloc(1, sizeof(*users));

	map_init(&users->map);
	presence_init(&users->presence, presence_grace_ms);
	return users;
}

static void hub_users_drop(void *value)
{
	struct user *user = value;

	map_done(&user->contacts, NULL);
	map_done(&user->directs, free);
	map_done(&user->hidden, NULL);
	free(user->status_text);
	free(user->username);
	free(user->avatar);
	free(user);
}

void hub_users_free(struct hub_users *users)
{
	if (users == NULL)
		return;
	map_done(&users->map, hub_users_drop);
	free(users);
}

struct user *hub_users_find(const struct hub_users *users, const char *id)
{
	return map_get(&users->map, id);
}

struct user *hub_users_get(struct hub_users *users, const char *id)
{
	struct user *user = hub_users_find(users, id);

	if (user != NULL)
		return user;
	user = xcalloc(1, sizeof(*user));
	TAILQ_INIT(&user->clients);
	map_init(&user->contacts);
	map_init(&user->directs);
	map_init(&user->hidden);
	user->status_text = xstrdup("");
	user->username = xstrdup("");
	user->avatar = xstrdup("");
	memcpy(user->id, id, ID_SIZE);
	map_put(&users->map, id, user);
	return user;
}

void hub_users_remove(struct hub_users *users, struct user *user)
{
	map_remove(&users->map, user->id);
	hub_users_drop(user);
}

void hub_users_each(struct hub_users *users,
		    int (*visit)(const char *id, void *user, void *context),
		    void *context)
{
	map_each(&users->map, visit, context);
}

bool hub_users_is_online(const struct hub_users *users, const char *id)
{
	const struct user *user = hub_users_find(users, id);

	return user != NULL && user->person.online;
}

struct presence *hub_users_presence(struct hub_users *users)
{
	return &users->presence;
}

void hub_users_set_status(struct user *user, const char *status_text)
{
	free(user->status_text);
	user->status_text = xstrdup(status_text);
}

void hub_users_set_name(struct user *user, const char *username,
			const char *avatar)
{
	free(user->username);
	free(user->avatar);
	user->username = xstrdup(username);
	user->avatar = xstrdup(avatar);
}

static void add_direct(struct user *user, const char *other)
{
	char conversation[ID_SIZE];

	id_direct(user->id, other, conversation);
	free(map_put(&user->directs, conversation, xstrdup(other)));
}

bool hub_users_add_contact(struct hub_users *users, const char *id,
			   const char *other)
{
	struct user *user = hub_users_find(users, id);

	if (user == NULL || strcmp(id, other) == 0 ||
	    user->contacts.count >= CONTACTS_MAX ||
	    map_put(&user->contacts, other, &there) != NULL)
		return false;
	if (user->directs_made)
		add_direct(user, other);
	return true;
}

bool hub_users_hide(struct hub_users *users, const char *id, const char *other,
		    bool hidden)
{
	struct user *user = hub_users_find(users, id);

	if (user == NULL)
		return false;
	user->hides++;
	if (hub_users_is_hidden(user, other) == hidden ||
	    (hidden && user->hidden.count >= HIDDEN_MAX))
		return false;
	if (hidden)
		map_put(&user->hidden, other, &there);
	else
		map_remove(&user->hidden, other);
	return true;
}

void hub_users_hide_none(struct user *user)
{
	user->hides++;
	map_done(&user->hidden, NULL);
	map_init(&user->hidden);
}

bool hub_users_sees_others(const struct user *user, bool guest_direct)
{
	return !user->guest || guest_direct;
}

bool hub_users_is_hidden(const struct user *user, const char *other)
{
	return user->hidden.count > 0 && map_get(&user->hidden, other) != NULL;
}

static int add_direct_of(const char *other, void *value, void *user)
{
	(void)value;
	add_direct(user, other);
	return 1;
}

const char *hub_users_direct_with(struct user *user, const char *conversation)
{
	/* Made when first asked for: each costs a SHA-256. */
	if (!user->directs_made) {
		map_each(&user->contacts, add_direct_of, user);
		user->directs_made = true;
	}
	return map_get(&user->directs, conversation);
}

void hub_users_each_client(struct user *user, client_visit *visit,
			   void *context)
{
	struct client *client, *next;

	for (client = TAILQ_FIRST(&user->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, of_user);
		visit(client, context);
	}
}
