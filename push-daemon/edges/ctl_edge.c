#include "ctl_edge.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "pipe_server.h"

#define PEERS_MAX 32
#define LINE_MAX_BYTES 256
#define UNREAD_MAX (1024 * 1024) /* a page of who is here */

struct peer {
	struct pipe_peer pipe; /* must be first */
	size_t len;
	char line[LINE_MAX_BYTES + 1];
};

static struct json_object *good_answer(void)
{
	struct json_object *answer = json_new_object();

	json_put_bool(answer, "ok", true);
	return answer;
}

static struct json_object *answer_ping(const struct ctl_source *source,
				       const char *argument)
{
	struct json_object *answer = good_answer();

	(void)source;
	(void)argument;
	json_put_int(answer, "pid", getpid());
	return answer;
}

static struct json_object *answer_stats(const struct ctl_source *source,
					const char *argument)
{
	struct json_object *answer = good_answer();

	(void)argument;
	json_put(answer, "stats", source->stats(source->user));
	return answer;
}

static struct json_object *answer_clients(const struct ctl_source *source,
					  const char *argument)
{
	return source->clients(source->user, argument);
}

/* NULL: with that argument there is none. */
static const struct {
	const char *word;
	bool takes_argument;
	struct json_object *(*answer)(const struct ctl_source *source,
				      const char *argument);
} commands[] = {
	{"ping", false, answer_ping},
	{"stats", false, answer_stats},
	{"clients", true, answer_clients},
};

static struct json_object *refusal(void)
{
	struct json_object *answer = json_new_object();
	struct json_object *error = json_new_object();

	json_put_string(error, "code", "unknown_command");
	json_put_string(error, "message", "There is no such command.");
	json_put_bool(answer, "ok", false);
	json_put(answer, "error", error);
	return answer;
}

/* line is divided. */
static struct json_object *answer_to(const struct ctl_source *source,
				     char *line)
{
	struct json_object *answer = NULL;
	char *argument = line;
	const char *word = strsep(&argument, " ");

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].word, word) == 0 &&
		    (argument == NULL || commands[i].takes_argument))
			answer = commands[i].answer(
				source, argument != NULL ? argument : "");
	}
	return answer != NULL ? answer : refusal();
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
