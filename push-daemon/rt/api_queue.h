/*
 * api_queue - the commands of one rt connection: waiting, in flight, answered
 * or lost.
 *
 *     push --> waiting --batch--> in flight --hold--> held --answer--> reply
 *                | ^                 |  ^              |
 *       move <---+ +----- lost ------+  +--- unhold ---+
 *
 * What is held has its answer, which is being read: by then the next call may
 * be in flight.
 * Past its deadline a command is replied to: `unavailable`, or, when a worker
 * may have done it, `outcome_unknown`. The order of a key's commands is kept,
 * over losses and moves, too. Every command pushed gets exactly one reply.
 */
#ifndef API_QUEUE_H
#define API_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_BATCH_BYTES (1024 * 1024)
#define API_QUEUE_TARGETS_MAX 64
#define API_REQUEST_MS 3000 /* a worker that takes longer hangs: it is lost */

struct buf;
struct json_object;
struct api_queue;

/* Borrowed while reply() runs. Not ok: code says why; head and payload are
 * NULL when no worker answered. */
struct api_result {
	bool ok;
	const char *code;		/* "" when ok */
	const struct json_object *head; /* NULL also where it says ok alone */
	const char *payload;
	size_t payload_len;
	int64_t sent_ms; /* when the worker was asked, monotonic */
};
typedef void api_reply(const struct api_result *result, void *user);

enum api_kind {
	API_PLAIN,
	API_RECENT, /* its EVENT frames tell what may have been missed */
};

struct api_command {
	enum api_kind kind;
	const char *head; /* JSON on one line */
	size_t head_len;
	const char *payload; /* NULL: none */
	size_t payload_len;
	bool reads; /* and writes nothing: all commands of a key, or none */
	int64_t deadline_ms; /* monotonic */
	uint64_t key;	     /* commands of one stay in order */
	api_reply *reply;
	void *user;
};

/* At most max commands and max_bytes of them, answered ones not counted. */
struct api_queue *api_queue_new(size_t max, size_t max_bytes);
/* Replies to what is left. NULL: no-op. */
void api_queue_free(struct api_queue *queue);

/* Copies command. False: full, or too big for a frame; reply is not called. */
bool api_queue_push(struct api_queue *queue, const struct api_command *command);

/* Nothing may be in flight. Appends the next call's body, COMMAND frames;
 * answers how many commands it carries (0: none waits). */
size_t api_queue_batch(struct api_queue *queue, struct buf *body,
		       int64_t now_ms);

/* Nothing may be held. The answer to what is in flight is here, to be read. */
void api_queue_hold(struct api_queue *queue);
/* It makes no sense: what is left of it is in flight as before, in front. */
void api_queue_unhold(struct api_queue *queue);
/* Commands whose answer is yet to be read. */
size_t api_queue_held(const struct api_queue *queue);

/* The kind of the command whose answer is being read. */
enum api_kind api_queue_current(const struct api_queue *queue);

/* A RESULT frame. False: nothing is held, or the head is malformed. */
bool api_queue_answer(struct api_queue *queue, const char *head,
		      size_t head_len, const char *payload, size_t payload_len);

/* The connection went: what is in flight waits again, in front. */
void api_queue_lost(struct api_queue *queue);

/* Reply to what is past its deadline; what of it is in flight is not sent
 * again. */
void api_queue_expire(struct api_queue *queue, int64_t now_ms);

/* A command of that key waits, or its answer is awaited. */
bool api_queue_has(const struct api_queue *queue, uint64_t key);
/* What waits goes to others, a key's commands to the same one; but not where
 * an answer to the same key is awaited. Answers how many went. */
size_t api_queue_move(struct api_queue *queue, struct api_queue *const *targets,
		      size_t count);
/* Commands that are not where others of their key would be pushed. */
void api_queue_add_guest(struct api_queue *queue);  /* the last one pushed is */
void api_queue_add_guests(struct api_queue *queue); /* all are */
size_t api_queue_guests(const struct api_queue *queue);

/* All that has no reply yet. */
size_t api_queue_count(const struct api_queue *queue);
size_t api_queue_waiting(const struct api_queue *queue);
size_t api_queue_in_flight(const struct api_queue *queue);

#endif
