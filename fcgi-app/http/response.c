#include "response_out.h"

#include <assert.h>
#include <string.h>

#include "json.h"
#include "mem.h"

#define KEPT_MAX (1024 * 1024) /* bytes of a body's memory */

void response_init(struct response *response)
{
	*response = (struct response){0};
	json_text_init(&response->body);
}

static struct json_text *response_forget(struct response *response, int status)
{
	buf_reset(&response->body.buf);
	response->framed = false;
	free(response->code);
	response->code = NULL;
	response->status = status;
	return &response->body;
}

void response_reset(struct response *response)
{
	struct json_text *body = response_forget(response, 0);

	for (size_t i = 0; i < response->header_count; i++)
		free(response->headers[i].value);
	if (body->buf.cap > KEPT_MAX)
		buf_done(&body->buf);
	*response = (struct response){.body = *body};
}

void response_done(struct response *response)
{
	response_reset(response);
	buf_done(&response->body.buf);
}

struct json_text *response_body(struct response *response, int status)
{
	return response_forget(response, status);
}

void response_json(struct response *response, int status,
		   struct json_object *body)
{
	size_t len;
	const char *text = json_print(body, &len);

	buf_add(&response_forget(response, status)->buf, text, len);
	json_free(body);
}

void response_text(struct response *response, int status, const char *text,
		   size_t len)
{
	buf_add(&response_forget(response, status)->buf, text, len);
}

void response_empty(struct response *response, int status)
{
	response_forget(response, status);
}

void response_error(struct response *response, int status, const char *code,
		    const char *field, const char *message)
{
	struct json_object *error = json_new_object();
	struct json_object *body = json_new_object();

	json_put_string(error, "code", code);
	json_put_string(error, "message", message);
	if (field != NULL)
		json_put_string(error, "field", field);
	json_put(body, "error", error);
	response_json(response, status, body);
	response->code = xstrdup(code);
}

void response_store_error(struct response *response, enum store_status status)
{
	static const struct {
		int status;
		const char *code, *message;
	} answers[] = {
		[STORE_NOT_FOUND] = {404, "not_found",
				     "There is no such thing."},
		[STORE_TAKEN] = {409, "taken", "This name is taken."},
		[STORE_REUSED] = {409, "client_id_reused",
				  "This clientId was used for another "
				  "request."},
		[STORE_FORBIDDEN] = {403, "forbidden",
				     "This is not yours to change."},
		[STORE_UNAVAILABLE] = {503, "store_unavailable",
				       "The message store is not available. "
				       "Please try again."},
	};

	assert(status != STORE_OK && (size_t)status < COUNT_OF(answers));
	response_error(response, answers[status].status, answers[status].code,
		       NULL, answers[status].message);
	if (status == STORE_UNAVAILABLE)
		response_header(response, "Retry-After", "2");
}

static bool printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

void response_header(struct response *response, const char *name,
		     const char *value)
{
	size_t i = 0;

	assert(printable(name) && printable(value));
	while (i < response->header_count &&
	       strcmp(response->headers[i].name, name) != 0)
		i++;
	assert(i < RESPONSE_HEADERS_MAX);
	if (i == response->header_count)
		response->headers[response->header_count++].name = name;
	free(response->headers[i].value);
	response->headers[i].value = xstrdup(value);
}

void response_frames(struct response *response, struct buf *frames)
{
	struct buf *body = &response_forget(response, 200)->buf;

	response->framed = true;
	buf_done(body);
	*body = *frames;
	buf_init(frames, frames->max);
}

/* RFC 9110; some clients show it. */
static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{200, "OK"},
		{201, "Created"},
		{204, "No Content"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{409, "Conflict"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "";
}

void response_store_failed(struct response *response)
{
	response->store_failed = true;
}

void response_head(const struct response *response, struct buf *out)
{
	buf_adds(out, "Status: ");
	buf_add_int(out, response->status);
	buf_adds(out, " ");
	buf_adds(out, reason_of(response->status));
	if (response->status != 204) {
		buf_adds(out, response->framed
				      ? "\r\nContent-Type: "
					"application/octet-stream"
				      : "\r\nContent-Type: "
					"application/json; charset=utf-8");
		buf_adds(out, "\r\nContent-Length: ");
		buf_add_int(out, (int64_t)response->body.buf.len);
	}
	buf_adds(out, "\r\nCache-Control: no-store\r\n");
	for (size_t i = 0; i < response->header_count; i++) {
		buf_adds(out, response->headers[i].name);
		buf_adds(out, ": ");
		buf_adds(out, response->headers[i].value);
		buf_adds(out, "\r\n");
	}
	buf_adds(out, "\r\n");
}
