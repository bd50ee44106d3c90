#include "api_queue.h"

#include <assert.h>
#include <string.h>
#include <sys/queue.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "notify_frame.h"
#include "palabre_limits.h"

/* Lost so often, a command goes alone: should it be the one that kills
 * workers, it takes no others along. */
#define LOSSES_ALONE 2
#define RESULT_DEPTH 8
#define FRAME_OVERHEAD 6

struct call {
	TAILQ_ENTRY(call) link;
	enum api_kind kind;
	int64_t deadline_ms;
	uint64_t key;
	api_reply *reply; /* NULL once called */
	void *user;
	unsigned losses;
	bool guest;
	struct notify_parts parts; /* into text */
	char text[];
};

TAILQ_HEAD(calls, call);

struct api_queue {
	struct calls waiting, in_flight, held;
	size_t waiting_count, in_flight_count, held_count;
	int64_t sent_ms,
		held_sent_ms; /* when those in flight were, those held */
	size_t bytes, max, max_bytes;
	size_t guests;
};

/* A command that was never sent, and one that was. */
static const struct api_result unavailable = {.code = "unavailable"};
static const struct api_result outcome_unknown = {.code = "outcome_unknown"};

struct api_queue *api_queue_new(size_t max, size_t max_bytes)
{
	struct api_queue *queue = xcalloc(1, sizeof(*queue));

	TAILQ_INIT(&queue->waiting);
	TAILQ_INIT(&queue->in_flight);
	TAILQ_INIT(&queue->held);
	queue->max = max;
	queue->max_bytes = max_bytes;
	return queue;
}

static size_t size_of(const struct call *call)
{
	return call->parts.head_len + call->parts.payload_len + FRAME_OVERHEAD;
}

/* The call is in no list any more. */
static void end_call(struct api_queue *queue, struct call *call,
		     const struct api_result *result)
{
	api_reply *reply = call->reply;
	void *user = call->user;

	queue->bytes -= size_of(call);
	queue->guests -= call->guest;
	free(call);
	if (reply != NULL)
		reply(result, user);
}

/* No worker will answer it. */
static const struct api_result *failure_of(const struct call *call)
{
	return call->losses > 0 ? &outcome_unknown : &unavailable;
}

static struct call *api_queue_take_first(struct calls *calls, size_t *count)
{
	struct call *call = TAILQ_FIRST(calls);

	if (call != NULL) {
		TAILQ_REMOVE(calls, call, link);
		--*count;
	}
	return call;
}

void api_queue_free(struct api_queue *queue)
{
	struct call *call;

	if (queue == NULL)
		return;
	api_queue_unhold(queue);
	api_queue_lost(queue);
	while ((call = api_queue_take_first(&queue->waiting,
					    &queue->waiting_count)) != NULL)
		end_call(queue, call, failure_of(call));
	free(queue);
}

static struct call *call_new(const struct api_command *command)
{
	size_t payload_len =
		command->payload != NULL ? command->payload_len : 0;
	struct call *call =
		xmalloc(sizeof(*call) + command->head_len + payload_len);

	*call = (struct call){
		.kind = command->kind,
		.deadline_ms = command->deadline_ms,
		.key = command->key,
		.reply = command->reply,
		.user = command->user,
		.parts = {call->text, command->head_len, NULL, payload_len},
	};
	memcpy(call->text, command->head, command->head_len);
	if (command->payload != NULL) {
		call->parts.payload = call->text + command->head_len;
		memcpy(call->text + command->head_len, command->payload,
		       payload_len);
	}
	return call;
}

bool api_queue_push(struct api_queue *queue, const struct api_command *command)
{
	size_t len = command->head_len + 1 + command->payload_len;

	if (len > NOTIFY_BODY_MAX || api_queue_count(queue) >= queue->max ||
	    queue->bytes + len > queue->max_bytes)
		return false;

	struct call *call = call_new(command);

	TAILQ_INSERT_TAIL(&queue->waiting, call, link);
	queue->waiting_count++;
	queue->bytes += size_of(call);
	return true;
}

