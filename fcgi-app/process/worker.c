#include "worker.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address_block.h"
#include "app.h"
#include "body_reader.h"
#include "clock.h"
#include "crypt.h"
#include "dispatch.h"
#include "fcgi_edge.h"
#include "kill_point.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "notify_client.h"
#include "palabre_options.h"
#include "password.h"
#include "request_in.h"
#include "response_out.h"
#include "stall.h"
#include "store.h"
#include "store_settings.h"
#include "token.h"
#include "unix_socket.h"

#define TICK_MS 500
#define HEAD_MAX 65536
/* Bytes of a request or an answer that may have taken many times as many. */
#define BIG (64 * 1024)
#define SPARE_MAX (4 * 1024 * 1024) /* bytes that malloc may keep unused */
#define STORE_LOG_EVERY_MS 1000
#define DRAIN_MS 2000
#define POSITION_MS 1000
/* With the supervisor dead its socket goes on to be found, so what waits there
 * has no end; the next supervisor makes another socket. */
#define ORPHAN_MS 500

struct worker {
	const struct worker_config *config;
	struct app app;
	struct stall_member writes;
	struct fcgi_edge *edge;
	int epoll;
	struct response response; /* kept for its memory */
	struct buf head;
	int64_t store_logged; /* clock_mono_ms() */
	int64_t position_said;
};

/* Written by the handler, read by the loop. The signals are blocked but in
 * epoll_pwait() and ppoll(), so that no read of a request is interrupted and
 * none comes between looking and waiting. */
static volatile sig_atomic_t drain_asked, leave_asked;

static void worker_on_signal(int number)
{
	if (number == SIGTERM)
		drain_asked = 1;
	else
		leave_asked = 1;
}

static void set_signals(void)
{
	struct sigaction action = {.sa_handler = worker_on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	/* libfcgi takes SIGUSR1, SIGTERM and SIGPIPE where they are unset.
	 * Ctrl-C reaches the whole terminal; the supervisor tells us. */
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &ignore, NULL);
}

/* ---- reading ---- */

static const char *param(const struct worker *worker, const char *name)
{
	return fcgi_edge_param(worker->edge, name);
}

static void read_source(struct worker *worker, struct body_reader *reader,
			struct request_source *source)
{
	const char *length = param(worker, "CONTENT_LENGTH");

