/* The first byte is a kind, the rest the body of a frame of a worker: its
 * head, and the events of its payload. */
#include <stdint.h>

#include "delivery.h"
#include "frame_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notify_frame frame;
	struct notify_parts parts;
	struct frame_head head;

	if (size < 1)
		return 0;
	frame = (struct notify_frame){
		.kind = NOTIFY_HELLO + data[0] % NOTIFY_RESULT,
		.body = data + 1,
		.body_len = size - 1,
	};
	notify_frame_split(&frame, &parts);
	if (frame_head_read(&head, frame.kind, parts.head, parts.head_len) &&
	    (frame.kind == NOTIFY_EVENT || frame.kind == NOTIFY_JOIN ||
	     frame.kind == NOTIFY_REVOKE))
		delivery_free(delivery_new(frame.kind, &head, parts.payload,
					   parts.payload_len, 1));
	frame_head_done(&head);
	return 0;
}
