/*
 * notify_client - a worker's connection to pushd's notify.sock.
 *
 * REST handlers append frames to notify_out() with announce.h, after their
 * write was committed; the worker flushes before the answer leaves. Without
 * pushd everything here still returns at once: live delivery is late, nothing
 * else. A connection that ends without BYE makes pushd ask for what it may
 * have missed, so whatever cannot be written is dropped by closing it.
 */
#ifndef NOTIFY_CLIENT_H
#define NOTIFY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ids.h"

struct buf;
struct notify_client;

/* path is copied. Connects at once if it can: pool goes into HELLO, and
 * position (store_events.h): nothing up to there is left to be announced; and
 * the epoch of the store. NULL: that is not known. */
struct notify_client *notify_client_new(const char *path, const char *pool,
					const char *position,
					const char *epoch);

/* Says BYE when nothing was lost; NULL is a no-op. */
void notify_client_free(struct notify_client *client);

/* What waits to be sent. */
struct buf *notify_out(struct notify_client *client);

/* Send it within 50 ms, or drop it and the connection. */
void notify_flush(struct notify_client *client);

/* The same as position in notify_client_new(), now that all was flushed; pushd
 * is told if it is news. */
void notify_say_position(struct notify_client *client, const char *position);

/* Send it, and say whether pushd has said, in that time, that it took it: what
 * is announced from then on, by any worker, comes behind it. */
bool notify_confirm(struct notify_client *client, int64_t patience_ms);
/* What somebody does next may be announced by another worker: so long it waits
 * for pushd to have taken what has no number that puts it in order. */
#define NOTIFY_PATIENCE_MS 500

/* Twice a second while idle: finds out that pushd went or came back, whose
 * answer to HELLO is to ask for what it may have missed. */
void notify_tick(struct notify_client *client);

/* Behind what waits to be sent: online[i] becomes whether user ids[i] is; all
 * false when pushd does not answer within 50 ms. False then, too: nobody knows.
 */
bool notify_online(struct notify_client *client, const char *const *ids,
		   size_t count, bool *online);

/* At most limit ids of users that are online, and of guests, where these are
 * wanted; answers how many. */
size_t notify_online_some(struct notify_client *client, bool guests,
			  size_t limit, char (*ids)[ID_SIZE]);

/* pushd has a connection of ours and answers. */
bool notify_alive(struct notify_client *client);

#endif
