#include "rest_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "crypt.h"
#include "fcgi_record.h"
#include "mem.h"

#define REQUEST_ID 1
#define READ_SIZE 65536
#define DEADLINE_MS 10000
#define OUT_MAX (4 * 1024 * 1024)

struct rest_call {
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_connect_t connect;
	uv_write_t write;
	rest_call_done *done; /* NULL: it was called, or is not to be */
	void *user;
	unsigned handles; /* that libuv has not closed yet */
	struct buf out, in;
	struct fcgi_decoder *records;
};

/* ---- the end ---- */

static void rest_call_on_closed(uv_handle_t *handle)
{
	struct rest_call *call = handle->data;

	if (--call->handles > 0)
		return;
	fcgi_decoder_free(call->records);
	if (call->out.data != NULL) /* a password may have been in it */
		crypt_wipe(call->out.data, call->out.len);
	buf_done(&call->out);
	buf_done(&call->in);
	free(call);
}

static void rest_call_close(struct rest_call *call)
{
	call->done = NULL;
	uv_close((uv_handle_t *)&call->pipe, rest_call_on_closed);
	uv_close((uv_handle_t *)&call->timer, rest_call_on_closed);
}

void rest_call_cancel(struct rest_call *call)
{
	if (call != NULL)
		rest_call_close(call);
}

static void rest_call_finish(struct rest_call *call,
			     const struct rest_answer *answer)
{
	rest_call_done *done = call->done;

	if (done == NULL)
		return;
	call->done = NULL;
	done(answer, call->user);
	rest_call_close(call);
}

static void rest_call_fail(struct rest_call *call)
{
	const struct rest_answer none = {0, "", "", 0};

	rest_call_finish(call, &none);
}

/* ---- the answer ---- */

/* The value of the line that begins with name and a colon. */
static const char *find_header(const char *headers, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = headers; line != NULL;) {
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " ");
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return NULL;
}

char *rest_answer_header(const struct rest_answer *answer, const char *name)
{
	const char *value = find_header(answer->headers, name);

	return value != NULL ? xstrndup(value, strcspn(value, "\r\n")) : NULL;
}

static int rest_call_status(const char *headers)
{
	const char *status = find_header(headers, "Status");

	return status != NULL ? atoi(status) : 200; /* RFC 3875 */
}

/* Headers, an empty line, the body. */
static void take_answer(struct rest_call *call)
{
	char *end = call->in.data != NULL ? strstr(call->in.data, "\r\n\r\n")
					  : NULL;
	size_t head;

	if (end == NULL || call->in.overflow) {
		rest_call_fail(call);
		return;
	}
	head = (size_t)(end - call->in.data) + 4;
	*end = '\0';

	const struct rest_answer answer = {
		.status = rest_call_status(call->in.data),
		.headers = call->in.data,
		.body = call->in.data + head,
		.len = call->in.len - head,
	};

	rest_call_finish(call, &answer);
}

static void take_bytes(struct rest_call *call, const char *data, size_t len)
{
	struct fcgi_record record;
	enum fcgi_record_status status = FCGI_RECORD_NEED_MORE;

	while (len > 0 && call->done != NULL) {
		size_t taken = fcgi_decoder_feed(call->records, data, len);

		data += taken;
		len -= taken;
		while (call->done != NULL &&
		       (status = fcgi_decoder_next(call->records, &record)) ==
			       FCGI_RECORD_ITEM) {
			if (record.type == FCGI_RECORD_STDOUT)
				buf_add(&call->in, record.content, record.len);
			else if (record.type == FCGI_RECORD_END)
				take_answer(call);
		}
		if (status == FCGI_RECORD_MALFORMED)
			rest_call_fail(call);
	}
}

static void rest_call_on_alloc(uv_handle_t *handle, size_t wanted,
			       uv_buf_t *out)
{
	static char space[READ_SIZE]; /* read and taken in one callback */

	(void)handle;
	(void)wanted;
	*out = uv_buf_init(space, sizeof(space));
}

