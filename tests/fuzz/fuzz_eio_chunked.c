/* A chunked body: however it is cut, it means the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "eio_chunked.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* step bytes at a time, each in memory of its own. */
static enum eio_chunked_status read_all(const uint8_t *data, size_t size,
					size_t step, struct buf *out)
{
	struct eio_chunked chunked = {0};
	enum eio_chunked_status status = EIO_CHUNKED_MORE;

	for (size_t at = 0; at < size && status == EIO_CHUNKED_MORE;
	     at += step) {
		size_t len = size - at < step ? size - at : step, piece_len;
		char *part = xmalloc(len);
		const char *left = part, *piece;

		memcpy(part, data + at, len);
		while (len > 0 && status == EIO_CHUNKED_MORE) {
			status = eio_chunked_read(&chunked, &left, &len, &piece,
						  &piece_len);
			buf_add(out, piece, piece_len);
		}
		free(part);
	}
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, bytes;

	buf_init(&whole, size);
	buf_init(&bytes, size);
	if (size > 0 &&
	    (read_all(data, size, size, &whole) !=
		     read_all(data, size, 1, &bytes) ||
	     whole.len != bytes.len || whole.overflow ||
	     (whole.len > 0 && memcmp(whole.data, bytes.data, whole.len) != 0)))
		abort();
	buf_done(&whole);
	buf_done(&bytes);
	return 0;
}
