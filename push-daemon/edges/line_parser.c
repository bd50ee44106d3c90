#include "line_parser.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

#define MARK_LEN (sizeof(LINE_FILE_MARK) - 1)

void line_parser_init(struct line_parser *parser)
{
	*parser = (struct line_parser){.partial = NULL};
}

static void line_forget(struct line_parser *parser)
{
	free(parser->partial);
	parser->partial = NULL;
	parser->len = 0;
	parser->cap = 0;
}

void line_parser_done(struct line_parser *parser)
{
	line_forget(parser);
}

/* How long the line may become that starts so. */
static size_t line_max(const struct line_parser *parser)
{
	size_t len = parser->len < MARK_LEN ? parser->len : MARK_LEN;

	return len == MARK_LEN &&
			       memcmp(parser->partial, LINE_FILE_MARK, len) == 0
		       ? LINE_FILE_MAX
		       : LINE_TEXT_MAX;
}

static bool line_is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Hands on what has come of a line; leaves none. */
static void line_end(struct line_parser *parser, line_each *each, void *context)
{
	char *start = parser->partial;
	size_t len = parser->len;

	bool first = !parser->started;

	parser->started = true;
	if (parser->dropping) {
		parser->dropping = false;
		line_forget(parser);
		return;
	}
	while (len > 0 && line_is_blank(start[len - 1]))
		len--;
	while (len > 0 && line_is_blank(*start)) {
		start++;
		len--;
	}
	if (len > 0 || first) {
		char *text = len > 0 ? text_repair(start, len) : xstrdup("");

		line_forget(parser);
		each(LINE_TEXT, text, strlen(text), context);
		free(text);
	}
	line_forget(parser);
}

static void line_too_long(struct line_parser *parser, line_each *each,
			  void *context)
{
	char nothing[] = "";

	line_forget(parser);
	parser->dropping = true;
	each(LINE_TOO_LONG, nothing, 0, context);
}

static void line_keep(struct line_parser *parser, const char *bytes, size_t len)
{
	if (parser->len + len > parser->cap) {
		size_t cap = parser->cap * 2;

		if (cap < parser->len + len)
			cap = parser->len + len;
		parser->partial = xrealloc(parser->partial, cap);
		parser->cap = cap;
	}
	memcpy(parser->partial + parser->len, bytes, len);
	parser->len += len;
}

/* The bytes of one line, as far as they have come. */
static void line_add(struct line_parser *parser, const char *bytes, size_t len,
		     line_each *each, void *context)
{
	size_t mark = parser->len < MARK_LEN ? MARK_LEN - parser->len : 0;

	if (parser->dropping)
		return;
	/* First what tells the two kinds apart. */
	if (mark > len)
		mark = len;
	if (mark > 0)
		line_keep(parser, bytes, mark);
	if (parser->len + len - mark > line_max(parser))
		line_too_long(parser, each, context);
	else if (len > mark)
		line_keep(parser, bytes + mark, len - mark);
}

void line_parser_feed(struct line_parser *parser, const void *bytes, size_t len,
		      line_each *each, void *context)
{
	const char *at = bytes;
	const char *end = at + len;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *until = lf != NULL ? lf : end;

		line_add(parser, at, (size_t)(until - at), each, context);
		if (lf == NULL)
			break;
		if (!parser->started)
			parser->ends = true;
		line_end(parser, each, context);
		at = lf + 1;
	}
}

void line_parser_finish(struct line_parser *parser, line_each *each,
			void *context)
{
	if (parser->len > 0 || parser->dropping)
		line_end(parser, each, context);
}

void line_parser_silence(struct line_parser *parser, line_each *each,
			 void *context)
{
	if (line_parser_waits(parser))
		line_end(parser, each, context);
}
