/*
 * live - what happens, as palabre-pushd tells it: Socket.IO v5 on a WebSocket
 * (RFC 6455), on the daemon's local socket.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct json_object;

struct live {
	int fd; /* -1: not connected */
	struct buf in, message;
	char *refused; /* why nobody lets us in */
	bool joined, ended;
	int64_t heard_ms; /* monotonic */
};

void live_init(struct live *live);
void live_close(struct live *live); /* as after live_init() */

/* Waits until it is in, some seconds at most. NULL, or why not, which the
 * caller frees. */
char *live_open(struct live *live, const char *path, const char *token);

/* Reads what there is. False: it has ended, after what was read. */
bool live_read(struct live *live);
/* The next event, ["name", ...], for the caller to free; NULL: none yet. */
struct json_object *live_next(struct live *live);
/* Nothing came for so long that it must be gone. */
bool live_is_silent(const struct live *live, int64_t now_ms);

#endif