static bool goes_along(const struct api_queue *queue, const struct call *call)
{
	if (queue->in_flight_count == 0)
		return true;
	return queue->in_flight_count < LIMIT_BATCH &&
	       call->losses < LOSSES_ALONE &&
	       TAILQ_FIRST(&queue->in_flight)->losses < LOSSES_ALONE;
}

size_t api_queue_batch(struct api_queue *queue, struct buf *body,
		       int64_t now_ms)
{
	size_t start = body->len;
	struct call *call;

	assert(queue->in_flight_count == 0);
	queue->sent_ms = now_ms;
	while ((call = TAILQ_FIRST(&queue->waiting)) != NULL &&
	       goes_along(queue, call)) {
		if (body->len - start + size_of(call) > API_BATCH_BYTES ||
		    !notify_frame_add(body, NOTIFY_COMMAND, &call->parts))
			break;
		api_queue_take_first(&queue->waiting, &queue->waiting_count);
		TAILQ_INSERT_TAIL(&queue->in_flight, call, link);
		queue->in_flight_count++;
	}
	return queue->in_flight_count;
}

void api_queue_hold(struct api_queue *queue)
{
	assert(queue->held_count == 0);
	TAILQ_CONCAT(&queue->held, &queue->in_flight, link);
	queue->held_count = queue->in_flight_count;
	queue->held_sent_ms = queue->sent_ms;
	queue->in_flight_count = 0;
}

void api_queue_unhold(struct api_queue *queue)
{
	TAILQ_CONCAT(&queue->held, &queue->in_flight, link);
	TAILQ_CONCAT(&queue->in_flight, &queue->held, link);
	queue->in_flight_count += queue->held_count;
	queue->held_count = 0;
}

size_t api_queue_held(const struct api_queue *queue)
{
	return queue->held_count;
}

enum api_kind api_queue_current(const struct api_queue *queue)
{
	const struct call *call = TAILQ_FIRST(&queue->held);

	return call != NULL ? call->kind : API_PLAIN;
}

/* Most say no more than this, and need no tree. */
static bool says_ok_alone(const char *text, size_t len)
{
	static const char ok[] = "{\"ok\":true}";

	return len == strlen(ok) && memcmp(text, ok, len) == 0;
}

static bool read_head(struct json_object *head, struct api_result *result)
{
	if (!json_is_object(head) ||
	    json_get_bool(head, "ok", &result->ok) != JSON_FOUND)
		return false;
	result->head = head;
	return result->ok ||
	       json_get_string(head, "code", &result->code) == JSON_FOUND;
}

/* *tree is what the result's head is of. */
static bool read_result(const char *text, size_t len, struct json_object **tree,
			struct api_result *result)
{
	if (says_ok_alone(text, len)) {
		result->ok = true;
		return true;
	}
	return json_parse(text, len, JSON_OURS(RESULT_DEPTH), tree) ==
		       JSON_OK &&
	       read_head(*tree, result);
}

bool api_queue_answer(struct api_queue *queue, const char *text,
		      size_t text_len, const char *payload, size_t payload_len)
{
	struct api_result result = {.code = "",
				    .payload = payload,
				    .payload_len = payload_len,
				    .sent_ms = queue->held_sent_ms};
	struct json_object *tree = NULL;
	bool good = queue->held_count > 0 &&
		    read_result(text, text_len, &tree, &result);

	if (good)
		end_call(queue,
			 api_queue_take_first(&queue->held, &queue->held_count),
			 &result);
	json_free(tree);
	return good;
}

