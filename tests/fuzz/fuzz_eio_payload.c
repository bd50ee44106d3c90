/* The body of a POST; what was read can be joined and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "eio_packet.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_all(char *body, size_t len, struct buf *joined)
{
	struct eio_payload payload;
	struct eio_packet packet;
	size_t count = 0;

	eio_payload_init(&payload, body, len);
	while (eio_payload_next(&payload, &packet) == EIO_PAYLOAD_PACKET) {
		eio_payload_add(joined, &packet);
		count++;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once, twice;
	char *body = xmalloc(size > 0 ? size : 1);

	buf_init(&once, SIZE_MAX / 2);
	buf_init(&twice, SIZE_MAX / 2);
	memcpy(body, data, size);
	size_t count = read_all(body, size, &once);

	if (count > 0) {
		char *copy = xmalloc(once.len);

		memcpy(copy, once.data, once.len);
		if (read_all(copy, once.len, &twice) != count ||
		    twice.len != once.len ||
		    memcmp(once.data, twice.data, once.len) != 0)
			abort();
		free(copy);
	}
	buf_done(&once);
	buf_done(&twice);
	free(body);
	return 0;
}
