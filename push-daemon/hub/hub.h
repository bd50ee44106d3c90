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
#include <stdint.h>

#include "client.h"
#include "hub_admission.h"
#include "hub_config.h"
#include "hub_delivery.h"
#include "hub_events.h"
#include "notify_frame.h"

struct buf;
struct hub;
struct json_object;

struct hub *hub_new(const struct hub_config *config);
/* All clients must be gone, all calls answered. NULL: no-op. */
void hub_free(struct hub *hub);

/* Every 50 ms or so. */
void hub_tick(struct hub *hub);
void hub_read_stats(const struct hub *hub, struct hub_stats *out);
/* Who is here: hub_roster_page(). */
struct json_object *hub_list_clients(const struct hub *hub, const char *after);
/* Before the end: store when those who are online now were last seen. */
void hub_flush_last_seen(struct hub *hub);
/* Goes on with it; true: all of it is stored. */
bool hub_flushed(struct hub *hub);

/* ---- clients ---- */

/* client->ops is set; the rest is filled in. Leads to accept(), refuse() or
 * drop(). */
void hub_client_connect(struct hub *hub, struct client *client,
			const struct hub_hello *hello);
/* The edge's last word about a client; reason: a word for the log, which counts
 * unless the hub had told it to go. */
void hub_client_gone(struct hub *hub, struct client *client,
		     const char *reason);
/* May the client send so many bytes now, which nobody has looked at? False: it
 * was told so, if ack is wanted (-1: not). To be asked before each event. */
bool hub_client_admit(struct hub *hub, struct client *client, size_t bytes,
		      int64_t ack);
void hub_client_event(struct hub *hub, struct client *client,
		      const struct hub_event *event);

/* ---- workers ---- */

/* HELLO: it may have written before it could say so. False: malformed. */
bool hub_worker_hello(struct hub *hub, struct hub_worker *worker,
		      const struct notify_frame *hello);
/* An EVENT, JOIN, LEAVE, REVOKE, SETTINGS or POSITION; other kinds are passed
 * over. False: the frame is malformed. */
bool hub_worker_frame(struct hub *hub, struct hub_worker *worker,
		      const struct notify_frame *frame);

/* A PRESENCE question's answer, as a frame appended to out; false: malformed.
 */
bool hub_worker_question(struct hub *hub, const struct notify_frame *question,
			 struct buf *out);

/* What it wrote behind that position (recovery.h) may be missing; "": and
 * nobody knows from where on. */
void hub_worker_lost(struct hub *hub, const char *position);
/* The newest one that is known. */
void hub_read_position(const struct hub *hub, char out[ID_SIZE]);

#endif
