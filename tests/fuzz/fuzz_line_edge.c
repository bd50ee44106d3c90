/* The edge of old lines among everything that speaks to it, a record a line:
 *
 *     >TEXT        its client says that (the first byte of all: `L` that it
 *                  ends lines); a silence follows where it ends none
 *     <EVENT       the hub sends it that event array
 *     :HEAD        a worker's next answer to the hub, in the place of a good
 *                  one; with `code` it is a refusal
 *     =STATUS JSON what REST answers to what it was asked first
 *     e            the end of what its client says
 *     t            time passes
 *
 * The server of lines and REST are ours; parser, outbox and hub are the real
 * ones. Whatever comes, what is asked of REST is a request and no more than
 * that, nobody answers somebody who is gone, and what is written are lines. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_hub.h"
#include "json.h"
#include "line_edge.h"
#include "line_server.h"
#include "log.h"
#include "mem.h"
#include "rest_call.h"
#include "text.h"

#define PENDING_MAX 256
#define TICKS 20
#define TICK_MS 50
#define ME FUZZ_HUB_ID

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SESSION                                                                \
	"{\"user\":{\"_id\":\"" ME "\",\"username\":\"Ann\"},"                 \
	"\"sessionId\":\"s\",\"expiresAt\":9999999,\"rooms\":[\"r:line\"],"    \
	"\"asOf\":\"000000000000000000000001\",\"contacts\":[],\"lobby\":{},"  \
	"\"server\":{\"displayName\":\"Serveur\",\"statusText\":"              \
	"\"Disponible\","                                                      \
	"\"avatar\":\"\"}"

/* What a worker answers unless the input says otherwise. */
static const struct {
	const char *command, *answer;
} answers[] = {
	{"\"command\":\"guest\"",
	 SESSION ",\"role\":\"guest\",\"token\":\"t\"}"},
	{"\"command\":\"session\"", SESSION ",\"role\":\"user\"}"},
	{"", "{}"},
};

static struct {
	struct hub *hub;
	const struct line_protocol *protocol;
	void *edge;
	struct line *line;
	bool busy;
	struct api_command asked[PENDING_MAX]; /* reply and user alone */
	const char *answers[PENDING_MAX];
	size_t asked_count;
	char *next; /* a worker's answer; NULL: a good one */
	TAILQ_HEAD(, rest_call) calls;
} it;

/* ---- workers ---- */

static void take_command(const struct api_command *command, const char *key,
			 void *user)
{
	size_t i;

	(void)key;
	(void)user;
	assert(it.asked_count < PENDING_MAX);
	for (i = 0; strstr(command->head, answers[i].command) == NULL;)
		i++;
	it.answers[it.asked_count] = answers[i].answer;
	it.asked[it.asked_count++] = *command;
}

static void refuse_or_answer(const struct api_command *command,
			     const char *text)
{
	struct json_object *head = NULL;
	struct api_result refusal = {.code = ""};

	if (json_parse(text, strlen(text), JSON_OURS(8), &head) == JSON_OK &&
	    json_get_string(head, "code", &refusal.code) == JSON_FOUND) {
		refusal.head = head;
		command->reply(&refusal, command->user);
	} else {
		fuzz_hub_answer(command, text, strlen(text), "{\"ok\":true}");
	}
	json_free(head);
}

static void answer_commands(void)
{
	for (size_t i = 0; i < it.asked_count; i++) {
		const struct api_command command = it.asked[i];
		char *text = it.next;

		it.next = NULL;
		refuse_or_answer(&command, text != NULL ? text : it.answers[i]);
		free(text);
	}
	it.asked_count = 0;
}

/* ---- REST ---- */

struct rest_call {
	TAILQ_ENTRY(rest_call) link;
	rest_call_done *done;
	void *user;
};

static void judge_request(const struct rest_request *request)
{
	for (const char *at = request->target; *at != '\0'; at++)
		assert((unsigned char)*at > ' ' && *at != 0x7f);
	assert(*request->target == '/');
	if (request->body != NULL && request->type == NULL)
		assert(json_check(request->body, request->len, JSON_OURS(8)) ==
		       JSON_OK);
}

