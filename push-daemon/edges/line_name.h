/*
 * line_name - what an old TCP client calls itself, as a name that a guest may
 * have. Pure.
 *
 *     "Ann"           Ann
 *     "Ann  de Vil"   Ann_de_Vil, shown as "Ann de Vil"
 *     "a@b"           a_b, shown as "a@b"
 *     ""              none
 */
#ifndef LINE_NAME_H
#define LINE_NAME_H

#include <stdbool.h>

struct line_name {
	char *username;	    /* "": there is none in it */
	char *display_name; /* as it was given; "": as the username */
};

/* text: a line, good UTF-8. */
void line_name_read(const char *text, struct line_name *out);
void line_name_done(struct line_name *name);

/* Sent without an LF: a message has white space in it, or is long. */
bool line_name_is_message(const char *text);

#endif
