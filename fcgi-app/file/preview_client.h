/*
 * preview_client - asks palabre-preview for the small copy of a picture
 * (handover.h says what passes between them).
 */
#ifndef PREVIEW_CLIENT_H
#define PREVIEW_CLIENT_H

#include <stdbool.h>

#include "file_place.h"

/*
 * The copy is put beside the picture of these bytes in dir; true also when it
 * is there already. False: there is none, because nobody makes them, they were
 * busy for 4 s, or it is no picture that can be drawn. Never fails otherwise.
 */
bool preview_make(const char *socket_path, const char *dir,
		  const char hash[FILE_HASH_SIZE]);

/* The media type of a copy, as its first bytes say it; a literal. */
const char *preview_mime(const char *dir, const char hash[FILE_HASH_SIZE]);

#endif
