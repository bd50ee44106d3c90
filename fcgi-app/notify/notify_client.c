#include "notify_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "notify_frame.h"
#include "unix_socket.h"

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
	struct notify_decoder *decoder;
	char chunk[4096];	/* what it reads from */
	char position[ID_SIZE]; /* all up to there was announced; "": unknown */
	char epoch[ID_SIZE];	/* of the store; the same */
	int64_t next_question;	/* not before; clock_mono_ms() */
	int64_t question;	/* its number */
};

/* ---- the connection ---- */

static void disconnect(struct notify_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	notify_decoder_free(client->decoder);
	client->decoder = NULL;
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

enum sent {
	SENT,
	SENT_GONE,  /* the daemon has closed the connection */
	SENT_STUCK, /* it does not read */
};

/* All of it before the deadline, or the connection goes. */
static enum sent notify_write(struct notify_client *client, const char *data,
			      size_t len)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	while (len > 0) {
		ssize_t wrote = send(client->fd, data, len,
				     MSG_NOSIGNAL | MSG_DONTWAIT);

		if (wrote > 0) {
			data += wrote;
			len -= (size_t)wrote;
		} else if (errno != EINTR &&
			   (errno != EAGAIN ||
			    !wait_for(client->fd, POLLOUT, deadline))) {
			enum sent why =
				errno == EAGAIN ? SENT_STUCK : SENT_GONE;

			disconnect(client);
			return why;
		}
	}
	return SENT;
}

static bool send_json(struct notify_client *client, enum notify_kind kind,
		      struct json_object *head)
{
	struct notify_parts parts = {0};
	struct buf wire;

	buf_init(&wire, NOTIFY_BODY_MAX);
	parts.head = json_print(head, &parts.head_len);

	bool sent = notify_frame_add(&wire, kind, &parts) &&
		    notify_write(client, wire.data, wire.len) == SENT;

	buf_done(&wire);
	json_free(head);
	return sent;
}

static bool be_connected(struct notify_client *client)
{
	if (client->fd >= 0)
		return true;
	client->fd = unix_socket_connect(client->path);
	if (client->fd < 0)
		return false;
	client->decoder = notify_decoder_new();

	struct json_object *hello = json_new_object();

	json_put_int(hello, "pid", getpid());
	json_put_string(hello, "pool", client->pool);
	if (client->position[0] != '\0')
		json_put_string(hello, "position", client->position);
	if (client->epoch[0] != '\0')
		json_put_string(hello, "epoch", client->epoch);
	return send_json(client, NOTIFY_HELLO, hello);
}

/* Frames that a daemon which has gone did not take are for the next one. */
static bool send_frames(struct notify_client *client, const struct buf *frames)
{
	bool fresh = client->fd < 0;
	enum sent sent = SENT_GONE;

	if (be_connected(client))
		sent = notify_write(client, frames->data, frames->len);
	if (sent == SENT_GONE && !fresh && be_connected(client))
		sent = notify_write(client, frames->data, frames->len);
	return sent == SENT;
}

static void set_position(struct notify_client *client, const char *position)
{
	snprintf(client->position, sizeof(client->position), "%s", position);
}

struct notify_client *notify_client_new(const char *path, const char *pool,
					const char *position, const char *epoch)
{
	struct notify_client *client = xcalloc(1, sizeof(*client));

	client->path = xstrdup(path);
	client->pool = xstrdup(pool);
	client->fd = -1;
	if (position != NULL)
		set_position(client, position);
	if (epoch != NULL)
		snprintf(client->epoch, sizeof(client->epoch), "%s", epoch);
	buf_init(&client->out, OUT_MAX);
	be_connected(client);
	return client;
}

void notify_client_free(struct notify_client *client)
{
	if (client == NULL)
		return;
	notify_flush(client);
	if (client->fd >= 0)
		send_json(client, NOTIFY_BYE, json_new_object());
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
	else if (out->len > 0)
		send_frames(client, out);
	buf_reset(out);
}

void notify_say_position(struct notify_client *client, const char *position)
{
	struct json_object *head;

	/* What was dropped while nobody was there is behind the old one. */
	if (client->fd < 0 || strcmp(client->position, position) == 0)
		return;
	set_position(client, position);
	head = json_new_object();
	json_put_string(head, "position", position);
	send_json(client, NOTIFY_POSITION, head);
}

