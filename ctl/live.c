#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "json.h"
#include "mem.h"
#include "unix_socket.h"

#define PATIENCE_MS 5000
#define SILENT_MS 60000 /* a ping comes every 25 s */
#define MESSAGE_MAX ((size_t)4 * 1024 * 1024)
#define FRAME_MAX 65535 /* of ours */
#define EVENT_DEPTH 12

/* Between two programs of one machine there is no cache to be fooled: the key
 * and the mask, which are there against that, are always the same. */
static const char upgrade[] =
	"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
	"Host: localhost\r\n"
	"Connection: Upgrade\r\n"
	"Upgrade: websocket\r\n"
	"Sec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: cGFsYWJyZWN0bC1jaGF0IQ==\r\n"
	"\r\n";

enum { CONTINUED = 0, TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

void live_init(struct live *live)
{
	*live = (struct live){.fd = -1};
	buf_init(&live->in, MESSAGE_MAX);
	buf_init(&live->message, MESSAGE_MAX);
}

void live_close(struct live *live)
{
	if (live->fd >= 0)
		close(live->fd);
	buf_done(&live->in);
	buf_done(&live->message);
	free(live->refused);
	live_init(live);
}

/* ---- what is said ---- */

static void live_send(struct live *live, const char *data, size_t len)
{
	if (send(live->fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		live->ended = true;
}

/* One frame, whose mask is zero. */
static void live_say(struct live *live, int opcode, const char *text,
		     size_t len)
{
	char head[8] = {(char)(0x80 | opcode), (char)0x80};
	size_t head_len = 6;
	struct buf out;

	if (len > 125) {
		head[1] = (char)(0x80 | 126);
		head[2] = (char)(len >> 8);
		head[3] = (char)len;
		head_len = 8;
	} else {
		head[1] |= (char)len;
	}
	buf_init(&out, FRAME_MAX + sizeof(head));
	buf_add(&out, head, head_len);
	buf_add(&out, text, len);
	if (out.overflow)
		live->ended = true;
	else
		live_send(live, out.data, out.len);
	crypt_wipe(out.data, out.len);
	buf_done(&out);
}

static void live_join(struct live *live, const char *token)
{
	struct json_object *auth = json_new_object();
	const char *json;
	char *packet;
	size_t len;

	json_put_string(auth, "token", token);
	json = json_print(auth, &len);
	packet = xasprintf("40%s", json);
	live_say(live, TEXT, packet, strlen(packet));
	crypt_wipe(packet, strlen(packet));
	free(packet);
	json_free(auth);
}

/* ---- what comes ---- */

static void drop_front(struct buf *buf, size_t len)
{
	memmove(buf->data, buf->data + len, buf->len - len);
	buf_cut(buf, buf->len - len);
}

struct frame {
	bool last;
	int opcode;
	const char *data;
	size_t len, size; /* the same with its head */
};

/*
 *     byte 0    FIN, opcode
 *     byte 1    no mask, length; 126: two bytes of it follow, 127: eight
 */
static bool read_frame(const struct buf *in, struct frame *frame)
{
	const unsigned char *at = (const unsigned char *)in->data;
	size_t more = 0;
	uint64_t len;

	if (in->len < 2)
		return false;
	len = at[1] & 0x7f;
	if (len >= 126)
		more = len == 126 ? 2 : 8;
	if (in->len < 2 + more)
		return false;
	if (more > 0)
		len = 0;
	for (size_t i = 0; i < more; i++)
		len = len << 8 | at[2 + i];
	if (in->len - 2 - more < len)
		return false;
	*frame = (struct frame){
		.last = (at[0] & 0x80) != 0,
		.opcode = at[0] & 0x0f,
		.data = in->data + 2 + more,
		.len = (size_t)len,
		.size = 2 + more + (size_t)len,
	};
	return true;
}

/* Of Engine.IO and Socket.IO. Its event, or NULL. */
static struct json_object *take_packet(struct live *live, const char *text)
{
	struct json_object *value = NULL;
	const char *words = "it was refused";

	if (strcmp(text, "2") == 0)
		live_say(live, TEXT, "3", 1);
	else if (text[0] == '1' || strncmp(text, "41", 2) == 0)
		live->ended = true;
	else if (strncmp(text, "40", 2) == 0)
		live->joined = true;
	else if (strncmp(text, "44", 2) == 0) {
		json_parse(text + 2, strlen(text + 2), JSON_OURS(EVENT_DEPTH),
			   &value);
		json_get_string(value, "message", &words);
		live->refused = xstrdup(words);
		live->ended = true;
	} else if (strncmp(text, "42", 2) == 0) {
		text += 2 + strspn(text + 2, "0123456789");
		json_parse(text, strlen(text), JSON_OURS(EVENT_DEPTH), &value);
		return value;
	}
	json_free(value);
	return NULL;
}

static struct json_object *take_frame(struct live *live,
				      const struct frame *frame)
{
	struct json_object *event = NULL;

	if (frame->opcode == CLOSE)
		live->ended = true;
	else if (frame->opcode == PING)
		live_say(live, PONG, frame->data, frame->len);
	if (frame->opcode != TEXT && frame->opcode != CONTINUED)
		return NULL;
	buf_add(&live->message, frame->data, frame->len);
	if (frame->last && live->message.len > 0 && !live->message.overflow)
		event = take_packet(live, live->message.data);
	if (frame->last)
		buf_reset(&live->message);
	return event;
}

struct json_object *live_next(struct live *live)
{
	struct frame frame;

	while (!live->ended && read_frame(&live->in, &frame)) {
		struct json_object *event = take_frame(live, &frame);

		drop_front(&live->in, frame.size);
		if (event != NULL)
			return event;
	}
	return NULL;
}

bool live_read(struct live *live)
{
	char bytes[16384];
	ssize_t got;

	do {
		got = recv(live->fd, bytes, sizeof(bytes), 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN && live->joined;
	buf_add(&live->in, bytes, (size_t)got);
	live->heard_ms = clock_mono_ms();
	return got > 0 && !live->in.overflow && !live->ended;
}

bool live_is_silent(const struct live *live, int64_t now_ms)
{
	return live->fd >= 0 && now_ms - live->heard_ms > SILENT_MS;
}

/* ---- coming ---- */

/* True: it speaks WebSocket from now on. */
static bool live_upgrade(struct live *live)
{
	const char *end;

	live_send(live, upgrade, sizeof(upgrade) - 1);
	do {
		if (live->ended || !live_read(live))
			return false;
		end = strstr(live->in.data, "\r\n\r\n");
	} while (end == NULL);
	if (strncmp(live->in.data, "HTTP/1.1 101 ", 13) != 0)
		return false;
	drop_front(&live->in, (size_t)(end + 4 - live->in.data));
	return true;
}

/* Until it is in, and not a frame further. */
static void live_await(struct live *live)
{
	struct frame frame;

	while (!live->joined && !live->ended) {
		if (read_frame(&live->in, &frame)) {
			json_free(take_frame(live, &frame));
			drop_front(&live->in, frame.size);
		} else if (!live_read(live)) {
			live->ended = true;
		}
	}
}

char *live_open(struct live *live, const char *path, const char *token)
{
	char *wrong;

	live->fd = unix_socket_connect_waiting(path, PATIENCE_MS);
	if (live->fd < 0)
		return xasprintf("palabre-pushd at %s: %s", path,
				 strerror(errno));
	if (live_upgrade(live)) {
		live_join(live, token);
		live_await(live);
	}
	if (live->joined && !live->ended) {
		fcntl(live->fd, F_SETFL, O_NONBLOCK);
		return NULL;
	}
	wrong = xasprintf("palabre-pushd at %s: %s", path,
			  live->refused != NULL ? live->refused : "no answer");
	live_close(live);
	return wrong;
}
