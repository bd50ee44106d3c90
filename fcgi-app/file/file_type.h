/*
 * file_type - what kind of file bytes are, whatever their name says; the only
 * file that knows libmagic. What browsers may do with it is decided here, too.
 */
#ifndef FILE_TYPE_H
#define FILE_TYPE_H

#include <stdbool.h>
#include <stddef.h>

/* A media type (RFC 9110, 8.3.1), "application/octet-stream" where nothing is
 * known. Always ends with NUL. */
void file_type_of(const void *bytes, size_t len, char *out, size_t out_size);

/* The four types of pictures that are shown where they are opened. All else is
 * saved (Content-Disposition: attachment). */
bool file_type_is_shown(const char *mime);

/* Sound or film, by any name: it has a duration. */
bool file_type_is_played(const char *mime);

/*
 * The type to send it with: its own for pictures, sound and video that browsers
 * play; never one that is run, such as HTML or SVG. A literal.
 */
const char *file_type_sent(const char *mime);

/*
 * A file's name as it may be kept: the last component of a path, without
 * control characters and what turns text around, at most 255 bytes, cut
 * between characters, never empty. The caller frees it. NULL: not UTF-8.
 */
char *file_type_name(const char *name);

#endif
