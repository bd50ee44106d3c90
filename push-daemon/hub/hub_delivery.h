/*
 * hub_delivery - the frames of workers on their way to clients: each is
 * delivered once, and kept a moment for clients whose session is being looked
 * up.
 */
#ifndef HUB_DELIVERY_H
#define HUB_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "ids.h"
#include "notify_frame.h"

struct client;
struct hub_audience;
struct hub_base;
struct hub_clients;
struct hub_delivery;
struct hub_moves;
struct hub_presence;
struct hub_profile;
struct hub_recovery;
struct hub_rooms;
struct hub_roster;
struct hub_session_check;
struct hub_typing;
struct hub_users;

enum hub_source {
	HUB_NOTIFY, /* came on notify.sock */
	HUB_ANSWER, /* stood before the RESULT of the command that caused it */
	HUB_RECENT, /* ... before that of `recent` */
};

/* A connection of a worker's. */
struct hub_worker {
	enum hub_source source;
	char position[ID_SIZE]; /* up to there it has said all; "": unknown */
};

struct hub_delivery_parts {
	struct hub_base *base;
	struct hub_audience *audience;
	struct hub_clients *clients;
	struct hub_moves *moves;
	struct hub_presence *presence;
	struct hub_profile *profile;
	struct hub_recovery *recovery;
	struct hub_rooms *rooms;
	struct hub_roster *roster;
	struct hub_session_check *check;
	struct hub_typing *typing;
	struct hub_users *users;
};

struct hub_delivery *hub_delivery_new(const struct hub_delivery_parts *parts);
void hub_delivery_free(struct hub_delivery *delivery); /* NULL: no-op */

/* As hub_worker_frame(). */
bool hub_delivery_take(struct hub_delivery *delivery, struct hub_worker *worker,
		       const struct notify_frame *frame);
void hub_delivery_tick(struct hub_delivery *delivery);

/* Is all there that came at since_ms (monotonic) or later, but for events? */
bool hub_delivery_knows_moves(const struct hub_delivery *delivery,
			      int64_t since_ms);
/* Give a client, which is in its rooms, what came at since_ms (monotonic) or
 * later. False: some of it is no longer there. */
bool hub_delivery_replay(struct hub_delivery *delivery, struct client *client,
			 int64_t since_ms);
/* A REVOKE of that session came at since_ms or later, or may have. */
bool hub_delivery_may_be_over(const struct hub_delivery *delivery,
			      int64_t since_ms, const char *user_id,
			      const char *session_id);

#endif
