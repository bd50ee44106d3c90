/*
 * hub_presence - people come online and go offline: who sees them hears of it,
 * and a new client hears who is there.
 */
#ifndef HUB_PRESENCE_H
#define HUB_PRESENCE_H

#include <stdbool.h>

struct client;
struct hub_audience;
struct hub_base;
struct hub_clients;
struct hub_last_seen;
struct hub_presence;
struct hub_rooms;
struct hub_roster;
struct hub_users;

struct hub_presence_parts {
	const struct hub_base *base;
	struct hub_audience *audience;
	struct hub_clients *clients;
	struct hub_last_seen *last_seen;
	struct hub_rooms *rooms;
	struct hub_roster *roster;
	struct hub_users *users;
};

struct hub_presence *hub_presence_new(const struct hub_presence_parts *parts);
void hub_presence_free(struct hub_presence *presence); /* NULL: no-op */

/* A client more of its user's, which hears who is there; and one less. */
void hub_presence_up(struct hub_presence *presence, struct client *client);
void hub_presence_down(struct hub_presence *presence, struct client *client);

/* A user who is here has another for a contact: is that one online? */
void hub_presence_tell_contact(struct hub_presence *presence, const char *id,
			       const char *contact);

/* A user who is here sees no more of another, as if that one went offline, or
 * sees them again. */
void hub_presence_hide(struct hub_presence *presence, const char *id,
		       const char *other, bool hidden);

void hub_presence_tick(struct hub_presence *presence);
void hub_presence_tick_second(struct hub_presence *presence);

/* Note for the store when those who are online now were last seen. */
void hub_presence_note_all(struct hub_presence *presence);

#endif
