#include "notify_client.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "announce.h"
#include "buf.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "notify_frame.h"
#include "palabre_limits.h"

#define DEADLINE_MS 50
#define OUT_MAX (4 * 1024 * 1024)
#define ANSWER_DEPTH 4
/* After an unanswered question: with a pushd that hangs, requests do not wait
 * again and again. */
#define PAUSE_MS 500

struct notify_client {
	char *path, *pool;
	int fd; /* -1: not connected */
	struct buf out;
	struct notify_decoder *in;
	int64_t next_question; /* not before; clock_mono_ms() */
	int64_t question;      /* its number */
};

/* ---- the connection ---- */

static void disconnect(struct notify_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	notify_decoder_free(client->in);
	client->in = NULL;
}

static bool wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd poller = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline - clock_mono_ms();
		int ready = left > 0 ? poll(&poller, 1, (int)left) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		return ready > 0;
	}
}

/* All of it before the deadline, or the connection goes. */
static bool write_all(struct notify_client *client, const char *data,
		      size_t len, int64_t deadline)
{
	while (len > 0 && client->fd >= 0) {
		ssize_t wrote = send(client->fd, data, len,
				     MSG_NOSIGNAL | MSG_DONTWAIT);

		if (wrote > 0) {
			data += wrote;
			len -= (size_t)wrote;
		} else if (errno != EINTR &&
			   (errno != EAGAIN ||
			    !wait_for(client->fd, POLLOUT, deadline))) {
			disconnect(client);
		}
	}
	return client->fd >= 0;
}

static bool send_frame(struct notify_client *client, enum notify_kind kind,
		       struct json_object *head)
{
	struct notify_parts parts = {0};
	struct buf wire;

	buf_init(&wire, NOTIFY_BODY_MAX + 64);
	parts.head = json_print(head, &parts.head_len);
	bool fits = notify_frame_add(&wire, kind, &parts);

	assert(fits);
	(void)fits;
	bool sent = write_all(client, wire.data, wire.len,
			      clock_mono_ms() + DEADLINE_MS);
	buf_done(&wire);
	return sent;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* pushd says nothing unasked, so anything readable is the end. */
static bool has_ended(int fd)
{
	char byte;

	ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static bool be_connected(struct notify_client *client)
{
	if (client->fd >= 0 && has_ended(client->fd))
		disconnect(client);
	if (client->fd >= 0)
		return true;
	client->fd = connect_to(client->path);
	if (client->fd < 0)
		return false;
	client->in = notify_decoder_new();

	struct json_object *hello = json_new_object();

	json_put_int(hello, "pid", getpid());
	json_put_string(hello, "pool", client->pool);
	bool sent = send_frame(client, NOTIFY_HELLO, hello);
	json_free(hello);
	return sent;
}

struct notify_client *notify_client_new(const char *path, const char *pool)
{
	struct notify_client *client = xcalloc(1, sizeof(*client));

	client->path = xstrdup(path);
	client->pool = xstrdup(pool);
	client->fd = -1;
	buf_init(&client->out, OUT_MAX);
	be_connected(client);
	return client;
}

void notify_client_free(struct notify_client *client)
{
	if (client == NULL)
		return;
	notify_flush(client);
	if (client->fd >= 0) {
		struct json_object *bye = json_new_object();

		send_frame(client, NOTIFY_BYE, bye);
		json_free(bye);
	}
	disconnect(client);
	buf_done(&client->out);
	free(client->path);
	free(client->pool);
	free(client);
}

/* ---- events ---- */

struct buf *notify_out(struct notify_client *client)
{
	return &client->out;
}

void notify_flush(struct notify_client *client)
{
	struct buf *out = &client->out;

	if (out->overflow)
		disconnect(client); /* without BYE: pushd asks the store */
	else if (out->len > 0 && be_connected(client))
		write_all(client, out->data, out->len,
			  clock_mono_ms() + DEADLINE_MS);
	buf_reset(out);
}

void notify_tick(struct notify_client *client)
{
	be_connected(client);
}

/* ---- presence ---- */

/* The next frame, or false: nothing in time, or the connection is gone. */
static bool read_frame(struct notify_client *client, int64_t deadline,
		       struct notify_frame *frame)
{
	char chunk[4096];

	while (client->fd >= 0) {
		enum notify_status status =
			notify_decoder_next(client->in, frame);

		if (status == NOTIFY_FRAME)
			return true;
		if (status == NOTIFY_MALFORMED) {
			disconnect(client);
			return false;
		}
		if (!wait_for(client->fd, POLLIN, deadline))
			return false;
		ssize_t got =
			recv(client->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		/* Answers are small: one that the decoder cannot take whole
		 * is none of ours. */
		if (got > 0 ? notify_decoder_feed(client->in, chunk,
						  (size_t)got) != (size_t)got
			    : got == 0 || (errno != EAGAIN && errno != EINTR))
			disconnect(client);
	}
	return false;
}

/* The answer to question number id, or NULL; a late one to an older question
 * is passed over. The caller frees it. */
static struct json_object *read_answer(struct notify_client *client,
				       int64_t deadline)
{
	struct notify_frame frame;

	while (read_frame(client, deadline, &frame)) {
		struct json_object *answer;
		int64_t id = 0;

		if (json_parse((const char *)frame.body, frame.body_len,
			       ANSWER_DEPTH, &answer) != JSON_OK) {
			disconnect(client);
			return NULL;
		}
		if (frame.kind == NOTIFY_PRESENCE &&
		    json_get_int(answer, "id", &id) == JSON_FOUND &&
		    id == client->question)
			return answer;
		json_free(answer);
	}
	return NULL;
}

/* Takes question. NULL: no answer in time. The caller frees the answer. */
static struct json_object *ask(struct notify_client *client,
			       struct json_object *question)
{
	struct json_object *answer = NULL;
	int64_t now = clock_mono_ms();

	json_put_int(question, "id", ++client->question);
	if (now >= client->next_question && be_connected(client) &&
	    send_frame(client, NOTIFY_PRESENCE, question)) {
		answer = read_answer(client, now + DEADLINE_MS);
		if (answer == NULL)
			client->next_question = clock_mono_ms() + PAUSE_MS;
	}
	json_free(question);
	return answer;
}

bool notify_online(struct notify_client *client, const char *const *ids,
		   size_t count, bool *online)
{
	struct json_object *question = json_new_object();
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < count; i++) {
		json_push(list, json_new_string(ids[i]));
		online[i] = false;
	}
	json_put(question, "userIds", list);

	struct json_object *answer = ask(client, question);
	struct json_object *named = json_any(answer, "online");

	for (size_t n = 0; n < json_length(named); n++) {
		const char *id = json_text_of(json_at(named, n));

		for (size_t i = 0; id != NULL && i < count; i++)
			online[i] = online[i] || strcmp(ids[i], id) == 0;
	}
	json_free(answer);
	return answer != NULL;
}

size_t notify_online_some(struct notify_client *client, size_t limit,
			  char (*ids)[ID_SIZE])
{
	struct json_object *question = json_new_object();
	size_t count = 0;

	json_put_int(question, "limit", (int64_t)limit);

	struct json_object *answer = ask(client, question);
	struct json_object *named = json_any(answer, "online");

	for (size_t n = 0; n < json_length(named) && count < limit; n++) {
		const char *id = json_text_of(json_at(named, n));

		if (id != NULL && id_valid(id))
			memcpy(ids[count++], id, ID_SIZE);
	}
	json_free(answer);
	return count;
}

bool notify_alive(struct notify_client *client)
{
	bool nobody;

	return notify_online(client, NULL, 0, &nobody);
}
