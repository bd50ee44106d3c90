/*
 * line_link - a connection of the line protocol (docs/lines.md): lines out,
 * lines in, each ended by LF.
 */
#ifndef LINE_LINK_H
#define LINE_LINK_H

#include <stdbool.h>

#include "buf.h"

struct line_link {
	int fd; /* -1: not connected */
	struct buf in, out;
};

void line_link_init(struct line_link *link);
void line_link_close(struct line_link *link); /* and forgets what waits */

/* Waits until it is there or refused. NULL, or why not: a static text. */
const char *line_link_open(struct line_link *link, const char *host,
			   const char *port);

void line_link_send(struct line_link *link, const char *line);
/* Writes what it can. False: the connection is lost. */
bool line_link_flush(struct line_link *link);
/* Reads what there is. False: it has ended, after what was read. */
bool line_link_read(struct line_link *link);
/* The next whole line, for the caller to free; NULL: none yet. */
char *line_link_next(struct line_link *link);

#endif
