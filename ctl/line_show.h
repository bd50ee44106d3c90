/*
 * line_show - what a line of the server looks like to a person. Pure.
 *
 * The lines __SERVER_NAME__:, __SERVER_STATUS__: and __SERVER_AVATAR__: say who
 * is at the other end, __FILE__|name|mime|size|base64 carries a file; all else
 * is text. Whatever could steer a terminal is taken out.
 */
#ifndef LINE_SHOW_H
#define LINE_SHOW_H

#include <stdbool.h>

struct line_show {
	bool colours;
	char *name, *status, *avatar; /* of the server; NULL: not said yet */
};

/* A file that came along; all point into the line. */
struct line_file {
	const char *name, *base64;
};

/* Who is at the other end: before another connection, and at the end. */
void line_show_forget(struct line_show *show);

/*
 * The text to show, for the caller to free; NULL: nothing. Cuts the line up.
 * file->name is NULL when there is none.
 */
char *line_show(struct line_show *show, char *line, struct line_file *file);

#endif
