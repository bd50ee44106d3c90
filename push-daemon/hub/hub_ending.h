/*
 * hub_ending - sessions that are over: their clients are told so and closed.
 */
#ifndef HUB_ENDING_H
#define HUB_ENDING_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct hub_clients;
struct hub_rooms;
struct hub_users;

struct hub_ending {
	const char *user_id;
	const char *session_id; /* NULL: all of the user's ... */
	const char *except;	/* ... but this one; NULL: none */
	const char *reason;	/* a word for the client */
};

/* Does it end that session of its user? */
bool hub_ending_covers(const struct hub_ending *ending, const char *session_id);

void hub_ending_apply(struct hub_users *users, const struct hub_ending *ending);
/* All who are connected from that network, but operators. */
void hub_ending_network(struct hub_clients *clients,
			const struct hub_rooms *rooms, const char *network,
			const char *reason);
/* Only its connection is: it comes back by itself. reason: for the log. */
void hub_ending_drop(struct client *client, const char *reason);
/* All whose time is up at wall_ms, since 1970; the edges of others are asked
 * in time to renew their sessions. */
void hub_ending_expire(struct hub_clients *clients, int64_t wall_ms);

#endif
