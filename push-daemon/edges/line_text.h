/*
 * line_text - what old TCP clients are shown, as lines. Pure.
 *
 * A client shows what it gets to its terminal or page as it is, takes some
 * words for commands of the server, and every line for a message of its own.
 * So nothing that another wrote gets there raw: control characters are
 * replaced, every line of theirs begins with their name, and one of support
 * that looks like a command of ours begins with a blank.
 */
#ifndef LINE_TEXT_H
#define LINE_TEXT_H

#include <stdbool.h>

struct buf;
struct json_object;

/* To whom it is shown. */
struct line_reader {
	const char *id, *support; /* theirs: user, conversation */
	bool ends;		  /* their client ends its lines */
};

/* Appends a message (of message:new) as lines; nothing for one of their own,
 * or one that shows nothing. files: a file is named. */
void line_text_message(struct buf *out, const struct line_reader *reader,
		       const struct json_object *message, bool files);

/* One of their own, each line of it behind `> `, with its file. */
void line_text_own(struct buf *out, const struct line_reader *reader,
		   const struct json_object *message);

/* What the server says: text as lines, nothing before them. */
void line_text_support(struct buf *out, const struct line_reader *reader,
		       const char *text);

/* Each line of text, prefix before it, cut where a read would. */
void line_text_add(struct buf *out, const struct line_reader *reader,
		   const char *prefix, const char *text);

/* "plan.pdf, 12 KiB", of a message's attachment. The caller frees it. */
char *line_text_file(const struct json_object *attachment);

/* `name` as a word on a line: no control characters, no LF. The caller frees
 * it. */
char *line_text_clean(const char *text);

#endif
