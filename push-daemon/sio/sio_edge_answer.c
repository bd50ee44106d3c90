#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "sio_edge_lws.h"

#define HEAD_SIZE 2048

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
	if (answer->allow_headers == NULL)
		return;
	head_add(head, "vary:", "Access-Control-Request-Headers");
	head_add(head, "access-control-allow-methods:", "GET, POST");
	if (answer->allow_headers[0] != '\0')
		head_add(head, "access-control-allow-headers:",
			 answer->allow_headers);
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

static const char *reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{400, "Bad Request"},	      {403, "Forbidden"},
		{404, "Not Found"},	      {426, "Upgrade Required"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < COUNT_OF(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "";
}

/* Written by hand: that early libwebsockets takes the request for HTTP/1.0. */
int edge_answer_refuse_upgrade(struct lws *wsi, enum eio_error error)
{
	const struct eio_refusal *refusal = &eio_refusals[error];
	bool names_version =
		error == EIO_BAD_HANDSHAKE || error == EIO_BAD_WS_VERSION;
	unsigned char bytes[LWS_PRE + HEAD_SIZE];
	int len =
		snprintf((char *)bytes + LWS_PRE, HEAD_SIZE,
			 "HTTP/1.1 %d %s\r\n"
			 "content-type: application/json\r\n"
			 "content-length: %zu\r\n"
			 "cache-control: no-store\r\n"
			 "connection: %sclose\r\n"
			 "%s%s\r\n%s",
			 refusal->status, reason_phrase(refusal->status),
			 strlen(refusal->body),
			 refusal->status == 426 ? "upgrade, " : "",
			 names_version ? "sec-websocket-version: 13\r\n" : "",
			 refusal->status == 426 ? "upgrade: websocket\r\n" : "",
			 refusal->body);

	lws_write(wsi, bytes + LWS_PRE, (size_t)len, LWS_WRITE_RAW);
	return -1;
}
