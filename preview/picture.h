/*
 * picture - a small copy of a picture; the only file that knows GdkPixbuf
 * (https://docs.gtk.org/gdk-pixbuf/).
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>

#define PICTURE_SIDE 512 /* pixels, of the copy's longer side */
#define PICTURE_PIXELS_MAX (64 * 1000 * 1000) /* of the picture */

struct picture_size {
	int width, height; /* of the copy, in pixels */
};

/* Loads the decoders, so that picture_shrink() opens no file. */
void picture_prepare(void);

/*
 * Reads a JPEG, PNG, GIF (its first frame) or WebP from in and writes its copy
 * to out: a JPEG, or a PNG where something shines through. It is turned as the
 * picture says, and never larger than the picture. False: it cannot be drawn.
 */
bool picture_shrink(int in, int out, struct picture_size *size);

#endif
