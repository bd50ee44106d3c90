/*
 * transcript - what was said in a test, in order, and patterns that look for
 * it by the path of a value: the order of members does not matter.
 *
 *     pattern = [kind *(" " path ["=" value])]
 *
 * kind is the entry's; before it `?` or `!` ask for a droppable one, or for
 * one that is not. A path goes through members and indexes of the entry's
 * value: `error.code`, `online.0`; `online.length` counts, "" is the value
 * itself. Without "=" it only has to be there. A value is a text as it is, or
 * JSON; with blanks in it stands between single quotes.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct transcript {
	struct json_object *entries; /* NULL: none */
};

/* Takes value, which may be NULL. who: any number. */
void transcript_add(struct transcript *transcript, long who, const char *kind,
		    bool droppable, struct json_object *value);
size_t transcript_length(const struct transcript *transcript);
void transcript_clear(struct transcript *transcript);

/* How many entries of who, from that one on, are as pattern says. */
int transcript_count(const struct transcript *transcript, long who, size_t from,
		     const char *pattern);
/* The last of who's is. */
bool transcript_ends(const struct transcript *transcript, long who, size_t from,
		     const char *pattern);
/* To say what there is where something else was expected. */
void transcript_print(const struct transcript *transcript, long who,
		      size_t from);

#endif
