/*
 * line_parser - from the bytes of an old TCP client to its lines.
 *
 *     client that ends lines        "Ann\nhello\r\n\nbye\n"  -> Ann, hello, bye
 *     client that does not          "Ann" silence "hello" silence -> Ann, hello
 *
 * Which of both it is, its first line shows, for good: to one that has sent an
 * LF before anything was taken for a line, a pause means nothing. Lines are
 * trimmed, empty ones left out but for the first, which says something by being
 * empty, and what is no UTF-8 is replaced by U+FFFD.
 *
 * Pure: no descriptor and no clock; whoever reads the socket says when it has
 * been silent.
 */
#ifndef LINE_PARSER_H
#define LINE_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_TEXT_MAX (32 * 1024) /* bytes of a line that people typed */
#define LINE_FILE_MAX                                                          \
	(2 * 1024 * 1024 / 3 * 4 + 4096) /* of one with a file                 \
					  */
#define LINE_FILE_MARK "__FILE__|"
#define LINE_SILENCE_MS 100

enum line_kind {
	LINE_TEXT,     /* one line, valid UTF-8, with a NUL behind it */
	LINE_TOO_LONG, /* said once, as soon as it is; the rest is dropped */
};

struct line_parser {
	char *partial; /* NULL while there is none, as most of the time */
	size_t len, cap;
	bool started;  /* a line was taken */
	bool ends;     /* the client ends its lines */
	bool dropping; /* until the next LF */
};

void line_parser_init(struct line_parser *parser);
void line_parser_done(struct line_parser *parser);

/* text is borrowed for the call, which must not free the parser. */
typedef void line_each(enum line_kind kind, char *text, size_t len,
		       void *context);

void line_parser_feed(struct line_parser *parser, const void *bytes, size_t len,
		      line_each *each, void *context);

/* Is a silence of LINE_SILENCE_MS worth telling? */
static inline bool line_parser_waits(const struct line_parser *parser)
{
	return !parser->ends && (parser->len > 0 || parser->dropping);
}

/* It was silent. */
void line_parser_silence(struct line_parser *parser, line_each *each,
			 void *context);
/* Nothing more will come: what has no end is a line, too. */
void line_parser_finish(struct line_parser *parser, line_each *each,
			void *context);

#endif
