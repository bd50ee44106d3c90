#include "api_lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "json_flat.h"
#include "log.h"
#include "mem.h"
#include "palabre_limits.h"
#include "rt_answer.h"
#include "rt_link.h"

#define ABSENT_MS 100 /* one that takes longer to be there is not there */
#define BACK_OFF_FIRST_MS 10
#define BACK_OFF_MAX_MS 500
#define LOG_EVERY_MS 10000

static_assert(API_BATCH_BYTES + NOTIFY_BODY_MAX <= LIMIT_RT_BODY,
	      "a worker takes a full batch");

/* NOLINTNEXTLINE(misc-redundant-expression): equal only by chance. */
static const char probe[] = "{\"command\":\"sessions\",\"sessions\":[]}";

enum lane_state {
	LANE_DOWN,
	LANE_CONNECTING,
	LANE_PROBING,
	LANE_IDLE,
	LANE_BUSY
};

struct api_lane {
	struct api_shared *shared;
	struct api_queue *queue;
	enum lane_state state;
	int64_t since_ms;	   /* it is in that state, monotonic */
	char before_call[ID_SIZE]; /* position when it was sent */
	struct rt_link *link;	   /* NULL while DOWN */
	struct rt_answer *answer;  /* the one that is read */
	uv_timer_t back_off;	   /* runs: not to connect yet */
	unsigned back_off_ms;
	bool closed;
	int64_t logged_ms;
};

static void set_state(struct api_lane *lane, enum lane_state state)
{
	lane->state = state;
	lane->since_ms = clock_mono_ms();
}

/* ---- giving up and coming back ---- */

static void complain(struct api_lane *lane, const char *why)
{
	int64_t now_ms = clock_mono_ms();

	if (lane->logged_ms != 0 && now_ms - lane->logged_ms < LOG_EVERY_MS)
		return;
	lane->logged_ms = now_ms;
	log_warning("rt workers at %s: %s", lane->shared->path, why);
}

/* Wakes the loop, at whose end lanes send. */
static void on_back_off(uv_timer_t *timer)
{
	(void)timer;
}

static void lane_back_off_start(struct api_lane *lane)
{
	uv_timer_start(&lane->back_off, on_back_off, lane->back_off_ms, 0);
	lane->back_off_ms = lane->back_off_ms * 2 < BACK_OFF_MAX_MS
				    ? lane->back_off_ms * 2
				    : BACK_OFF_MAX_MS;
}

/* The link has gone. */
static void go_down(struct api_lane *lane, const char *why)
{
	enum lane_state was = lane->state;

	lane->link = NULL;
	set_state(lane, LANE_DOWN);
	if (was == LANE_IDLE)
		return; /* that worker has left: the next command connects */
	if (was == LANE_BUSY || lane->back_off_ms >= BACK_OFF_MAX_MS)
		complain(lane, why);
	lane_back_off_start(lane);
	if (was == LANE_BUSY) {
		lane->shared->stats.lost++;
		api_queue_lost(lane->queue);
		lane->shared->lost(lane->before_call, lane->shared->user);
	}
}

/* ---- what the link says ---- */

static void on_open(void *user)
{
	static const struct notify_parts parts = {probe, sizeof(probe) - 1,
						  NULL, 0};
	struct api_lane *lane = user;
	struct buf body;

	set_state(lane, LANE_PROBING);
	buf_init(&body, RT_LINK_BODY_MAX);
	notify_frame_add(&body, NOTIFY_COMMAND, &parts);
	rt_link_send(lane->link, &body);
	buf_done(&body);
}

static bool lane_take_frame(struct api_lane *lane,
			    const struct notify_frame *frame)
{
	struct notify_parts parts;

	if (frame->kind != NOTIFY_RESULT)
		return lane->shared->frame(frame,
					   api_queue_current(lane->queue),
					   lane->shared->user);
	notify_frame_split(frame, &parts);
	lane->shared->stats.answers++;
	return api_queue_answer(lane->queue, parts.head, parts.head_len,
				parts.payload, parts.payload_len);
}

static bool lane_take_probe(struct api_lane *lane,
			    const struct notify_frame *frame)
{
	struct notify_parts parts;
	struct json_flat head;
	bool good;

	notify_frame_split(frame, &parts);
	good = json_flat_read(&head, parts.head, parts.head_len);
	if (good)
		json_flat_bool(&head, "oneWriter", &lane->shared->one_writer);
	json_flat_done(&head);
	return good;
}

/* Whether so many results are in it, and all of it is there; what they say is
 * not looked at yet. */
static bool lane_answer_is_whole(struct api_lane *lane, const void *output,
				 size_t len, size_t results)
{
	struct notify_frame frame;
	size_t found = 0;

	rt_answer_reset(lane->answer);
	rt_answer_feed(lane->answer, output, len);
	while (rt_answer_next(lane->answer, &frame) == NOTIFY_FRAME)
		found += frame.kind == NOTIFY_RESULT;
	return found == results && rt_answer_whole(lane->answer);
}

