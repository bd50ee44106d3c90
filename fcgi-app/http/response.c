#include "response_out.h"

#include <assert.h>
#include <string.h>

#include "json.h"
#include "mem.h"

#define KEPT_MAX (1024 * 1024) /* bytes of a body's memory */

static const char json_type[] = "application/json; charset=utf-8";

void response_init(struct response *response)
{
	*response = (struct response){0};
	json_text_init(&response->body);
}

static struct json_text *response_forget(struct response *response, int status)
{
	buf_reset(&response->body.buf);
	response->type = json_type;
	response->code = NULL;
	response->status = status;
	return &response->body;
}

void response_reset(struct response *response)
{
	struct json_text *body = response_forget(response, 0);

	for (size_t i = 0; i < response->header_count; i++)
		free(response->headers[i].value);
	free(response->headers);
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

void response_say(struct response *response, const char *words)
{
	struct json_text *text = response_body(response, 200);

	json_text_open(text, NULL, '{');
	json_text_string(text, "message", words);
	json_text_close(text, '}');
}

struct buf *response_bytes(struct response *response, int status,
			   const char *type)
{
	struct buf *bytes = &response_forget(response, status)->buf;

	response->type = type;
	return bytes;
}

void response_empty(struct response *response, int status)
{
	response_forget(response, status);
}

void response_refuse_as(struct response *response, enum refusal refusal,
			const char *field, const char *words)
{
	const struct refusal_row *row = refusal_row(refusal);
	struct json_object *error = json_new_object();
	struct json_object *body = json_new_object();

	json_put_string(error, "code", row->code);
	json_put_string(error, "message", words != NULL ? words : row->words);
	if (field != NULL)
		json_put_string(error, "field", field);
	json_put(body, "error", error);
	response_json(response, row->status, body);
	response->code = row->code;
}

void response_refuse(struct response *response, enum refusal refusal)
{
	response_refuse_as(response, refusal, NULL, NULL);
}

void response_refuse_for(struct response *response, enum refusal refusal,
			 int64_t seconds)
{
	char *text = xasprintf("%lld", (long long)seconds);

	response_refuse(response, refusal);
	response_header(response, "Retry-After", text);
	free(text);
}

enum refusal response_store_refusal(enum store_status status)
{
	static const enum refusal refusals[] = {
		[STORE_OK] = REFUSAL_INTERNAL, /* it is none */
		[STORE_NOT_FOUND] = REFUSAL_NOT_FOUND,
		[STORE_TAKEN] = REFUSAL_TAKEN,
		[STORE_REUSED] = REFUSAL_CLIENT_ID_REUSED,
		[STORE_FORBIDDEN] = REFUSAL_FORBIDDEN,
		[STORE_FULL] = REFUSAL_GROUP_FULL,
		[STORE_DECLINED] = REFUSAL_ADD_DECLINED,
		[STORE_STRANGER] = REFUSAL_NOT_MEMBER,
		[STORE_BLOCKING] = REFUSAL_BLOCKING,
		[STORE_REVOKED] = REFUSAL_LINK_REVOKED,
		[STORE_EXPIRED] = REFUSAL_LINK_EXPIRED,
		[STORE_CROWDED] = REFUSAL_TOO_MANY_REACTIONS,
		[STORE_TOO_OFTEN] = REFUSAL_RATE_LIMITED,
		[STORE_MUTED] = REFUSAL_MUTED,
		[STORE_NO_PICTURE] = REFUSAL_NO_PICTURE,
		[STORE_UNAVAILABLE] = REFUSAL_STORE_UNAVAILABLE,
	};

	assert(status != STORE_OK && (size_t)status < COUNT_OF(refusals));
	return refusals[status];
}

void response_store_error(struct response *response, enum store_status status)
{
	if (status == STORE_UNAVAILABLE)
		response_refuse_for(response, REFUSAL_STORE_UNAVAILABLE, 2);
	else
		response_refuse(response, response_store_refusal(status));
}

bool response_header_may_be(const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value < 0x20 || *value > 0x7e)
			return false;
	}
	return true;
}

int response_status(const struct response *response)
{
	return response->status;
}

/* NULL: not said yet. */
static struct response_pair *find_header(const struct response *response,
					 const char *name)
{
	for (size_t i = 0; i < response->header_count; i++) {
		if (strcmp(response->headers[i].name, name) == 0)
			return &response->headers[i];
	}
	return NULL;
}

static struct response_pair *add_header(struct response *response,
					const char *name)
{
	size_t count = response->header_count++;

	response->headers = xrealloc(response->headers,
				     (count + 1) * sizeof(*response->headers));
	response->headers[count] = (struct response_pair){.name = name};
	return &response->headers[count];
}

void response_header(struct response *response, const char *name,
		     const char *value)
{
	struct response_pair *pair = find_header(response, name);

	assert(response_header_may_be(name) && response_header_may_be(value));
	if (pair == NULL)
		pair = add_header(response, name);
	free(pair->value);
	pair->value = xstrdup(value);
}

void response_drop(struct response *response)
{
	response_forget(response, 0);
	response->dropped = true;
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

static void head_add(struct buf *out, const char *name, const char *value)
{
	buf_adds(out, name);
	buf_adds(out, ": ");
	buf_adds(out, value);
	buf_adds(out, "\r\n");
}

void response_head(const struct response *response, struct buf *out)
{
	buf_adds(out, "Status: ");
	buf_add_int(out, response->status);
	buf_adds(out, " ");
	buf_adds(out, reason_of(response->status));
	buf_adds(out, "\r\n");
	if (response->status != 204) {
		head_add(out, "Content-Type", response->type);
		buf_adds(out, "Content-Length: ");
		buf_add_int(out, (int64_t)response->body.buf.len);
		buf_adds(out, "\r\n");
	}
	if (find_header(response, "Cache-Control") == NULL)
		head_add(out, "Cache-Control", "no-store");
	for (size_t i = 0; i < response->header_count; i++)
		head_add(out, response->headers[i].name,
			 response->headers[i].value);
	buf_adds(out, "\r\n");
}
