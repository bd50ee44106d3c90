#include "api_lane.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fcgi_record.h"
#include "log.h"
#include "mem.h"
#include "notify_frame.h"
#include "palabre_limits.h"
#include "rt_answer.h"

#define REQUEST_ID 1
#define REQUEST_MS 5000 /* a worker that takes longer hangs */
#define BACK_OFF_FIRST_MS 10
#define BACK_OFF_MAX_MS 500
#define LOG_EVERY_MS 10000
#define READ_SIZE 65536
#define OUT_MAX (API_BATCH_BYTES + 65536)

static_assert(API_BATCH_BYTES + NOTIFY_BODY_MAX <= LIMIT_RT_BODY,
	      "a worker takes a full batch");

enum lane_state { LANE_DOWN, LANE_CONNECTING, LANE_IDLE, LANE_BUSY };

/* A connection on its own: it outlives its lane's interest until libuv has
 * closed it. */
struct link {
	uv_pipe_t pipe;
	uv_connect_t connect;
	uv_write_t write;
	struct buf out;
	bool writing;	       /* out is not free yet */
	struct api_lane *lane; /* NULL: given up */
};

struct api_lane {
	struct api_shared *shared;
	struct api_queue *queue;
	enum lane_state state;
	struct link *link; /* NULL while DOWN */
	uv_timer_t timer;  /* to connect again */
	unsigned back_off_ms;
	bool closed;
	struct fcgi_decoder *records;
	struct rt_answer *answer;
	bool malformed; /* what came of the present answer */
	int64_t sent_ms, sent_wall_ms;
	int64_t logged_ms;
};

static void on_timer(uv_timer_t *timer);

/* ---- giving up and coming back ---- */

static void on_link_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	buf_done(&link->out);
	free(link);
}

static void drop_link(struct api_lane *lane)
{
	if (lane->link == NULL)
		return;
	lane->link->lane = NULL;
	uv_close((uv_handle_t *)&lane->link->pipe, on_link_closed);
	lane->link = NULL;
}

static void complain(struct api_lane *lane, const char *why)
{
	int64_t now_ms = clock_mono_ms();

	if (lane->logged_ms != 0 && now_ms - lane->logged_ms < LOG_EVERY_MS)
		return;
	lane->logged_ms = now_ms;
	log_warning("rt workers at %s: %s", lane->shared->path, why);
}

static void go_down(struct api_lane *lane, const char *why)
{
	enum lane_state was = lane->state;

	if (lane->closed)
		return;
	drop_link(lane);
	lane->state = LANE_DOWN;
	if (was == LANE_IDLE)
		return; /* that worker has left: the next command connects */
	if (was == LANE_BUSY || lane->back_off_ms >= BACK_OFF_MAX_MS)
		complain(lane, why);
	uv_timer_start(&lane->timer, on_timer, lane->back_off_ms, 0);
	lane->back_off_ms = lane->back_off_ms * 2 < BACK_OFF_MAX_MS
				    ? lane->back_off_ms * 2
				    : BACK_OFF_MAX_MS;
	if (was == LANE_BUSY) {
		lane->shared->stats.lost++;
		api_queue_lost(lane->queue);
		lane->shared->lost(lane->sent_wall_ms, lane->shared->user);
	}
}

/* ---- reading an answer ---- */

static bool take_frame(struct api_lane *lane, const struct notify_frame *frame)
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

static void take_output(struct api_lane *lane, const uint8_t *data, size_t len)
{
	struct notify_frame frame;
	enum notify_status status = NOTIFY_NEED_MORE;

	rt_answer_feed(lane->answer, data, len);
	while (!lane->malformed &&
	       (status = rt_answer_next(lane->answer, &frame)) == NOTIFY_FRAME)
		lane->malformed = !take_frame(lane, &frame);
	if (status == NOTIFY_MALFORMED)
		lane->malformed = true;
}

