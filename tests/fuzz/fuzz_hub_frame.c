/* What workers say: an answer to whatever is asked of them, a line feed, then
 * the frames of notify.sock. Two people are there to hear of it, one of them by
 * that answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fuzz_hub.h"

#define ANSWERS_MAX 20 /* with `more` in it there is no end */
#define OUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const char *text; /* the answer */
	size_t len;
	int answers;
} worker;

static void call(const struct api_command *command, const char *key, void *user)
{
	bool can = ++worker.answers < ANSWERS_MAX;

	(void)key;
	(void)user;
	fuzz_hub_answer(command, worker.text, can ? worker.len : 0, "{}");
}

static void come(struct hub *hub, struct fuzz_client *person,
		 const char *answer, size_t len)
{
	static const struct hub_event renew = {"renew", "{}", 2, 1};

	worker.text = answer;
	worker.len = len;
	fuzz_hub_come(hub, person);
	if (!person->refused)
		hub_client_event(hub, &person->client, &renew);
}

static void go(struct hub *hub, struct fuzz_client *person)
{
	if (!person->refused)
		hub_client_gone(hub, &person->client, "transport_close");
}

static void take(struct hub *hub, struct hub_worker *speaker,
		 const struct notify_frame *frame)
{
	struct buf out;

	buf_init(&out, OUT_MAX);
	if (frame->kind == NOTIFY_PRESENCE)
		hub_worker_question(hub, frame, &out);
	else if (frame->kind == NOTIFY_HELLO)
		hub_worker_hello(hub, speaker, frame);
	else
		hub_worker_frame(hub, speaker, frame);
	buf_done(&out);
	fuzz_hub_now_ms += 60;
	hub_tick(hub);
}

static void feed(struct hub *hub, const uint8_t *data, size_t size)
{
	struct notify_decoder *frames = notify_decoder_new();
	struct hub_worker speaker = {.source = HUB_NOTIFY};
	struct notify_frame frame;
	enum notify_status status = NOTIFY_NEED_MORE;

	while (status != NOTIFY_MALFORMED && size > 0) {
		size_t taken = size < 13 ? size : 13;

		notify_decoder_feed(frames, data, taken);
		data += taken;
		size -= taken;
		while ((status = notify_decoder_next(frames, &frame)) ==
		       NOTIFY_FRAME)
			take(hub, &speaker, &frame);
	}
	hub_worker_lost(hub, speaker.position);
	notify_decoder_free(frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
	struct fuzz_client ann = {.refused = false}, bob = {.refused = false};

	if (line == NULL)
		return 0;

	size_t len = (size_t)(line - data);

	worker.answers = 0;

	struct hub *hub = fuzz_hub_new(call);

	come(hub, &ann, fuzz_hub_session, strlen(fuzz_hub_session));
	come(hub, &bob, (const char *)data, len);
	hub_worker_lost(hub, "");
	feed(hub, line + 1, size - len - 1);
	go(hub, &bob);
	hub_tick(hub);
	go(hub, &ann);
	hub_flush_last_seen(hub);
	hub_free(hub);
	return 0;
}
