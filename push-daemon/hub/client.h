/*
 * client - one connection of somebody, whatever carries it: an edge embeds
 * it, fills in the operations, and the hub does the rest.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bucket.h"
#include "presence_queue.h"
#include "sio_room.h"
#include "typing.h"

#define CLIENT_NAME_SIZE 41

struct client;
struct hub;
struct json_object;
struct sio_message;
struct user;

/* None of them may call back into the hub, but for close(), drop() and send(),
 * which may lead to hub_client_gone() at once. */
struct client_ops {
	void (*accept)(struct client *client);
	/* data: JSON. The client is gone by it; no hub_client_gone() follows.
	 */
	void (*refuse)(struct client *client, const char *message,
		       const char *data);
	/* droppable: the first to be dropped when the client is slow. */
	void (*send)(struct client *client, struct sio_message *message,
		     bool droppable);
	/* json: the one argument of the acknowledgement. */
	void (*ack)(struct client *client, int64_t ack, const char *json,
		    size_t len);
	/* After what was sent. */
	void (*close)(struct client *client);
	/* The connection ends as when a server goes away: a client comes back
	 * by itself, after its own back-off. */
	void (*drop)(struct client *client);
	/* Nobody holds it any more. */
	void (*free)(struct client *client);
};

enum client_state {
	CLIENT_CONNECTING,  /* its token is being looked at */
	CLIENT_TURNED_AWAY, /* nobody could: it is dropped in a moment */
	CLIENT_READY,	    /* in its rooms */
	CLIENT_CLOSING,	    /* told to go */
	CLIENT_GONE,	    /* only calls under way still hold it */
};

struct client {
	const struct client_ops *ops;
	struct hub *hub;
	unsigned refs; /* the edge's until gone, and each call's */
	enum client_state state;

	/* from here on the hub's own */
	TAILQ_ENTRY(client) link; /* of all in the hub, or turned away */
	TAILQ_ENTRY(client) of_user;
	TAILQ_ENTRY(client) queue_link; /* whose presence_queue waits */
	bool queued;
	struct user *user; /* once READY */
	char *session_id;
	const char *told_to_go; /* why, for the log; NULL: it was not */
	/* For the log: its first request's id, and how many more it made. */
	char name[CLIENT_NAME_SIZE];
	uint32_t requests;
	int64_t expires_ms;	/* since 1970 */
	uint64_t session_round; /* in which it was last asked about */
	int64_t sync_at;	/* monotonic; 0: not to be told */
	int64_t drop_at;	/* monotonic; once TURNED_AWAY */
	uint64_t stamp;		/* of the last fan-out that met it */
	struct sio_member member;
	struct bucket bucket;
	struct typing_owner typing;
	struct presence_queue presence;
	struct json_object *watched; /* ids; NULL: none */
};

TAILQ_HEAD(client_list, client);

struct client *client_ref(struct client *client);
void client_unref(struct client *client);

#endif