static void take_end(struct api_lane *lane, const struct fcgi_record *record)
{
	uint32_t application;
	uint8_t protocol = FCGI_RECORD_COMPLETE;

	if (!fcgi_record_read_end(record, &application, &protocol) ||
	    protocol != FCGI_RECORD_COMPLETE ||
	    !rt_answer_whole(lane->answer) ||
	    api_queue_in_flight(lane->queue) > 0) {
		lane->malformed = true;
		return;
	}
	lane->state = LANE_IDLE;
	lane->back_off_ms = BACK_OFF_FIRST_MS;
}

static void take_record(struct api_lane *lane, const struct fcgi_record *record)
{
	if (lane->state != LANE_BUSY || record->id != REQUEST_ID) {
		lane->malformed = true;
		return;
	}
	switch (record->type) {
	case FCGI_RECORD_STDOUT:
		take_output(lane, record->content, record->len);
		break;
	case FCGI_RECORD_STDERR:
		if (record->len > 0)
			log_warning(
				"rt worker says: %.*s",
				(int)(record->len < 200 ? record->len : 200),
				(const char *)record->content);
		break;
	case FCGI_RECORD_END:
		take_end(lane, record);
		break;
	default:
		lane->malformed = true;
		break;
	}
}

/* False: the connection is to be given up. */
static bool take_bytes(struct api_lane *lane, const char *data, size_t len)
{
	struct fcgi_record record;
	enum fcgi_record_status status = FCGI_RECORD_NEED_MORE;

	while (len > 0 && !lane->malformed) {
		size_t taken = fcgi_decoder_feed(lane->records, data, len);

		data += taken;
		len -= taken;
		while (!lane->malformed && !lane->closed &&
		       (status = fcgi_decoder_next(lane->records, &record)) ==
			       FCGI_RECORD_ITEM)
			take_record(lane, &record);
		if (status == FCGI_RECORD_MALFORMED)
			lane->malformed = true;
	}
	return !lane->malformed;
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	/* Read and taken within one callback: one for all is enough. */
	static char space[READ_SIZE];

	(void)handle;
	(void)wanted;
	*out = uv_buf_init(space, sizeof(space));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *data)
{
	struct link *link = stream->data;
	struct api_lane *lane = link->lane;

	if (lane == NULL)
		return;
	if (len < 0)
		go_down(lane, uv_strerror((int)len));
	else if (len > 0 && !take_bytes(lane, data->base, (size_t)len))
		go_down(lane, "the answer makes no sense");
	else if (lane->state == LANE_IDLE)
		api_lane_send(lane);
}

/* ---- connecting ---- */

static void on_connect(uv_connect_t *request, int status)
{
	struct link *link = request->data;
	struct api_lane *lane = link->lane;

	if (lane == NULL)
		return;
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&link->pipe, on_alloc,
				       on_read);
	if (status != 0) {
		go_down(lane, uv_strerror(status));
		return;
	}
	lane->state = LANE_IDLE;
	api_lane_send(lane);
}

static void connect_link(struct api_lane *lane)
{
	struct link *link = xcalloc(1, sizeof(*link));

	buf_init(&link->out, OUT_MAX);
	link->lane = lane;
	uv_pipe_init(lane->shared->loop, &link->pipe, 0);
	link->pipe.data = link;
	link->connect.data = link;
	link->write.data = link;
	lane->link = link;
	lane->state = LANE_CONNECTING;
	fcgi_decoder_free(lane->records);
	lane->records = fcgi_decoder_new();
	lane->malformed = false;
	uv_pipe_connect(&link->connect, &link->pipe, lane->shared->path,
			on_connect);
}

static void on_timer(uv_timer_t *timer)
{
	struct api_lane *lane = timer->data;

	if (api_queue_waiting(lane->queue) > 0)
		connect_link(lane);
}

struct api_lane *api_lane_new(struct api_shared *shared)
{
	struct api_lane *lane = xcalloc(1, sizeof(*lane));

