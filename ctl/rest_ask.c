#include "rest_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "buf.h"
#include "fcgi_record.h"
#include "mem.h"
#include "unix_socket.h"

#define PATIENCE_S 5
#define QUESTION_MAX 4096
#define ANSWER_MAX (16 * 1024 * 1024)
#define ID 1

/* Blocking, but not for ever. */
static int rest_connect(const char *path)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = unix_socket_connect(path);

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static bool rest_send(int fd, const char *path)
{
	struct buf params, out;

	buf_init(&params, QUESTION_MAX);
	buf_init(&out, QUESTION_MAX);
	fcgi_param_add(&params, "REQUEST_METHOD", "GET");
	fcgi_param_add(&params, "REQUEST_URI", path);
	fcgi_record_add_begin(&out, ID, false);
	fcgi_record_add(&out, FCGI_RECORD_PARAMS, ID, params.data, params.len);
	fcgi_record_add_eof(&out, FCGI_RECORD_PARAMS, ID);
	fcgi_record_add_eof(&out, FCGI_RECORD_STDIN, ID);

	bool sent =
		send(fd, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len;

	buf_done(&params);
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

char *rest_ask(const char *socket, const char *path, int *status)
{
	int fd = rest_connect(socket);
	struct buf answer;
	char *body = NULL;

	if (fd < 0)
		return NULL;
	buf_init(&answer, ANSWER_MAX);
	errno = EAGAIN; /* an end of file sets nothing */
	if (rest_send(fd, path) && rest_receive(fd, &answer))
		body = rest_split(&answer, status);
	int saved = errno;

	buf_done(&answer);
	close(fd);
	errno = saved;
	return body;
}
