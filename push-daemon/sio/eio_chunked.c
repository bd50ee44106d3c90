#include "eio_chunked.h"

#include <stdbool.h>

#define EXTRA_MAX 4096
#define DIGITS_MAX 8 /* of a size: more than any body may have */

enum state {
	SIZE,	    /* its digits */
	EXTENSION,  /* up to the line's end */
	SIZE_END,   /* LF behind the CR */
	CONTENT,    /* left bytes */
	CONTENT_CR, /* behind them */
	CONTENT_LF,
	TRAILER,    /* the first byte of a line */
	TRAILER_IN, /* ... and the others */
	TRAILER_LF, /* LF of such a line */
	LAST_LF,    /* of the empty line */
	BROKEN,
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum state take_size(struct eio_chunked *chunked, char c)
{
	int digit = hex(c);

	if (digit >= 0 && chunked->digits < DIGITS_MAX) {
		chunked->left = chunked->left * 16 + (uint64_t)digit;
		chunked->digits++;
		return SIZE;
	}
	if (chunked->digits == 0)
		return BROKEN;
	return c == '\r'			   ? SIZE_END
	       : c == ';' || c == ' ' || c == '\t' ? EXTENSION
						   : BROKEN;
}

static enum state begin_chunk(struct eio_chunked *chunked)
{
	chunked->digits = 0;
	return chunked->left > 0 ? CONTENT : TRAILER;
}

/* Where one byte that is no content leads. */
static enum state take_byte(struct eio_chunked *chunked, char c)
{
	switch ((enum state)chunked->state) {
	case SIZE:
		return take_size(chunked, c);
	case EXTENSION:
		return c == '\r' ? SIZE_END : c == '\n' ? BROKEN : EXTENSION;
	case SIZE_END:
		return c == '\n' ? begin_chunk(chunked) : BROKEN;
	case CONTENT_CR:
		return c == '\r' ? CONTENT_LF : BROKEN;
	case CONTENT_LF:
		return c == '\n' ? SIZE : BROKEN;
	case TRAILER:
		return c == '\r' ? LAST_LF : c == '\n' ? BROKEN : TRAILER_IN;
	case TRAILER_IN:
		return c == '\r' ? TRAILER_LF : c == '\n' ? BROKEN : TRAILER_IN;
	case TRAILER_LF:
		return c == '\n' ? TRAILER : BROKEN;
	default:
		return BROKEN;
	}
}

static void take_content(struct eio_chunked *chunked, const char **data,
			 size_t *len, const char **piece, size_t *piece_len)
{
	size_t some = *len < chunked->left ? *len : (size_t)chunked->left;

	*piece = *data;
	*piece_len = some;
	*data += some;
	*len -= some;
	chunked->left -= some;
	if (chunked->left == 0)
		chunked->state = CONTENT_CR;
}

enum eio_chunked_status eio_chunked_read(struct eio_chunked *chunked,
					 const char **data, size_t *len,
					 const char **piece, size_t *piece_len)
{
	*piece_len = 0;
	while (*len > 0) {
		if (chunked->state == CONTENT) {
			take_content(chunked, data, len, piece, piece_len);
			return EIO_CHUNKED_MORE;
		}
		char c = *(*data)++;

		--*len;
		if (chunked->state == LAST_LF && c == '\n')
			return EIO_CHUNKED_END;
		chunked->state = (uint8_t)take_byte(chunked, c);
		if (chunked->state == EXTENSION || chunked->state == TRAILER_IN)
			chunked->extra++;
		if (chunked->extra > EXTRA_MAX)
			chunked->state = BROKEN;
		if (chunked->state == BROKEN)
			return EIO_CHUNKED_MALFORMED;
	}
	return EIO_CHUNKED_MORE;
}
