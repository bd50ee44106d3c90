#include "rest_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "crypt.h"
#include "fcgi_record.h"
#include "mem.h"
#include "unix_socket.h"

#define PATIENCE_MS 10000
#define QUESTION_MAX ((size_t)256 * 1024)
#define ANSWER_MAX (16 * 1024 * 1024)
#define ID 1

static void add_token(struct buf *params, const char *token)
{
	char *bearer = xasprintf("Bearer %s", token);

	fcgi_param_add(params, "HTTP_AUTHORIZATION", bearer);
	crypt_wipe(bearer, strlen(bearer));
	free(bearer);
}

static void add_params(struct buf *params, const struct rest_question *question)
{
	char length[24];

	fcgi_param_add(params, "REQUEST_METHOD", question->method);
	fcgi_param_add(params, "REQUEST_URI", question->path);
	fcgi_param_add(params, "HTTP_USER_AGENT", "palabrectl");
	if (question->token != NULL)
		add_token(params, question->token);
	if (question->body == NULL)
		return;
	snprintf(length, sizeof(length), "%zu", strlen(question->body));
	fcgi_param_add(params, "CONTENT_TYPE", "application/json");
	fcgi_param_add(params, "CONTENT_LENGTH", length);
}

static void add_question(struct buf *out, const struct rest_question *question)
{
	struct buf params;

	buf_init(&params, QUESTION_MAX);
	add_params(&params, question);
	fcgi_record_add_begin(out, ID, false);
	fcgi_record_add(out, FCGI_RECORD_PARAMS, ID, params.data, params.len);
	fcgi_record_add_eof(out, FCGI_RECORD_PARAMS, ID);
	if (question->body != NULL)
		fcgi_record_add(out, FCGI_RECORD_STDIN, ID, question->body,
				strlen(question->body));
	fcgi_record_add_eof(out, FCGI_RECORD_STDIN, ID);
	out->overflow = out->overflow || params.overflow;
	crypt_wipe(params.data, params.len);
	buf_done(&params);
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		data += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool rest_send(int fd, const struct rest_question *question)
{
	struct buf out;

	buf_init(&out, QUESTION_MAX);
	add_question(&out, question);

	bool sent = !out.overflow && send_all(fd, out.data, out.len);

	crypt_wipe(out.data, out.len);
	buf_done(&out);
	return sent;
}

/* Takes what is there. False: the answer has ended, or is none. */
static bool rest_take(struct fcgi_decoder *decoder, struct buf *answer)
{
	struct fcgi_record record;
	enum fcgi_record_status status;

	while ((status = fcgi_decoder_next(decoder, &record)) ==
	       FCGI_RECORD_ITEM) {
		if (record.type == FCGI_RECORD_END)
			return false;
		if (record.type == FCGI_RECORD_STDOUT)
			buf_add(answer, record.content, record.len);
	}
	return status == FCGI_RECORD_NEED_MORE;
}

static bool rest_receive(int fd, struct buf *answer)
{
	struct fcgi_decoder *decoder = fcgi_decoder_new();
	char bytes[16384];
	ssize_t got = 0;
	bool more = true;

	while (more && (got = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		for (size_t at = 0; more && at < (size_t)got;) {
			at += fcgi_decoder_feed(decoder, bytes + at,
						(size_t)got - at);
			more = rest_take(decoder, answer);
		}
	}
	fcgi_decoder_free(decoder);
	return got > 0 && !answer->overflow;
}

/* CGI's headers (RFC 3875), of which the status is the first. */
static char *rest_split(const struct buf *answer, int *status)
{
	static const char word[] = "Status: ", end[] = "\r\n\r\n";
	const char *body;

	if (answer->data == NULL ||
	    strncmp(answer->data, word, strlen(word)) != 0)
		return NULL;
	*status = (int)strtol(answer->data + strlen(word), NULL, 10);
	body = strstr(answer->data, end);
	return body != NULL ? xstrdup(body + strlen(end)) : NULL;
}

char *rest_ask(const struct rest_question *question, int *status)
{
	int fd = unix_socket_connect_waiting(question->socket, PATIENCE_MS);
	struct buf answer;
	char *body = NULL;

	if (fd < 0)
		return NULL;
	buf_init(&answer, ANSWER_MAX);
	errno = EAGAIN; /* an end of file sets nothing */
	if (rest_send(fd, question) && rest_receive(fd, &answer))
		body = rest_split(&answer, status);
	int saved = errno;

	buf_done(&answer);
	close(fd);
	errno = saved;
	return body;
}
