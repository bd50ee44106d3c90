#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "mem.h"

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

void buf_done(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

char *buf_more(struct buf *buf, size_t len)
{
	if (buf->overflow || len > buf->max - buf->len) {
		buf->overflow = true;
		return NULL;
	}
	size_t need = buf->len + len + 1;

	if (need > buf->cap) {
		size_t cap = buf->cap > 0 ? buf->cap : 128;

		while (cap < need)
			cap *= 2;
		/* buf_room() looks at cap alone. */
		if (cap - 1 > buf->max)
			cap = buf->max + 1;
		buf->data = xrealloc(buf->data, cap);
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	char *room = buf_room(buf, len);

	if (room == NULL)
		return;
	if (len > 0)
		memcpy(room, data, len);
	buf_grew(buf, len);
}

void buf_cut(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_int(struct buf *buf, int64_t number)
{
	char digits[DECIMAL_MAX];

	buf_add(buf, digits, (size_t)(decimal_put(digits, number) - digits));
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);

	char *room = buf_room(buf, (size_t)len);

	if (room == NULL)
		return;
	va_start(args, format);
	vsnprintf(room, (size_t)len + 1, format, args);
	va_end(args);
	buf_grew(buf, (size_t)len);
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data != NULL ? buf->data : xstrdup("");

	buf_init(buf, buf->max);
	return data;
}
