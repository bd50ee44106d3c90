/*
 * api_lane - one of api_client's connections, and the commands that go over
 * it. An answer that is whole is read after the next call is sent.
 *
 *     DOWN --a command waits--> CONNECTING --> PROBING --> IDLE --> BUSY
 *      ^                            |             |        |  ^      |
 *      |                            |             |        |  +-END--+
 *      +--- after a back-off -------+-------------+        |         |
 *      +--- at once: the worker left ----------------------+         |
 *      +--- after a back-off: it left, nonsense, too long -----------+
 *
 * PROBING asks a question that changes nothing, whose answer says whether the
 * store has one writer at a time. A connection is made as soon
 * as the listener has it in its backlog, be there a worker for it or not:
 * nothing that matters is sent before one has answered.
 */
#ifndef API_LANE_H
#define API_LANE_H

#include <uv.h>

#include "api_queue.h"
#include "api_stats.h"
#include "ids.h"
#include "notify_frame.h"

struct api_lane;

/* What the lanes of a client have in common. */
struct api_shared {
	uv_loop_t *loop;
	const char *path;
	bool (*frame)(const struct notify_frame *frame, enum api_kind kind,
		      void *user);
	void (*position)(char out[ID_SIZE], void *user);
	void (*lost)(const char *position, void *user);
	void *user;
	size_t queue_max, queue_bytes; /* of one lane */
	bool one_writer; /* those who write to the store take turns */
	struct api_client_stats stats;
};

/* shared must outlive it. */
struct api_lane *api_lane_new(struct api_shared *shared);

/* Its commands, to push, look for and move; not while it is closed. */
struct api_queue *api_lane_queue(struct api_lane *lane);

/* What waits in it goes soon, for all that is known: the worker has not taken
 * longer than busy_ms over a call. */
bool api_lane_ready(const struct api_lane *lane, int64_t now_ms,
		    int64_t busy_ms);

/* Connect if need be; if idle, a call with all that waits. */
void api_lane_send(struct api_lane *lane);
void api_lane_tick(struct api_lane *lane, int64_t now_ms);
void api_lane_add_stats(const struct api_lane *lane,
			struct api_client_stats *stats);

/* Free when the loop has run out. */
void api_lane_close(struct api_lane *lane);
void api_lane_free(struct api_lane *lane);

#endif
