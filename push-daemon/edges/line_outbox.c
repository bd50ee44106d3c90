#include "line_outbox.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void line_outbox_init(struct line_outbox *outbox, size_t max)
{
	*outbox = (struct line_outbox){.max = max};
}

void line_outbox_done(struct line_outbox *outbox)
{
	free(outbox->data);
	outbox->data = NULL;
	outbox->len = 0;
	outbox->at = 0;
	outbox->cap = 0;
	outbox->begun = 0;
	outbox->file = 0;
}

static void line_outbox_make_room(struct line_outbox *outbox, size_t len)
{
	if (outbox->at > 0) {
		outbox->len -= outbox->at;
		memmove(outbox->data, outbox->data + outbox->at, outbox->len);
		outbox->at = 0;
	}
	if (outbox->len + len <= outbox->cap)
		return;
	outbox->cap = 2 * outbox->cap > outbox->len + len ? 2 * outbox->cap
							  : outbox->len + len;
	outbox->data = xrealloc(outbox->data, outbox->cap);
}

static void append(struct line_outbox *outbox, const char *lines, size_t len)
{
	if (len == 0)
		return;
	line_outbox_make_room(outbox, len);
	memcpy(outbox->data + outbox->len, lines, len);
	outbox->len += len;
	outbox->added += len;
}

bool line_outbox_add(struct line_outbox *outbox, const char *lines, size_t len)
{
	if (line_outbox_waiting(outbox) + len > outbox->max + outbox->file)
		return false;
	append(outbox, lines, len);
	return true;
}

bool line_outbox_add_file(struct line_outbox *outbox, const char *lines,
			  size_t len)
{
	if (line_outbox_waiting(outbox) > outbox->max)
		return false;
	append(outbox, lines, len);
	outbox->file = line_outbox_waiting(outbox);
	return true;
}

/* Not in the middle of a character. */
static size_t cut_between_characters(const char *text, size_t len)
{
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static size_t one_read(const char *text, size_t len, bool ends)
{
	const char *lf;

	if (len <= LINE_READ)
		return len;
	lf = memrchr(text, '\n', LINE_READ);
	if (lf != NULL)
		return (size_t)(lf - text) + 1;
	if (!ends)
		return cut_between_characters(text, LINE_READ);
	lf = memchr(text, '\n', len);
	return lf != NULL ? (size_t)(lf - text) + 1 : len;
}

size_t line_outbox_ready(const struct line_outbox *outbox, int64_t now_ms,
			 const char **data)
{
	size_t waiting = line_outbox_waiting(outbox);

	if (waiting == 0)
		return 0;
	*data = outbox->data + outbox->at;
	if (outbox->hurries)
		return waiting;
	if (outbox->begun > 0)
		return outbox->begun;
	if (outbox->ends ? now_ms < outbox->next_ms : !outbox->awaits)
		return 0;
	return one_read(*data, waiting, outbox->ends);
}

void line_outbox_wrote(struct line_outbox *outbox, size_t len, int64_t now_ms)
{
	const char *data;
	size_t ready = line_outbox_ready(outbox, now_ms, &data);

	outbox->at += len;
	outbox->written += len;
	outbox->begun = ready - len;
	outbox->awaits = outbox->awaits && outbox->begun > 0;
	outbox->next_ms = now_ms + LINE_PAUSE_MS;
	if (outbox->at == outbox->len)
		line_outbox_done(outbox);
}
