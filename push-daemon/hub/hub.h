/*
 * hub - who is connected, what they may hear, and what they ask for.
 *
 * Edges feed it: sockets and lines with clients and their events, workers with
 * frames. It never blocks and opens nothing; what it needs of the workers it
 * asks through one function. One thread.
 */
#ifndef HUB_H
#define HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api_queue.h"
#include "client.h"
#include "notify_frame.h"

struct buf;

struct hub_config {
	int64_t presence_grace_ms, presence_broadcast_max;
	int64_t typing_stop_ms, hole_ms;
	int64_t socket_rate, socket_burst, user_sockets;
	int64_t lost_ms; /* until a connection that fell silent is closed */
	bool heal;
	int64_t (*mono_ms)(void);
	int64_t (*wall_ms)(void);
	void (*random)(void *out, size_t len);
	/* Ask a worker; command->reply will be called exactly once, maybe
	 * before this returns. Same key: same order. */
	void (*call)(const struct api_command *command, const char *key,
		     void *user);
	void *user; /* for call */
};

struct hub_stats {
	uint64_t clients, users_online, rooms;
	uint64_t events_in, frames, delivered, seen_before, rate_limited;
	uint64_t heals, healed, syncs, holes, windows;
	uint64_t sessions_refused, turned_away, typing;
};

struct hub *hub_new(const struct hub_config *config);
/* All clients must be gone, all calls answered. NULL: no-op. */
void hub_free(struct hub *hub);

/* Every 50 ms or so. */
void hub_tick(struct hub *hub);
void hub_read_stats(const struct hub *hub, struct hub_stats *out);
/* Before the end: store when those who are online now were last seen. */
void hub_flush_last_seen(struct hub *hub);
/* Goes on with it; true: all of it is stored. */
bool hub_flushed(struct hub *hub);

/* ---- clients ---- */

struct hub_hello {
	const char *auth; /* JSON object: {"token":...} */
	size_t auth_len;
	const char *query_token; /* "": none */
	const char *address, *agent;
	const char *request_id; /* nginx's; "": none */
};
/* client->ops is set; the rest is filled in. Leads to
 * accept(), refuse() or drop(). */
void hub_client_connect(struct hub *hub, struct client *client,
			const struct hub_hello *hello);
/* The edge's last word about a client; reason: a word for the log, which counts
 * unless the hub had told it to go. */
void hub_client_gone(struct hub *hub, struct client *client,
		     const char *reason);

struct hub_event {
	const char *name;
	const char *args; /* JSON, without the array's brackets */
	size_t args_len;
	int64_t ack; /* -1: none wanted */
};
void hub_client_event(struct hub *hub, struct client *client,
		      const struct hub_event *event);

/* ---- workers ---- */

enum hub_source {
	HUB_NOTIFY, /* came on notify.sock */
	HUB_ANSWER, /* stood before the RESULT of the command that caused it */
	HUB_RECENT, /* ... before that of `recent` */
};
/* An EVENT, JOIN, LEAVE, REVOKE or SETTINGS; other kinds are passed over.
 * False: the frame is malformed. */
bool hub_frame(struct hub *hub, const struct notify_frame *frame,
	       enum hub_source source);

/* A PRESENCE question's answer, as a frame appended to out; false: malformed.
 */
bool hub_presence(struct hub *hub, const struct notify_frame *question,
		  struct buf *out);

/* Frames may have been missed, at the earliest at that moment. */
void hub_missed(struct hub *hub, int64_t since_wall_ms);

#endif
