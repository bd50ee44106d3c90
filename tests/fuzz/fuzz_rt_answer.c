/* A worker's answer to an rt call, in small pieces, as far as the queue of
 * commands that wait for its results. */
#include <stdint.h>

#include "api_queue.h"
#include "buf.h"
#include "rt_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reply(const struct api_result *result, void *user)
{
	(void)result;
	(void)user;
}

static void take(struct api_queue *queue, const struct notify_frame *frame)
{
	struct notify_parts parts;

	notify_frame_split(frame, &parts);
	if (frame->kind == NOTIFY_RESULT)
		api_queue_answer(queue, parts.head, parts.head_len,
				 parts.payload, parts.payload_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct api_command command = {
		.head = "{}", .head_len = 2, .reply = reply};
	struct api_queue *queue = api_queue_new(8, 10000);
	struct rt_answer *answer = rt_answer_new();
	struct notify_frame frame;
	struct buf body;

	buf_init(&body, API_BATCH_BYTES);
	for (int i = 0; i < 8; i++)
		api_queue_push(queue, &command);
	api_queue_batch(queue, &body, 0);
	while (size > 0) {
		size_t taken = size < 13 ? size : 13;
		enum notify_status status;

		rt_answer_feed(answer, data, taken);
		data += taken;
		size -= taken;
		while ((status = rt_answer_next(answer, &frame)) ==
		       NOTIFY_FRAME)
			take(queue, &frame);
		if (status == NOTIFY_MALFORMED)
			break;
	}
	rt_answer_free(answer);
	api_queue_free(queue);
	buf_done(&body);
	return 0;
}
