/*
 * hub_users - everybody who is online, or was until a moment ago: their
 * clients and their contacts.
 */
#ifndef HUB_USERS_H
#define HUB_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "ids.h"
#include "map.h"
#include "presence.h"

struct hub_users;

struct user {
	struct presence_person person; /* must be first */
	struct client_list clients;
	struct map contacts; /* user id -> a non-NULL nothing */
	struct map directs;  /* conversation id -> contact's user id, owned */
	bool directs_made;
	/* User ids: neither of the two sees the other come, go or type. It is
	 * known of both where both are here. */
	struct map hidden;
	unsigned hides; /* how often that was said anew */
	bool guest;
	bool hides_last_seen;  /* from everybody else */
	bool hides_receipts;   /* and hears of none */
	bool announced_to_all; /* hub_presence: that they are online */
	unsigned asked;	       /* hub_events: commands under way */
	char *status_text;     /* these: never NULL */
	char *username, *avatar;
	char id[ID_SIZE];
};

struct hub_users *hub_users_new(int64_t presence_grace_ms);
void hub_users_free(struct hub_users *users); /* NULL: no-op */

/* NULL: not here. */
struct user *hub_users_find(const struct hub_users *users, const char *id);
struct user *hub_users_get(struct hub_users *users,
			   const char *id); /* or new */
void hub_users_remove(struct hub_users *users, struct user *user);
void hub_users_each(struct hub_users *users,
		    int (*visit)(const char *id, void *user, void *context),
		    void *context); /* as map_each() */

bool hub_users_is_online(const struct hub_users *users, const char *id);
/* Who of them is online, and since when others are not. */
struct presence *hub_users_presence(struct hub_users *users);

void hub_users_set_status(struct user *user, const char *status_text);
void hub_users_set_name(struct user *user, const char *username,
			const char *avatar);

/* Of a user who is here: the other is a contact. False: that is nothing new, or
 * the user is not here. */
bool hub_users_add_contact(struct hub_users *users, const char *id,
			   const char *other);
/* Of a user who is here: from now on they see nothing of the other, or all as
 * before. False: that is nothing new, or the user is not here. */
bool hub_users_hide(struct hub_users *users, const char *id, const char *other,
		    bool hidden);
/* From whom, instead of all before. */
void hub_users_hide_none(struct user *user);
bool hub_users_is_hidden(const struct user *user, const char *other);
/* Guests who may write to nobody see nobody but the server. */
bool hub_users_sees_others(const struct user *user, bool guest_direct);

/* Whom a direct conversation of the user is with; NULL: no contact. */
const char *hub_users_direct_with(struct user *user, const char *conversation);

/* visit may make the client go that it gets, and no other. */
void hub_users_each_client(struct user *user, client_visit *visit,
			   void *context);

#endif
