/*
 * hub_config - what a hub is made with, and what it counts.
 */
#ifndef HUB_CONFIG_H
#define HUB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api_queue.h"

struct hub_config {
	int64_t presence_grace_ms, presence_broadcast_max;
	int64_t typing_stop_ms, hole_ms;
	int64_t socket_rate, socket_burst, user_sockets;
	int64_t lost_ms; /* until a connection that fell silent is closed */
	bool heal;
	bool guest_direct; /* guests and others may write to each other */
	int64_t (*mono_ms)(void);
	int64_t (*wall_ms)(void);
	void (*random)(void *out, size_t len);
	/* Ask a worker; command->reply will be called exactly once, maybe
	 * before this returns. Same key: same order. */
	void (*call)(const struct api_command *command, const char *key,
		     void *user);
	/* A room got its first client (occupied), or lost its last: who fetches
	 * what happens elsewhere needs only these. It must not call the hub.
	 * NULL: nobody does. */
	void (*room)(const char *name, bool occupied, void *user);
	/* The workers serve another store than those before: a backup was put
	 * back, and what the hub knows of seqs, sessions and rooms is of no
	 * use. It must not call the hub. NULL: that cannot be. */
	void (*another_store)(void *user);
	void *user; /* for these */
};

struct hub_stats {
	uint64_t clients, users_online, rooms;
	uint64_t events_in, frames, delivered, seen_before, rate_limited;
	uint64_t heals, healed, syncs, holes, windows;
	uint64_t sessions_refused, turned_away, typing;
};

#endif
