/*
 * hub_events - what a client may ask for: one row per event.
 */
#ifndef HUB_EVENTS_H
#define HUB_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct hub_base;
struct hub_clients;
struct hub_delivery;
struct hub_events;
struct hub_rooms;
struct hub_roster;
struct hub_typing;
struct hub_users;

struct hub_event {
	const char *name;
	const char *args; /* good JSON, without the array's brackets */
	size_t args_len;
	int64_t ack; /* -1: none wanted */
};

struct hub_events_parts {
	struct hub_base *base;
	struct hub_clients *clients;
	struct hub_delivery *delivery;
	struct hub_rooms *rooms;
	struct hub_roster *roster;
	struct hub_typing *typing;
	struct hub_users *users;
};

struct hub_events *hub_events_new(const struct hub_events_parts *parts);
/* No call may be under way. NULL: no-op. */
void hub_events_free(struct hub_events *events);

/* May the client send so many bytes now, which nobody has looked at? False:
 * no, and it was told so, if ack is wanted (-1: not). */
bool hub_events_admit(const struct hub_events *events, struct client *client,
		      size_t bytes, int64_t ack);
void hub_events_take(struct hub_events *events, struct client *client,
		     const struct hub_event *event);

#endif