	lane->shared = shared;
	lane->queue = api_queue_new(shared->queue_max, shared->queue_bytes);
	lane->answer = rt_answer_new();
	lane->back_off_ms = BACK_OFF_FIRST_MS;
	uv_timer_init(shared->loop, &lane->timer);
	lane->timer.data = lane;
	return lane;
}

/* ---- sending ---- */

bool api_lane_push(struct api_lane *lane, const struct api_command *command)
{
	return !lane->closed && api_queue_push(lane->queue, command);
}

static void add_request(struct buf *out, const struct buf *body)
{
	char length[24];
	struct buf params;

	snprintf(length, sizeof(length), "%zu", body->len);
	buf_init(&params, 4096);
	fcgi_param_add(&params, "REQUEST_METHOD", "POST");
	fcgi_param_add(&params, "REQUEST_URI", "/rt");
	fcgi_param_add(&params, "SERVER_PROTOCOL", "HTTP/1.1");
	fcgi_param_add(&params, "CONTENT_TYPE", "application/octet-stream");
	fcgi_param_add(&params, "CONTENT_LENGTH", length);

	fcgi_record_add_begin(out, REQUEST_ID, true);
	fcgi_record_add(out, FCGI_RECORD_PARAMS, REQUEST_ID, params.data,
			params.len);
	fcgi_record_add_eof(out, FCGI_RECORD_PARAMS, REQUEST_ID);
	fcgi_record_add(out, FCGI_RECORD_STDIN, REQUEST_ID, body->data,
			body->len);
	fcgi_record_add_eof(out, FCGI_RECORD_STDIN, REQUEST_ID);
	buf_done(&params);
}

static void on_written(uv_write_t *request, int status)
{
	struct link *link = request->data;

	link->writing = false;
	if (link->lane == NULL)
		return;
	if (status != 0)
		go_down(link->lane, uv_strerror(status));
	else
		api_lane_send(link->lane);
}

static void send_call(struct api_lane *lane)
{
	struct buf body;
	uv_buf_t out;
	int status;
	size_t count;

	buf_init(&body, API_BATCH_BYTES);
	count = api_queue_batch(lane->queue, &body);
	buf_reset(&lane->link->out);
	add_request(&lane->link->out, &body);
	assert(count > 0 && !lane->link->out.overflow);
	buf_done(&body);

	rt_answer_reset(lane->answer);
	lane->state = LANE_BUSY;
	lane->sent_ms = clock_mono_ms();
	lane->sent_wall_ms = clock_now_ms();
	lane->shared->stats.calls++;
	lane->shared->stats.commands += count;
	out = uv_buf_init(lane->link->out.data, (unsigned)lane->link->out.len);
	status = uv_write(&lane->link->write, (uv_stream_t *)&lane->link->pipe,
			  &out, 1, on_written);
	lane->link->writing = status == 0;
	if (status != 0)
		go_down(lane, uv_strerror(status));
}

void api_lane_send(struct api_lane *lane)
{
	if (lane->closed || api_queue_waiting(lane->queue) == 0)
		return;
	/* Not before there is something to say: a worker that accepts a
	 * connection waits for its request and serves nobody else. */
	if (lane->state == LANE_DOWN &&
	    !uv_is_active((uv_handle_t *)&lane->timer))
		connect_link(lane);
	else if (lane->state == LANE_IDLE && !lane->link->writing)
		send_call(lane);
}

void api_lane_tick(struct api_lane *lane, int64_t now_ms)
{
	if (lane->state == LANE_BUSY && now_ms - lane->sent_ms > REQUEST_MS)
		go_down(lane, "no answer in time");
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
	drop_link(lane);
	uv_close((uv_handle_t *)&lane->timer, NULL);
	api_queue_free(lane->queue);
	lane->queue = NULL;
}

void api_lane_free(struct api_lane *lane)
{
	if (lane == NULL)
		return;
	assert(lane->closed);
	rt_answer_free(lane->answer);
	fcgi_decoder_free(lane->records);
	free(lane);
}