struct rest_call *rest_call_new(uv_loop_t *loop,
				const struct rest_request *request,
				rest_call_done *done, void *user)
{
	struct rest_call *call = xcalloc(1, sizeof(*call));

	(void)loop;
	judge_request(request);
	call->done = done;
	call->user = user;
	TAILQ_INSERT_TAIL(&it.calls, call, link);
	return call;
}

void rest_call_cancel(struct rest_call *call)
{
	if (call == NULL)
		return;
	TAILQ_REMOVE(&it.calls, call, link);
	free(call);
}

/* No file is read from a disk here. */
char *rest_answer_header(const struct rest_answer *answer, const char *name)
{
	(void)answer;
	(void)name;
	return NULL;
}

static void answer_rest(const char *text)
{
	struct rest_call *call = TAILQ_FIRST(&it.calls);
	const char *body = strchr(text, ' ');
	struct rest_answer answer = {.status = atoi(text), .headers = ""};

	if (call == NULL)
		return;
	answer.body = body != NULL ? body + 1 : "";
	answer.len = strlen(answer.body);
	TAILQ_REMOVE(&it.calls, call, link);
	call->done(&answer, call->user);
	free(call);
}

/* ---- the server of lines ---- */

struct line_server {
	int nothing;
};

struct line_server *line_server_new(uv_loop_t *loop,
				    const struct line_server_config *config,
				    const struct line_protocol *protocol,
				    void *user)
{
	(void)loop;
	(void)config;
	it.protocol = protocol;
	it.edge = user;
	return xcalloc(1, sizeof(struct line_server));
}

char *line_server_listen(struct line_server *server, const char *address,
			 int *port)
{
	(void)server;
	(void)address;
	(void)port;
	return NULL;
}

char *line_server_listen_tls(struct line_server *server, const char *address,
			     int *port)
{
	return line_server_listen(server, address, port);
}

void line_server_close(struct line_server *server)
{
	(void)server;
}

void line_server_free(struct line_server *server)
{
	free(server);
}

void line_server_read_stats(const struct line_server *server,
			    struct line_stats *out)
{
	(void)server;
	*out = (struct line_stats){0};
}

static void judge_lines(const char *lines, size_t len)
{
	assert(len > 0 && lines[len - 1] == '\n' && text_valid(lines, len));
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)lines[i];

		assert(byte >= 0x20 || byte == '\t' || byte == '\n');
		assert(byte != 0x7f);
	}
}

void line_write(struct line *line, const char *lines, size_t len)
{
	if (len == 0 || line->left_alone || line->state == LINE_GONE)
		return;
	judge_lines(lines, len);
	line_outbox_add(&line->outbox, lines, len);
}

void line_write_file(struct line *line, const char *text, size_t len)
{
	judge_lines(text, len);
	assert(line->outbox.ends || strncmp(text, "__FILE__|", 9) != 0);
	line_outbox_add_file(&line->outbox, text, len);
}

void line_hold(struct line *line, size_t bytes)
{
	line->held = bytes;
}

void line_answer(struct line *line)
{
	line->outbox.awaits = !line->outbox.ends;
}

void line_leave(struct line *line)
{
	line->state = LINE_LEAVING;
	line->outbox.hurries = true;
}

void line_leave_alone(struct line *line)
{
	line->left_alone = true;
}

void line_pause(struct line *line, bool pause)
{
	line->paused = pause;
}

void line_estrange(struct line *line)
{
	if (line->state == LINE_OPEN)
		line->state = LINE_NAMELESS;
}

void line_keep_busy(struct line *line)
{
	(void)line;
	it.busy = true;
}

uint64_t line_arrived(const struct line *line)
{
	return line->outbox.written;
}

/* ---- its client ---- */

static void take_line(enum line_kind kind, char *text, size_t len,
		      void *context)
{
	struct line *line = context;

	if (line->state == LINE_NAMELESS) {
		line->outbox.ends = line->parser.ends;
		line->state = LINE_OPEN;
	}
	line->left_alone = false;
	if (line->state == LINE_OPEN)
		it.protocol->heard(line, kind, text, len, it.edge);
}

static bool listens(const struct line *line)
{
	return line->state != LINE_LEAVING && !line->paused;
}