/* False: it makes no sense. */
static bool lane_read(struct api_lane *lane, const void *output, size_t len,
		      bool (*take)(struct api_lane *lane,
				   const struct notify_frame *frame))
{
	struct notify_frame frame;
	bool good = true;

	rt_answer_reset(lane->answer);
	rt_answer_feed(lane->answer, output, len);
	while (good && !lane->closed &&
	       rt_answer_next(lane->answer, &frame) == NOTIFY_FRAME)
		good = take(lane, &frame);
	return lane->closed || good;
}

static void lane_distrust(struct api_lane *lane, enum lane_state was)
{
	api_queue_unhold(lane->queue);
	rt_link_close(lane->link);
	lane->state = was;
	go_down(lane, "the answer makes no sense");
}

/* The worker gets its next call before the answer is read: it works on that
 * while what it answered is passed on. */
static void on_answer(const void *output, size_t len, void *user)
{
	struct api_lane *lane = user;
	enum lane_state was = lane->state;
	bool probing = was == LANE_PROBING;
	size_t asked = probing ? 1 : api_queue_in_flight(lane->queue);
	bool whole = lane_answer_is_whole(lane, output, len, asked);
	char before_call[ID_SIZE];

	memcpy(before_call, lane->before_call, ID_SIZE);
	api_queue_hold(lane->queue);
	set_state(lane, LANE_IDLE);
	if (whole && !probing)
		api_lane_send(lane);
	if (whole && lane_read(lane, output, len,
			       probing ? lane_take_probe : lane_take_frame)) {
		lane->back_off_ms = BACK_OFF_FIRST_MS;
		return;
	}
	/* What is lost then are both calls. */
	memcpy(lane->before_call, before_call, ID_SIZE);
	lane_distrust(lane, was);
}

static void on_failed(const char *why, void *user)
{
	go_down(user, why);
}

static const struct rt_link_handlers handlers = {
	.open = on_open,
	.answer = on_answer,
	.failed = on_failed,
};

/* ---- sending ---- */

struct api_lane *api_lane_new(struct api_shared *shared)
{
	struct api_lane *lane = xcalloc(1, sizeof(*lane));

	lane->shared = shared;
	lane->queue = api_queue_new(shared->queue_max, shared->queue_bytes);
	lane->answer = rt_answer_new();
	lane->back_off_ms = BACK_OFF_FIRST_MS;
	uv_timer_init(shared->loop, &lane->back_off);
	return lane;
}

struct api_queue *api_lane_queue(struct api_lane *lane)
{
	return lane->queue;
}

static bool backs_off(const struct api_lane *lane)
{
	return uv_is_active((const uv_handle_t *)&lane->back_off);
}

bool api_lane_ready(const struct api_lane *lane, int64_t now_ms,
		    int64_t busy_ms)
{
	int64_t patience = lane->state == LANE_BUSY ? busy_ms : ABSENT_MS;

	if (lane->state == LANE_DOWN)
		return !backs_off(lane);
	return lane->state == LANE_IDLE || now_ms - lane->since_ms < patience;
}

static void send_call(struct api_lane *lane)
{
	struct buf body;
	size_t count;

	buf_init(&body, RT_LINK_BODY_MAX);
	count = api_queue_batch(lane->queue, &body, clock_mono_ms());
	assert(count > 0);
	set_state(lane, LANE_BUSY);
	lane->shared->position(lane->before_call, lane->shared->user);
	lane->shared->stats.calls++;
	lane->shared->stats.commands += count;
	rt_link_send(lane->link, &body);
	buf_done(&body);
}

void api_lane_send(struct api_lane *lane)
{
	if (lane->closed || api_queue_waiting(lane->queue) == 0)
		return;
	/* Not before there is something to say: a worker that accepts a
	 * connection waits for its request and serves nobody else. */
	if (lane->state == LANE_DOWN && !backs_off(lane)) {
		set_state(lane, LANE_CONNECTING);
		lane->link = rt_link_new(lane->shared->loop, lane->shared->path,
					 &handlers, lane);
	} else if (lane->state == LANE_IDLE && rt_link_idle(lane->link)) {
		send_call(lane);
	}
}

void api_lane_tick(struct api_lane *lane, int64_t now_ms)
{
	bool waits = lane->state == LANE_BUSY || lane->state == LANE_PROBING;

	if (waits && now_ms - lane->since_ms > API_REQUEST_MS) {
		rt_link_close(lane->link);
		go_down(lane, "no answer in time");
	}
	api_queue_expire(lane->queue, now_ms);
}

void api_lane_add_stats(const struct api_lane *lane,
			struct api_client_stats *stats)
{
	stats->waiting += api_queue_waiting(lane->queue);
	stats->in_flight += api_queue_in_flight(lane->queue);
	stats->connected += lane->state >= LANE_IDLE;
}

/* ---- the end ---- */

void api_lane_close(struct api_lane *lane)
{
	lane->closed = true;
	rt_link_close(lane->link);
	lane->link = NULL;
	uv_close((uv_handle_t *)&lane->back_off, NULL);
	api_queue_free(lane->queue);
	lane->queue = NULL;
}

void api_lane_free(struct api_lane *lane)
{
	if (lane == NULL)
		return;
	assert(lane->closed);
	rt_answer_free(lane->answer);
	free(lane);
}
