/* What is left of a picture, whole or damaged, is the same picture with an end,
 * and nothing can be taken from it once more. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "image.h"
#include "image_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void collect(const void *bytes, size_t len, void *context)
{
	buf_add(context, bytes, len);
}

/* WebP has none: its head says how much there is. */
static void assert_end(enum image_type type, const struct buf *out)
{
	static const struct {
		const char *bytes;
		size_t len;
	} ends[] = {
		[IMAGE_JPEG] = {"\xff\xd9", 2},
		[IMAGE_PNG] = {"\0\0\0\0IEND\xae\x42\x60\x82", 12},
		[IMAGE_GIF] = {"\x3b", 1},
		[IMAGE_WEBP] = {"", 0},
	};
	size_t len = ends[type].len;

	assert(ends[type].bytes != NULL && out->len > len &&
	       memcmp(out->data + out->len - len, ends[type].bytes, len) == 0);
	if (type == IMAGE_WEBP)
		assert(image_le32((uint8_t *)out->data + 4) == out->len - 8);
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
		assert_end(before.type, &once);
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