void api_queue_lost(struct api_queue *queue)
{
	struct call *call;

	while ((call = TAILQ_LAST(&queue->in_flight, calls)) != NULL) {
		TAILQ_REMOVE(&queue->in_flight, call, link);
		queue->in_flight_count--;
		if (call->reply == NULL) {
			end_call(queue, call, NULL);
			continue;
		}
		call->losses++;
		TAILQ_INSERT_HEAD(&queue->waiting, call, link);
		queue->waiting_count++;
	}
}

void api_queue_expire(struct api_queue *queue, int64_t now_ms)
{
	struct calls late = TAILQ_HEAD_INITIALIZER(late);
	struct call *call, *next;

	/* Replies may push: they run when the lists are at rest. */
	for (call = TAILQ_FIRST(&queue->waiting); call != NULL; call = next) {
		next = TAILQ_NEXT(call, link);
		if (call->deadline_ms > now_ms)
			continue;
		TAILQ_REMOVE(&queue->waiting, call, link);
		queue->waiting_count--;
		TAILQ_INSERT_TAIL(&late, call, link);
	}
	for (call = TAILQ_FIRST(&queue->in_flight); call != NULL; call = next) {
		api_reply *reply = call->reply;

		next = TAILQ_NEXT(call, link);
		if (call->deadline_ms > now_ms || reply == NULL)
			continue;
		call->reply = NULL;
		reply(&outcome_unknown, call->user);
	}
	while ((call = TAILQ_FIRST(&late)) != NULL) {
		TAILQ_REMOVE(&late, call, link);
		end_call(queue, call, failure_of(call));
	}
}

/* ---- between queues ---- */

static bool has_key(const struct calls *calls, uint64_t key)
{
	const struct call *call;

	TAILQ_FOREACH (call, calls, link) {
		if (call->key == key && call->reply != NULL)
			return true;
	}
	return false;
}

bool api_queue_has(const struct api_queue *queue, uint64_t key)
{
	return has_key(&queue->held, key) || has_key(&queue->in_flight, key) ||
	       has_key(&queue->waiting, key);
}

/* Limits were looked at when it was pushed. */
static void move_call(struct api_queue *from, struct api_queue *to,
		      struct call *call)
{
	TAILQ_REMOVE(&from->waiting, call, link);
	from->waiting_count--;
	from->bytes -= size_of(call);
	from->guests -= call->guest;
	TAILQ_INSERT_TAIL(&to->waiting, call, link);
	to->waiting_count++;
	to->bytes += size_of(call);
	call->guest = true;
	to->guests++;
}

size_t api_queue_move(struct api_queue *queue, struct api_queue *const *targets,
		      size_t count)
{
	struct call *call, *next;
	size_t moved = 0;

	for (call = TAILQ_FIRST(&queue->waiting); call != NULL; call = next) {
		next = TAILQ_NEXT(call, link);
		if (has_key(&queue->in_flight, call->key))
			continue;
		move_call(queue, targets[call->key % count], call);
		moved++;
	}
	return moved;
}

void api_queue_add_guest(struct api_queue *queue)
{
	struct call *call = TAILQ_LAST(&queue->waiting, calls);

	call->guest = true;
	queue->guests++;
}

static void add_guests(struct api_queue *queue, struct calls *calls)
{
	struct call *call;

	TAILQ_FOREACH (call, calls, link) {
		queue->guests += !call->guest;
		call->guest = true;
	}
}

void api_queue_add_guests(struct api_queue *queue)
{
	add_guests(queue, &queue->held);
	add_guests(queue, &queue->in_flight);
	add_guests(queue, &queue->waiting);
}

size_t api_queue_guests(const struct api_queue *queue)
{
	return queue->guests;
}

size_t api_queue_count(const struct api_queue *queue)
{
	return queue->waiting_count + queue->in_flight_count +
	       queue->held_count;
}

size_t api_queue_waiting(const struct api_queue *queue)
{
	return queue->waiting_count;
}

size_t api_queue_in_flight(const struct api_queue *queue)
{
	return queue->in_flight_count;
}
