#include "rt_link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "fcgi_record.h"
#include "log.h"
#include "mem.h"
#include "palabre_limits.h"

#define REQUEST_ID 1
#define READ_SIZE 65536
#define OUT_MAX (RT_LINK_BODY_MAX + 65536)
#define IN_MAX (LIMIT_RT_ANSWER + 65536)
#define IN_KEPT (256 * 1024) /* bytes, from one answer to the next */

struct rt_link {
	uv_pipe_t pipe;
	uv_connect_t connect;
	uv_write_t write;
	const struct rt_link_handlers *handlers; /* NULL: closed */
	void *user;
	struct buf out;
	bool open;
	bool writing; /* out is not free yet */
	bool busy;    /* an answer is awaited */
	bool malformed;
	struct fcgi_decoder *records;
	struct buf in; /* of the answer, so far */
};

/* ---- the end ---- */

static void rt_link_on_closed(uv_handle_t *handle)
{
	struct rt_link *link = handle->data;

	fcgi_decoder_free(link->records);
	buf_done(&link->in);
	buf_done(&link->out);
	free(link);
}

void rt_link_close(struct rt_link *link)
{
	if (link == NULL)
		return;
	link->handlers = NULL;
	uv_close((uv_handle_t *)&link->pipe, rt_link_on_closed);
}

static void rt_link_fail(struct rt_link *link, const char *why)
{
	const struct rt_link_handlers *handlers = link->handlers;

	if (handlers == NULL)
		return;
	rt_link_close(link);
	handlers->failed(why, link->user);
}

/* ---- reading an answer ---- */

static void take_output(struct rt_link *link, const void *data, size_t len)
{
	buf_add(&link->in, data, len);
	link->malformed = link->in.overflow;
}

static void take_end(struct rt_link *link, const struct fcgi_record *record)
{
	uint32_t application;
	uint8_t protocol = FCGI_RECORD_COMPLETE;

	link->busy = false;
	link->malformed =
		!fcgi_record_read_end(record, &application, &protocol) ||
		protocol != FCGI_RECORD_COMPLETE;
	if (!link->malformed)
		link->handlers->answer(link->in.data, link->in.len, link->user);
	if (link->in.cap > IN_KEPT)
		buf_done(&link->in);
	else
		buf_reset(&link->in);
}

static void log_stderr(const struct fcgi_record *record)
{
	if (record->len > 0)
		log_warning("rt worker says: %.*s",
			    (int)(record->len < 200 ? record->len : 200),
			    (const char *)record->content);
}

static void take_record(struct rt_link *link, const struct fcgi_record *record)
{
	if (!link->busy || record->id != REQUEST_ID) {
		link->malformed = true;
		return;
	}
	switch (record->type) {
	case FCGI_RECORD_STDOUT:
		take_output(link, record->content, record->len);
		break;
	case FCGI_RECORD_STDERR:
		log_stderr(record);
		break;
	case FCGI_RECORD_END:
		take_end(link, record);
		break;
	default:
		link->malformed = true;
		break;
	}
}

static void take_bytes(struct rt_link *link, const char *data, size_t len)
{
	struct fcgi_record record;
	enum fcgi_record_status status = FCGI_RECORD_NEED_MORE;

	while (len > 0 && !link->malformed) {
		size_t taken = fcgi_decoder_feed(link->records, data, len);

		data += taken;
		len -= taken;
		while (!link->malformed && link->handlers != NULL &&
		       (status = fcgi_decoder_next(link->records, &record)) ==
			       FCGI_RECORD_ITEM)
			take_record(link, &record);
		if (status == FCGI_RECORD_MALFORMED)
			link->malformed = true;
	}
	if (link->malformed)
		rt_link_fail(link, "the answer makes no sense");
}

static void rt_link_on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	/* Read and taken within one callback: one for all is enough. */
	static char space[READ_SIZE];

	(void)handle;
	(void)wanted;
	*out = uv_buf_init(space, sizeof(space));
}

static void rt_link_on_read(uv_stream_t *stream, ssize_t len,
			    const uv_buf_t *data)
{
	struct rt_link *link = stream->data;

	if (len < 0)
		rt_link_fail(link, uv_strerror((int)len));
	else if (len > 0 && link->handlers != NULL)
		take_bytes(link, data->base, (size_t)len);
}

/* ---- connecting ---- */

static void rt_link_on_connect(uv_connect_t *request, int status)
{
	struct rt_link *link = request->data;

	if (link->handlers == NULL)
		return;
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&link->pipe,
				       rt_link_on_alloc, rt_link_on_read);
	if (status != 0) {
		rt_link_fail(link, uv_strerror(status));
		return;
	}
	link->open = true;
	link->handlers->open(link->user);
}

struct rt_link *rt_link_new(uv_loop_t *loop, const char *path,
			    const struct rt_link_handlers *handlers, void *user)
{
	struct rt_link *link = xcalloc(1, sizeof(*link));

	link->handlers = handlers;
	link->user = user;
	buf_init(&link->out, OUT_MAX);
	link->records = fcgi_decoder_new();
	buf_init(&link->in, IN_MAX);
	uv_pipe_init(loop, &link->pipe, 0);
	link->pipe.data = link;
	link->connect.data = link;
	link->write.data = link;
	uv_pipe_connect(&link->connect, &link->pipe, path, rt_link_on_connect);
	return link;
}

/* ---- sending ---- */

bool rt_link_idle(const struct rt_link *link)
{
	return link->open && !link->busy && !link->writing;
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

static void rt_link_on_written(uv_write_t *request, int status)
{
	struct rt_link *link = request->data;

	link->writing = false;
	if (status != 0)
		rt_link_fail(link, uv_strerror(status));
}

void rt_link_send(struct rt_link *link, const struct buf *body)
{
	uv_buf_t out;
	int status;

	assert(rt_link_idle(link));
	buf_reset(&link->out);
	add_request(&link->out, body);
	assert(!link->out.overflow);
	link->busy = true;
	out = uv_buf_init(link->out.data, (unsigned)link->out.len);
	status = uv_write(&link->write, (uv_stream_t *)&link->pipe, &out, 1,
			  rt_link_on_written);
	link->writing = status == 0;
	if (status != 0)
		rt_link_fail(link, uv_strerror(status));
}