static void say(struct line *line, const char *text, bool ends)
{
	if (!listens(line))
		return;
	line_parser_feed(&line->parser, text, strlen(text), take_line, line);
	if (ends && line->state != LINE_LEAVING)
		line_parser_feed(&line->parser, "\n", 1, take_line, line);
	else if (line->state != LINE_LEAVING)
		line_parser_silence(&line->parser, take_line, line);
}

static void say_end(struct line *line)
{
	if (!listens(line))
		return;
	line_parser_finish(&line->parser, take_line, line);
	if (line->state != LINE_OPEN)
		return;
	line->paused = true;
	it.protocol->ended(line, it.edge);
}

static void read_all(struct line *line)
{
	struct line_outbox *outbox = &line->outbox;
	const char *at;
	size_t len;

	while ((len = line_outbox_ready(outbox, fuzz_hub_now_ms, &at)) > 0) {
		assert(len <= LINE_READ || outbox->ends || outbox->hurries);
		assert(len > LINE_READ || text_valid(at, len));
		line_outbox_wrote(outbox, len, fuzz_hub_now_ms);
		outbox->next_ms = 0;
	}
}

/* ---- the records ---- */

static void send_event(const char *event)
{
	struct hub_worker worker = {.source = HUB_ANSWER};
	char *body = xasprintf("{\"rooms\":[\"u:" ME "\"]}\n%s", event);
	const struct notify_frame frame = {NOTIFY_EVENT, (const uint8_t *)body,
					   strlen(body)};

	hub_worker_frame(it.hub, &worker, &frame);
	free(body);
}

static void expect(const char *answer)
{
	free(it.next);
	it.next = xstrdup(answer);
}

static void pass_time(void)
{
	struct line *line = it.line;

	for (int i = 0; i < TICKS; i++) {
		answer_commands();
		fuzz_hub_now_ms += TICK_MS;
		hub_tick(it.hub);
		if (line->state == LINE_OPEN && it.busy)
			it.busy = it.protocol->tick(line, fuzz_hub_now_ms,
						    it.edge);
		read_all(line);
	}
}

static void do_record(const char *record, bool ends)
{
	switch (record[0]) {
	case '>':
		say(it.line, record + 1, ends);
		break;
	case '<':
		send_event(record + 1);
		break;
	case ':':
		expect(record + 1);
		break;
	case '=':
		answer_rest(record + 1);
		break;
	case 'e':
		say_end(it.line);
		break;
	case 't':
		pass_time();
		break;
	default:
		break;
	}
	answer_commands();
	read_all(it.line);
}

static int64_t now(void)
{
	return fuzz_hub_now_ms;
}

static void no_random(void *out, size_t len)
{
	memset(out, 7, len);
}

static struct line_edge *begin(void)
{
	struct line_edge_config config = {
		.api_socket = "/api",
		.auth_socket = "/auth",
		.file_dir = "/files",
		.banner = true,
		.server = {.mono_ms = now, .random = no_random},
	};
	struct line_edge *edge;

	memset(&it, 0, sizeof(it));
	TAILQ_INIT(&it.calls);
	it.hub = fuzz_hub_new(take_command);
	config.hub = it.hub;
	edge = line_edge_new(NULL, &config);
	it.line = xcalloc(1, it.protocol->size);
	it.line->state = LINE_NAMELESS;
	snprintf(it.line->address, sizeof(it.line->address), "127.0.0.1");
	line_parser_init(&it.line->parser);
	line_outbox_init(&it.line->outbox, 256 * 1024);
	return edge;
}

static void end(struct line_edge *edge)
{
	struct line *line = it.line;

	if (line->state != LINE_LEAVING)
		it.protocol->lost(line, "transport_close", it.edge);
	line->state = LINE_GONE;
	assert(TAILQ_EMPTY(&it.calls));
	pass_time();
	it.protocol->done(line);
	line_parser_done(&line->parser);
	line_outbox_done(&line->outbox);
	free(line);
	answer_commands();
	line_edge_free(edge);
	hub_free(it.hub);
	free(it.next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *script = xstrndup((const char *)data, size);
	char *rest = script, *record;
	struct line_edge *edge;
	bool ends = size > 0 && data[0] == 'L';

	log_init("fuzz_line_edge", LOG_ERROR, false);
	edge = begin();
	while ((record = strsep(&rest, "\n")) != NULL)
		do_record(record, ends);
	end(edge);
	free(script);
	return 0;
}