static void rest_call_on_read(uv_stream_t *stream, ssize_t len,
			      const uv_buf_t *data)
{
	struct rest_call *call = stream->data;

	if (len < 0)
		rest_call_fail(call);
	else
		take_bytes(call, data->base, (size_t)len);
}

/* ---- the request ---- */

static void rest_call_on_written(uv_write_t *write, int status)
{
	struct rest_call *call = write->data;

	if (status != 0 && status != UV_ECANCELED)
		rest_call_fail(call);
}

static void rest_call_on_connect(uv_connect_t *connect, int status)
{
	struct rest_call *call = connect->data;
	uv_buf_t out = uv_buf_init(call->out.data, (unsigned)call->out.len);

	if (call->done == NULL)
		return;
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&call->pipe,
				       rest_call_on_alloc, rest_call_on_read);
	if (status == 0)
		status = uv_write(&call->write, (uv_stream_t *)&call->pipe,
				  &out, 1, rest_call_on_written);
	if (status != 0)
		rest_call_fail(call);
}

static void rest_call_on_time(uv_timer_t *timer)
{
	rest_call_fail(timer->data);
}

static void add_params(struct buf *params, const struct rest_request *request)
{
	char length[24];

	snprintf(length, sizeof(length), "%zu", request->len);
	fcgi_param_add(params, "REQUEST_METHOD", request->method);
	fcgi_param_add(params, "REQUEST_URI", request->target);
	fcgi_param_add(params, "REMOTE_ADDR", request->address);
	fcgi_param_add(params, "HTTP_USER_AGENT", "line");
	if (request->body != NULL) {
		fcgi_param_add(params, "CONTENT_TYPE",
			       request->type != NULL ? request->type
						     : "application/json");
		fcgi_param_add(params, "CONTENT_LENGTH", length);
	}
	if (request->token[0] != '\0') {
		char *bearer = xasprintf("Bearer %s", request->token);

		fcgi_param_add(params, "HTTP_AUTHORIZATION", bearer);
		crypt_wipe(bearer, strlen(bearer));
		free(bearer);
	}
}

static void add_request(struct buf *out, const struct rest_request *request)
{
	struct buf params;

	buf_init(&params, OUT_MAX);
	add_params(&params, request);
	fcgi_record_add_begin(out, REQUEST_ID, false);
	fcgi_record_add(out, FCGI_RECORD_PARAMS, REQUEST_ID, params.data,
			params.len);
	fcgi_record_add_eof(out, FCGI_RECORD_PARAMS, REQUEST_ID);
	if (request->body != NULL)
		fcgi_record_add(out, FCGI_RECORD_STDIN, REQUEST_ID,
				request->body, request->len);
	fcgi_record_add_eof(out, FCGI_RECORD_STDIN, REQUEST_ID);
	out->overflow = out->overflow || params.overflow;
	if (params.data != NULL)
		crypt_wipe(params.data, params.len);
	buf_done(&params);
}

struct rest_call *rest_call_new(uv_loop_t *loop,
				const struct rest_request *request,
				rest_call_done *done, void *user)
{
	struct rest_call *call = xcalloc(1, sizeof(*call));

	call->done = done;
	call->user = user;
	call->handles = 2;
	call->records = fcgi_decoder_new();
	buf_init(&call->out, OUT_MAX);
	buf_init(&call->in, REST_CALL_ANSWER_MAX);
	add_request(&call->out, request);
	uv_pipe_init(loop, &call->pipe, 0);
	uv_timer_init(loop, &call->timer);
	call->pipe.data = call;
	call->timer.data = call;
	call->connect.data = call;
	call->write.data = call;
	/* Half of it would keep a worker waiting for the rest. */
	if (call->out.overflow) {
		uv_timer_start(&call->timer, rest_call_on_time, 0, 0);
		return call;
	}
	uv_timer_start(&call->timer, rest_call_on_time, DEADLINE_MS, 0);
	uv_pipe_connect(&call->connect, &call->pipe, request->socket,
			rest_call_on_connect);
	return call;
}
