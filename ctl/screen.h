/*
 * screen - where a person types and reads: a terminal with line editing and
 * history (GNU Readline, the only file that knows it), or pipes without.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

/* line is borrowed; NULL: the input has ended. */
typedef void screen_typed(const char *line, void *context);
/* A line of a pipe has 64 KiB or more: it is left out. */
typedef void screen_too_long(void *context);

/* One per process. terminal: both standard input and output are one. */
void screen_start(bool terminal, screen_typed *typed, screen_too_long *too_long,
		  void *context);
void screen_stop(void);

/* What stands before what is typed: "> " until another one is given. */
void screen_prompt(const char *prompt);

/* Something can be read from standard input. */
void screen_input(void);

/* Shows a line of its own, above the one that is being typed. */
void screen_show(const char *text);

/* A line that is not shown while it is typed; the caller wipes and frees it.
 * NULL: there is none. Only before screen_start(). */
char *screen_ask_secret(const char *prompt);

#endif
