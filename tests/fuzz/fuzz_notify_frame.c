/* Frames from a stream that arrives a few bytes at a time. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "notify_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notify_decoder *dec = notify_decoder_new();
	enum notify_status status = NOTIFY_NEED_MORE;
	struct notify_frame frame;
	struct notify_parts parts;

	while (size > 0 && status != NOTIFY_MALFORMED) {
		size_t taken = size < 7 ? size : 7;

		notify_decoder_feed(dec, data, taken);
		data += taken;
		size -= taken;
		while ((status = notify_decoder_next(dec, &frame)) ==
		       NOTIFY_FRAME)
			notify_frame_split(&frame, &parts);
	}
	notify_decoder_free(dec);
	return 0;
}
