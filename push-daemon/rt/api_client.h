/*
 * api_client - calls to the rt workers: N kept FastCGI connections to rt.sock,
 * one request each at a time, which carries all commands that have queued up.
 *
 * A connection that ends, errs or answers nonsense is made again (10 to 500 ms
 * later); its commands are sent again until their deadline, in order. While a
 * worker is slow to answer or not there, what waits for it goes to another.
 *
 * Where those who write to the store take turns all that writes goes over the
 * first connection: two workers would wait for each other's lock, and lose
 * what they keep of the file to each other. What only reads goes over the
 * others.
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include <stdint.h>
#include <uv.h>

#include "api_queue.h"
#include "api_stats.h"
#include "ids.h"
#include "notify_frame.h"

struct api_client;

struct api_client_config {
	const char *path;   /* of the socket; copied */
	size_t connections; /* at least 1 */
	size_t queue_max;   /* commands, over all connections; three quarters of
			     * them over one of several */
	/* A frame before a RESULT. False: malformed. */
	bool (*frame)(const struct notify_frame *frame, enum api_kind kind,
		      void *user);
	/* The newest position (recovery.h) that is known now. */
	void (*position)(char out[ID_SIZE], void *user);
	/* An answer was lost, of a request that was sent when that was it. */
	void (*lost)(const char *position, void *user);
	void *user;
};

struct api_client *api_client_new(uv_loop_t *loop,
				  const struct api_client_config *config);

/* command->reply is called exactly once; at once when the queue is full.
 * Commands of the same key stay in order. */
void api_client_call(struct api_client *client,
		     const struct api_command *command, const char *key);

/* Every 50 ms or so: deadlines. */
void api_client_tick(struct api_client *client);

void api_client_read_stats(const struct api_client *client,
			   struct api_client_stats *out);

/* Replies to all that is left, and closes; free after the loop
 * has run out. */
void api_client_close(struct api_client *client);
void api_client_free(struct api_client *client);

#endif
