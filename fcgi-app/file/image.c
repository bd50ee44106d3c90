#include "image.h"

#include <string.h>

#include "image_format.h"

#define SIDE_MAX INT32_MAX /* PNG's own, the largest of the four */

static const struct image_format *const formats[] = {
	[IMAGE_NONE] = NULL,	    [IMAGE_JPEG] = &image_jpeg,
	[IMAGE_PNG] = &image_png,   [IMAGE_GIF] = &image_gif,
	[IMAGE_WEBP] = &image_webp,
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

void image_out(struct image_out *out, const void *bytes, size_t len)
{
	out->len += len;
	if (out->emit != NULL && len > 0)
		out->emit(bytes, len, out->context);
}

enum image_type image_type(const uint8_t *data, size_t len)
{
	for (size_t type = 1; type < FORMATS; type++) {
		if (formats[type]->is(data, len))
			return (enum image_type)type;
	}
	return IMAGE_NONE;
}

const char *image_mime(enum image_type type)
{
	return formats[type] != NULL ? formats[type]->mime
				     : "application/octet-stream";
}

static bool image_walk(const uint8_t *data, size_t len, struct image_info *info,
		       struct image_out *out)
{
	return formats[info->type]->walk(data, len, info, out) &&
	       info->width > 0 && info->height > 0 && info->width <= SIDE_MAX &&
	       info->height <= SIDE_MAX;
}

/* As its container has it: not turned yet. */
static bool image_look(const uint8_t *data, size_t len, struct image_info *info)
{
	struct image_out nowhere = {NULL, NULL, 0};

	*info = (struct image_info){
		.type = image_type(data, len),
		.orientation = 1,
	};
	return info->type != IMAGE_NONE &&
	       image_walk(data, len, info, &nowhere);
}

bool image_read(const uint8_t *data, size_t len, struct image_info *info)
{
	if (!image_look(data, len, info)) {
		*info = (struct image_info){.type = IMAGE_NONE};
		return false;
	}
	if (info->orientation >= 5) { /* turned by a quarter */
		uint32_t width = info->width;

		info->width = info->height;
		info->height = width;
	}
	return true;
}

bool image_strip(const uint8_t *data, size_t len, image_emit *emit,
		 void *context)
{
	struct image_out out = {emit, context, 0};
	struct image_info info;

	return image_look(data, len, &info) &&
	       image_walk(data, len, &info, &out);
}
