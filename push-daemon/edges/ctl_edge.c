#include "ctl_edge.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "pipe_server.h"

#define PEERS_MAX 32
#define LINE_MAX_BYTES 256
#define UNREAD_MAX 65536

struct peer {
	struct pipe_peer pipe; /* must be first */
	size_t len;
	char line[LINE_MAX_BYTES + 1];
};

static void put_pong(const struct ctl_source *source,
		     struct json_object *answer)
{
	(void)source;
	json_put_int(answer, "pid", getpid());
}

static void put_stats(const struct ctl_source *source,
		      struct json_object *answer)
{
	json_put(answer, "stats", source->stats(source->user));
}

static const struct {
	const char *word;
	void (*put)(const struct ctl_source *source,
		    struct json_object *answer);
} commands[] = {
	{"ping", put_pong},
	{"stats", put_stats},
};

static struct json_object *answer_to(const struct ctl_source *source,
				     const char *word)
{
	struct json_object *answer = json_new_object();
	struct json_object *error;

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].word, word) == 0) {
			json_put_bool(answer, "ok", true);
			commands[i].put(source, answer);
			return answer;
		}
	}
	error = json_new_object();
	json_put_string(error, "code", "unknown_command");
	json_put_string(error, "message", "There is no such command.");
	json_put_bool(answer, "ok", false);
	json_put(answer, "error", error);
	return answer;
}

static void take_line(const struct ctl_source *source, struct peer *peer)
{
	struct json_object *answer;
	struct buf out;
	size_t len;
	const char *text;

	if (peer->len > 0 && peer->line[peer->len - 1] == '\r')
		peer->len--;
	peer->line[peer->len] = '\0';
	answer = answer_to(source, peer->line);
	text = json_print(answer, &len);
	buf_init(&out, UNREAD_MAX);
	buf_add(&out, text, len);
	buf_adds(&out, "\n");
	pipe_peer_write(&peer->pipe, out.data, out.len);
	buf_done(&out);
	json_free(answer);
	peer->len = 0;
}

static void ctl_edge_read(struct pipe_peer *pipe, const char *data, size_t len,
			  void *user)
{
	struct peer *peer = (struct peer *)pipe;

	for (size_t i = 0; i < len && !pipe->closing; i++) {
		if (data[i] == '\n')
			take_line(user, peer);
		else if (peer->len < LINE_MAX_BYTES)
			peer->line[peer->len++] = data[i];
		else
			pipe_peer_lose(pipe);
	}
}

static const struct pipe_protocol protocol = {
	.peer_size = sizeof(struct peer),
	.peers_max = PEERS_MAX,
	.unread_max = UNREAD_MAX,
	.read = ctl_edge_read,
};

struct pipe_server *ctl_edge_new(uv_loop_t *loop, const char *path,
				 struct ctl_source *source, char **error)
{
	return pipe_server_new(loop, path, &protocol, source, error);
}