/* pushd says nothing unasked, so anything readable is the end. */
static bool has_ended(int fd)
{
	char byte;

	ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void notify_tick(struct notify_client *client)
{
	if (client->fd >= 0 && has_ended(client->fd))
		disconnect(client);
	be_connected(client);
}

/* ---- presence ---- */

/* The next frame, or false: nothing in time, or the connection is gone. */
static bool read_frame(struct notify_client *client, int64_t deadline,
		       struct notify_frame *frame)
{
	while (client->fd >= 0) {
		enum notify_status status =
			notify_decoder_next(client->decoder, frame);

		if (status == NOTIFY_FRAME)
			return true;
		if (status == NOTIFY_MALFORMED) {
			disconnect(client);
			return false;
		}
		if (!wait_for(client->fd, POLLIN, deadline))
			return false;
		ssize_t got = recv(client->fd, client->chunk,
				   sizeof(client->chunk), MSG_DONTWAIT);

		if (got > 0)
			notify_decoder_feed(client->decoder, client->chunk,
					    (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			disconnect(client);
	}
	return false;
}

struct answer {
	struct json_object *head; /* NULL: none came in time */
	const char *payload;	  /* borrowed until the next frame */
	size_t payload_len;
};

/* The answer to the last question; a late one to an older question is passed
 * over. The caller frees its head. */
static struct answer read_answer(struct notify_client *client, int64_t deadline)
{
	struct notify_frame frame;

	while (read_frame(client, deadline, &frame)) {
		struct notify_parts parts;
		struct json_object *head;
		int64_t id = 0;

		notify_frame_split(&frame, &parts);
		if (json_parse(parts.head, parts.head_len,
			       JSON_OURS(ANSWER_DEPTH), &head) != JSON_OK) {
			disconnect(client);
			break;
		}
		if (frame.kind == NOTIFY_PRESENCE &&
		    json_get_int(head, "id", &id) == JSON_FOUND &&
		    id == client->question)
			return (struct answer){head, parts.payload,
					       parts.payload_len};
		json_free(head);
	}
	return (struct answer){NULL, NULL, 0};
}

/* A question behind the frames that wait, whose answer comes when they were
 * taken. Takes head. */
static struct answer ask_behind(struct notify_client *client,
				struct json_object *head,
				const struct buf *payload, int64_t patience_ms)
{
	int64_t deadline = clock_mono_ms() + patience_ms;
	struct notify_parts parts = {0};
	struct answer answer = {NULL, NULL, 0};

	json_put_int(head, "id", ++client->question);
	parts.head = json_print(head, &parts.head_len);
	if (payload != NULL) {
		parts.payload = payload->data;
		parts.payload_len = payload->len;
	}
	if (!client->out.overflow &&
	    notify_frame_add(&client->out, NOTIFY_PRESENCE, &parts)) {
		bool sent = send_frames(client, &client->out);

		buf_reset(&client->out);
		if (sent)
			answer = read_answer(client, deadline);
	}
	json_free(head);
	return answer;
}

/* Who of nobody is online? */
bool notify_confirm(struct notify_client *client, int64_t patience_ms)
{
	const struct buf nobody = {.data = ""};
	struct answer answer =
		ask_behind(client, json_new_object(), &nobody, patience_ms);
	bool taken = answer.head != NULL;

	json_free(answer.head);
	return taken;
}

/* Takes head. */
static struct answer notify_ask(struct notify_client *client,
				struct json_object *head,
				const struct buf *payload)
{
	struct answer answer = {NULL, NULL, 0};

	if (clock_mono_ms() < client->next_question) {
		json_free(head);
		return answer;
	}
	answer = ask_behind(client, head, payload, DEADLINE_MS);
	if (answer.head == NULL)
		client->next_question = clock_mono_ms() + PAUSE_MS;
	return answer;
}

bool notify_online(struct notify_client *client, const char *const *ids,
		   size_t count, bool *online)
{
	struct buf all;

	buf_init(&all, NOTIFY_BODY_MAX);
	buf_adds(&all, "");
	for (size_t i = 0; i < count; i++) {
		buf_add(&all, ids[i], ID_LEN);
		online[i] = false;
	}
	struct answer answer = notify_ask(client, json_new_object(), &all);
	bool good = answer.payload != NULL && answer.payload_len == count;

	for (size_t i = 0; good && i < count; i++)
		online[i] = answer.payload[i] == '1';
	json_free(answer.head);
	buf_done(&all);
	return good;
}

size_t notify_online_some(struct notify_client *client, bool guests,
			  size_t limit, char (*ids)[ID_SIZE])
{
	struct json_object *question = json_new_object();
	size_t count = 0;

	json_put_int(question, "limit", (int64_t)limit);
	json_put_bool(question, "guests", guests);

	struct answer answer = notify_ask(client, question, NULL);
	struct json_object *named = json_any(answer.head, "online");

	for (size_t n = 0; n < json_length(named) && count < limit; n++) {
		const char *id = json_text_of(json_at(named, n));

		if (id != NULL && id_valid(id))
			memcpy(ids[count++], id, ID_SIZE);
	}
	json_free(answer.head);
	return count;
}

bool notify_alive(struct notify_client *client)
{
	bool nobody;

	return notify_online(client, NULL, 0, &nobody);
}
