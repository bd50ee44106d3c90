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
#include "ids.h"
#include "presence_queue.h"
#include "sio_room.h"
#include "typing.h"

#define CLIENT_NAME_SIZE 41

struct client;
struct hub_base;
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
	/* Half of the time that its session had left is over: the edge gets a
	 * fresh token, and says `renew`. Called again, with half of what is
	 * left then, until that is done. NULL: clients do so themselves. */
	void (*renew)(struct client *client);
	/* A word for what carries it, now. */
	const char *(*transport)(const struct client *client);
	/* Bytes that it has not taken yet. */
	size_t (*waiting)(const struct client *client);
	/* Nobody holds it any more. */
	void (*free)(struct client *client);
};

enum client_state {
	CLIENT_CONNECTING,  /* its token is being looked at */
	CLIENT_TURNED_AWAY, /* nobody could, or knows what came meanwhile: it is
			     * dropped in a moment */
	CLIENT_READY,	    /* in its rooms */
	CLIENT_CLOSING,	    /* told to go */
	CLIENT_GONE,	    /* only calls under way still hold it */
};

/* The members after state are the hub's own; each part of it has some. */
struct client {
	const struct client_ops *ops;
	struct hub_base *base;
	unsigned refs; /* the edge's until gone, and each call's */
	enum client_state state;

	/* its session, once READY */
	struct user *user;
	char *session_id;
	char as_of[ID_SIZE];	  /* where in the store its rooms were read */
	int64_t expires_ms;	  /* since 1970 */
	const char *close_reason; /* why, for the log; NULL: it was not */
	char *address;
	/* Since 1970, once READY: it came, and it last asked for something. */
	int64_t since_ms, active_ms;

	TAILQ_ENTRY(client) link;    /* hub_clients, or turned away */
	TAILQ_ENTRY(client) of_user; /* hub_users */
	struct sio_member member;    /* hub_rooms */
	uint64_t stamp;		     /* hub_audience: the last that met it */

	/* hub_log: its first request's id, and how many more it made */
	char name[CLIENT_NAME_SIZE];
	uint32_t requests;

	/* hub_admission */
	int64_t drop_at; /* monotonic; once TURNED_AWAY */

	/* hub_events */
	struct bucket bucket;

	/* hub_presence */
	struct presence_queue presence;
	TAILQ_ENTRY(client) queue_link; /* while its presence waits */
	bool queued;

	/* hub_ending: when to think of renewal, since 1970; 0: not known yet */
	int64_t renew_ms;

	/* hub_session_check: in which round it was last asked about */
	uint64_t session_round;
	TAILQ_ENTRY(client) check_link;

	/* hub_sync: monotonic; 0: it is not to be told */
	int64_t sync_at;

	/* hub_typing */
	struct typing_owner typing;

	/* hub_watch: ids; NULL: none */
	struct json_object *watched;
};

TAILQ_HEAD(client_list, client);

/* What is done with each client of some. */
typedef void client_visit(struct client *client, void *user);

struct client *client_ref(struct client *client);
void client_unref(struct client *client);

/* To a READY one; nothing happens to another. */
void client_send(struct client *client, struct sio_message *message,
		 bool droppable);
/* ["name",body]; takes body, which may be NULL. */
void client_send_event(struct client *client, const char *name,
		       struct json_object *body);

#endif