	*reader = (struct body_reader){
		.pull = fcgi_edge_pull,
		.context = worker->edge,
		.length = length != NULL ? strtoll(length, NULL, 10) : 0,
	};
	*source = (struct request_source){
		.method = param(worker, "REQUEST_METHOD"),
		.target = param(worker, "REQUEST_URI"),
		.content_type = param(worker, "CONTENT_TYPE"),
		.authorization = param(worker, "HTTP_AUTHORIZATION"),
		.origin = param(worker, "HTTP_ORIGIN"),
		.asked_headers =
			param(worker, "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
		.id = param(worker, "REQUEST_ID"),
		.address = param(worker, "REMOTE_ADDR"),
		.agent = param(worker, "HTTP_USER_AGENT"),
		.reader = reader,
		.now_ms = clock_now_ms(),
		.peer = fcgi_edge_kept(worker->edge),
	};
}

/* ---- answering ---- */

/* Never the address as it came (a token may be in it), nor any content. */
static void log_request(const struct request_source *source,
			const struct response *response,
			const struct route *route, int64_t took_us)
{
	enum log_level level = response->status < 400 ? LOG_DEBUG : LOG_INFO;

	const struct log_field fields[] = {
		LOG_TEXT("requestId", source->id),
		LOG_TEXT("method", source->method),
		LOG_TEXT("route", route != NULL ? route->pattern : NULL),
		LOG_NUMBER("status", response->status),
		LOG_TEXT("code", response->code),
		LOG_NUMBER("ms", took_us / 1000),
	};

	log_event(level, "request", fields, COUNT_OF(fields));
}

/* Why the store failed, for the operator; not once a request. That its disk
 * does not answer the supervisor says for all. */
static void log_store(struct worker *worker, const struct response *response)
{
	int64_t now = clock_mono_ms();
	bool said = worker->writes.refused;

	worker->writes.refused = false;
	if ((response->status != 503 && !response->store_failed) ||
	    now - worker->store_logged < STORE_LOG_EVERY_MS || said)
		return;
	worker->store_logged = now;
	log_warning("store: %s", store_error(worker->app.store));
}

static void worker_count(const struct worker *worker, const struct route *route,
			 int64_t took_us)
{
	const struct response *response = &worker->response;
	struct metrics *metrics = worker->app.metrics;
	size_t row = METRICS_NO_ROUTE;

	if (route != NULL)
		row = route->pool == POOL_RT
			      ? METRICS_CALLS
			      : (size_t)(route - worker->config->routes);
	metrics_count_request(metrics, row, response->status, took_us);
	metrics_count_refusal(metrics, response->code);
}

static void worker_answer(struct worker *worker,
			  const struct request_source *source)
{
	int64_t started = clock_mono_us();
	struct response *response = &worker->response;
	const struct route *route =
		dispatch(&worker->app, worker->config->routes,
			 worker->config->pool, source, response);

	kill_point("before-frame");
	notify_flush(worker->app.notify);
	kill_point("before-answer");
	int64_t took = clock_mono_us() - started;

	worker_count(worker, route, took);
	if (response->dropped) {
		fcgi_edge_drop(worker->edge);
		return;
	}
	buf_reset(&worker->head);
	response_head(response, &worker->head);
	/* To answer frees what source borrows. */
	log_request(source, response, route, took);
	log_store(worker, response);
	fcgi_edge_answer(worker->edge, &worker->head, &response->body.buf);
	kill_point("after-answer");
}

/* Should this worker die, pushd asks for what was written since it last said
 * this: after a request, for it may have no rest, and while it has one. */
static void say_position(struct worker *worker)
{
	int64_t now = clock_mono_ms();
	char position[ID_SIZE];

	if (now - worker->position_said < POSITION_MS)
		return;
	worker->position_said = now;
	if (store_position(worker->app.store, clock_now_ms(), position) ==
	    STORE_OK)
		notify_say_position(worker->app.notify, position);
}

static void worker_serve(struct worker *worker)
{
	struct request_source source;
	struct body_reader reader;

	read_source(worker, &reader, &source);
	worker_answer(worker, &source);

	bool big = reader.taken > BIG || worker->response.body.buf.len > BIG;

	say_position(worker);
	response_reset(&worker->response);
	if (big && mallinfo2().fordblks > SPARE_MAX)
		malloc_trim(0);
}

/* ---- waiting ---- */

/* A kept connection (only pushd keeps them) is where the next request comes
 * from; otherwise the listening socket is. */
static bool wait_for_request(struct worker *worker, int timeout_ms)
{
	struct epoll_event event;
	struct timespec timeout = {timeout_ms / 1000,
				   timeout_ms % 1000 * 1000000L};
	struct pollfd kept = {.fd = fcgi_edge_kept(worker->edge),
			      .events = POLLIN};
	sigset_t open;

	sigemptyset(&open);
	if (kept.fd >= 0)
		return ppoll(&kept, 1, &timeout, &open) > 0;
	return epoll_pwait(worker->epoll, &event, 1, timeout_ms, &open) > 0;
}

/* Take the request that is there, unless another worker was faster. False:
 * the socket is broken. */
static bool take_request(struct worker *worker)
{
	int status = fcgi_edge_accept(worker->edge);

	if (status == 0) {
		worker_serve(worker);
		return true;
	}
	if (status == EAGAIN || status == EINTR || status == ECONNABORTED)
		return true;
	log_error("cannot take requests: %s", strerror(status));
	return false;
}

/* *leave_by is 0 at first. */
static bool has_drained_enough(const struct worker *worker, int64_t *leave_by)
{
	bool orphan = getppid() != worker->config->supervisor;

	if (*leave_by == 0)
		*leave_by = clock_mono_ms() + (orphan ? ORPHAN_MS : DRAIN_MS);
	return clock_mono_ms() >= *leave_by;
}

static int loop(struct worker *worker)
{
	int64_t leave_by = 0;

	while (!leave_asked) {
		bool drain = drain_asked != 0;

		if (worker->config->moves != NULL)
			atomic_fetch_add(worker->config->moves, 1);
		if (drain && has_drained_enough(worker, &leave_by))
			break;
		bool there = wait_for_request(worker, drain ? 0 : TICK_MS);

		if (there && !leave_asked) {
			if (!take_request(worker))
				return 1;
		} else if (drain) {
			break;
		} else {
			notify_tick(worker->app.notify);
			say_position(worker);
			password_rest();
		}
	}
	return 0;
}

/* ---- life ---- */

static void open_notify(struct worker *worker)
{
	char position[ID_SIZE];
	char epoch[ID_SIZE];
	bool known = store_position(worker->app.store, clock_now_ms(),
				    position) == STORE_OK;
	bool told = store_epoch(worker->app.store, epoch) == STORE_OK;

	worker->app.notify =
		notify_client_new(worker->config->options->notify_socket,
				  route_pool_name(worker->config->pool),
				  known ? position : NULL, told ? epoch : NULL);
}

/* NULL, or one line. */
static char *open_app(struct worker *worker)
{
	const struct palabre_options *options = worker->config->options;
	char *error = NULL;

	if (!crypt_init())
		return xstrdup("no randomness");
	worker->app.options = options;
	worker->app.buckets = worker->config->buckets;
	worker->app.moves = worker->config->moves;
	worker->app.metrics = worker->config->metrics;
	worker->app.stall = worker->config->stall;
	worker->app.address_changes = worker->config->address_changes;
	worker->writes.metrics = worker->config->metrics;
	stall_join(&worker->writes, worker->config->stall);
	const struct store_watch watch = stall_watch(&worker->writes);

	worker->app.keys = token_keys_load(options->key_file, &error);
	if (error == NULL)
		worker->app.store =
			store_watched_of_settings(options, &watch, &error);
	if (error == NULL)
		open_notify(worker);
	return error;
}

static char *worker_open_socket(struct worker *worker)
{
	/* Exclusive: a connection wakes one worker, not all. */
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};

	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (worker->epoll < 0 ||
	    listen(worker->config->listen_fd, UNIX_SOCKET_BACKLOG) != 0 ||
	    epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->config->listen_fd,
		      &event) != 0)
		return xasprintf("listening: %s", strerror(errno));
	worker->edge = fcgi_edge_new(worker->config->listen_fd);
	return worker->edge != NULL ? NULL : xstrdup("libfcgi cannot start");
}

static void close_app(struct worker *worker)
{
	fcgi_edge_free(worker->edge);
	notify_client_free(worker->app.notify);
	address_blocks_free(worker->app.blocked);
	store_free(worker->app.store);
	token_keys_free(worker->app.keys);
	response_done(&worker->response);
	buf_done(&worker->head);
}

int worker_run(const struct worker_config *config)
{
	struct worker worker = {.config = config};
	int status = 1;

	set_signals();
	/* It may have died before this call. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != config->supervisor)
		return 0;
	response_init(&worker.response);
	buf_init(&worker.head, HEAD_MAX);

	char *error = open_app(&worker);

	if (error == NULL)
		error = worker_open_socket(&worker);
	if (error == NULL)
		status = loop(&worker);
	else
		log_error("%s worker: %s", route_pool_name(config->pool),
			  error);
	free(error);
	close_app(&worker);
	return status;
}
