#include "picture.h"

#include <errno.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>
#include <unistd.h>

#define HEAD_LEN 12 /* tells the formats apart */

static const struct picture_kind {
	const char *name; /* GdkPixbuf's */
	const char *magic;
	size_t at, len;
} picture_kinds[] = {
	{"jpeg", "\xff\xd8\xff", 0, 3},
	{"png", "\x89PNG", 0, 4},
	{"gif", "GIF8", 0, 4},
	{"webp", "WEBP", 8, 4},
};
#define PICTURE_KINDS (sizeof(picture_kinds) / sizeof(picture_kinds[0]))

static void picture_loader_end(GdkPixbufLoader *loader)
{
	if (loader == NULL)
		return;
	gdk_pixbuf_loader_close(loader, NULL);
	g_object_unref(loader);
}

void picture_prepare(void)
{
	for (size_t i = 0; i < PICTURE_KINDS; i++)
		picture_loader_end(gdk_pixbuf_loader_new_with_type(
			picture_kinds[i].name, NULL));
}

/* A picture is scaled while it is read, so that a large one needs little. */
static void picture_sized(GdkPixbufLoader *loader, gint width, gint height,
			  gpointer refused)
{
	gint longer = width > height ? width : height;

	if (width < 1 || height < 1 ||
	    (gint64)width * height > PICTURE_PIXELS_MAX)
		*(bool *)refused = true;
	else if (longer > PICTURE_SIDE)
		gdk_pixbuf_loader_set_size(
			loader,
			MAX((gint)((gint64)width * PICTURE_SIDE / longer), 1),
			MAX((gint)((gint64)height * PICTURE_SIDE / longer), 1));
}

static ssize_t picture_read(int in, void *bytes, size_t len)
{
	ssize_t got;

	do {
		got = read(in, bytes, len);
	} while (got < 0 && errno == EINTR);
	return got;
}

static GdkPixbufLoader *picture_loader(const guchar *head, size_t len)
{
	for (size_t i = 0; i < PICTURE_KINDS; i++) {
		const struct picture_kind *kind = &picture_kinds[i];

		if (len >= kind->at + kind->len &&
		    memcmp(head + kind->at, kind->magic, kind->len) == 0)
			return gdk_pixbuf_loader_new_with_type(kind->name,
							       NULL);
	}
	return NULL;
}

static GdkPixbuf *picture_decode(int in)
{
	guchar bytes[65536];
	bool refused = false;
	ssize_t len = picture_read(in, bytes, sizeof(bytes));
	GdkPixbufLoader *loader =
		len < HEAD_LEN ? NULL : picture_loader(bytes, (size_t)len);
	GdkPixbuf *pixbuf = NULL;

	if (loader == NULL)
		return NULL;
	g_signal_connect(loader, "size-prepared", G_CALLBACK(picture_sized),
			 &refused);
	while (len > 0 && !refused &&
	       gdk_pixbuf_loader_write(loader, bytes, (gsize)len, NULL))
		len = picture_read(in, bytes, sizeof(bytes));
	if (len == 0 && !refused && gdk_pixbuf_loader_close(loader, NULL)) {
		pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
		if (pixbuf != NULL)
			pixbuf = gdk_pixbuf_apply_embedded_orientation(pixbuf);
		g_object_unref(loader);
		return pixbuf;
	}
	picture_loader_end(loader);
	return NULL;
}

static gboolean picture_write(const gchar *bytes, gsize len, GError **error,
			      gpointer context)
{
	(void)error;
	while (len > 0) {
		ssize_t wrote = write(*(int *)context, bytes, len);

		if (wrote < 0 && errno != EINTR)
			return FALSE;
		if (wrote > 0) {
			bytes += wrote;
			len -= (gsize)wrote;
		}
	}
	return TRUE;
}

/* Whether something shines through: many a PNG could, and does not. */
static bool picture_is_opaque(const GdkPixbuf *pixbuf)
{
	if (!gdk_pixbuf_get_has_alpha(pixbuf))
		return true;

	const guchar *pixels = gdk_pixbuf_read_pixels(pixbuf);
	int width = gdk_pixbuf_get_width(pixbuf);
	int height = gdk_pixbuf_get_height(pixbuf);
	int stride = gdk_pixbuf_get_rowstride(pixbuf);

	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			if (pixels[y * stride + x * 4 + 3] != 0xff)
				return false;
		}
	}
	return true;
}

static bool picture_save(GdkPixbuf *pixbuf, int out)
{
	if (picture_is_opaque(pixbuf))
		return gdk_pixbuf_save_to_callback(pixbuf, picture_write, &out,
						   "jpeg", NULL, "quality",
						   "80", NULL);
	return gdk_pixbuf_save_to_callback(pixbuf, picture_write, &out, "png",
					   NULL, "compression", "9", NULL);
}

bool picture_shrink(int in, int out, struct picture_size *size)
{
	GdkPixbuf *pixbuf = picture_decode(in);
	bool good;

	if (pixbuf == NULL)
		return false;
	size->width = gdk_pixbuf_get_width(pixbuf);
	size->height = gdk_pixbuf_get_height(pixbuf);
	good = picture_save(pixbuf, out);
	g_object_unref(pixbuf);
	return good;
}
