/* What is left of a picture is the same picture, and nothing can be taken from
 * it once more. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void collect(const void *bytes, size_t len, void *context)
{
	buf_add(context, bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_info before, after;
	struct buf once, twice;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	if (image_read(data, size, &before)) {
		assert(image_strip(data, size, collect, &once));
		assert(once.len <= size + 64);
		assert(image_read((uint8_t *)once.data, once.len, &after));
		assert(memcmp(&before, &after, sizeof(before)) == 0);
		assert(image_strip((uint8_t *)once.data, once.len, collect,
				   &twice));
		assert(once.len == twice.len &&
		       memcmp(once.data, twice.data, once.len) == 0);
	}
	buf_done(&once);
	buf_done(&twice);
	return 0;
}
