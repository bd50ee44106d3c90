/*
 * hub_roster - the list of who is here, for operators and, where there is one,
 * for the lobby: once a second, when it is another one.
 */
#ifndef HUB_ROSTER_H
#define HUB_ROSTER_H

#include <stdint.h>

struct client;
struct hub_audience;
struct hub_base;
struct hub_roster;
struct hub_rooms;
struct hub_users;
struct json_object;

struct hub_roster_parts {
	const struct hub_base *base;
	struct hub_audience *audience;
	const struct hub_rooms *rooms;
	struct hub_users *users;
};

struct hub_roster *hub_roster_new(const struct hub_roster_parts *parts);
void hub_roster_free(struct hub_roster *roster); /* NULL: no-op */

/* Somebody came or went, or shows something else of themselves. */
void hub_roster_change(struct hub_roster *roster);
/* {ok, clients, total, more}: those behind that user by their ids ("": from the
 * first), a page of them. NULL: after is no id. */
struct json_object *hub_roster_page(const struct hub_roster *roster,
				    const char *after);
/* Acknowledges an operator's `list-clients` {after}: such a page. */
void hub_roster_list(struct hub_roster *roster, struct client *client,
		     int64_t ack, const struct json_object *body);
void hub_roster_tick_second(struct hub_roster *roster);

#endif
