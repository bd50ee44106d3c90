/*
 * file_line - files as lines (docs/lines.md, L33, L34): one that is sent, and
 * one that came. What became of them is shown on the screen.
 */
#ifndef FILE_LINE_H
#define FILE_LINE_H

#include "line_link.h"
#include "line_show.h"

/* Keeps it in dir, under its name or another one: nothing is overwritten. */
void file_line_keep(const char *dir, const struct line_file *file);

/* The path in `/file PATH`, which points into the line. NULL: it is no such
 * line, or has a number, and is for the server, which brings that file. */
const char *file_line_path(const char *line);
void file_line_send(struct line_link *link, const char *path);

#endif
