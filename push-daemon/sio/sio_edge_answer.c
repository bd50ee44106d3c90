#include <string.h>

#include "mem.h"
#include "sio_edge_lws.h"

#define HEAD_SIZE 1024

struct answer_head {
	struct lws *wsi;
	unsigned char *at, *end;
	bool full;
};

static void head_add(struct answer_head *head, const char *name,
		     const char *value)
{
	if (lws_add_http_header_by_name(head->wsi, (const unsigned char *)name,
					(const unsigned char *)value,
					(int)strlen(value), &head->at,
					head->end))
		head->full = true;
}

static void head_add_cors(struct answer_head *head,
			  const struct edge_answer *answer)
{
	if (answer->origin == NULL || answer->origin[0] == '\0')
		return;
	head_add(head, "access-control-allow-origin:", answer->origin);
	head_add(head, "access-control-allow-credentials:", "true");
	head_add(head, "vary:", "Origin");
	if (!answer->preflight)
		return;
	head_add(head, "access-control-allow-methods:", "GET, POST");
	head_add(head, "access-control-allow-headers:", "content-type");
	head_add(head, "access-control-max-age:", "86400");
}

static bool head_write(struct answer_head *head,
		       const struct edge_answer *answer)
{
	head->full = lws_add_http_common_headers(
		head->wsi, (unsigned)answer->status, answer->type, answer->len,
		&head->at, head->end);
	head_add(head, "cache-control:", "no-store");
	if (answer->closes)
		head_add(head, "connection:", "close");
	head_add_cors(head, answer);
	return !head->full &&
	       !lws_finalize_http_header(head->wsi, &head->at, head->end);
}

bool edge_answer_write(struct lws *wsi, const struct edge_answer *answer)
{
	unsigned char *bytes = xmalloc(LWS_PRE + HEAD_SIZE + answer->len);
	unsigned char *start = bytes + LWS_PRE;
	struct answer_head head = {wsi, start, start + HEAD_SIZE, false};
	bool fine = head_write(&head, answer);

	if (fine) {
		size_t len = (size_t)(head.at - start) + answer->len;

		if (answer->len > 0)
			memcpy(head.at, answer->body, answer->len);
		fine = lws_write(wsi, start, len, LWS_WRITE_HTTP_FINAL) >= 0;
	}
	free(bytes);
	return fine;
}

int edge_answer_refuse_upgrade(struct lws *wsi, enum eio_error error)
{
	const struct eio_refusal *refusal = &eio_refusals[error];
	const struct edge_answer answer = {
		.status = refusal->status,
		.type = "application/json",
		.body = refusal->body,
		.len = strlen(refusal->body),
		.closes = true,
	};

	edge_answer_write(wsi, &answer);
	return -1;
}
