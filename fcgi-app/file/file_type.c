#include "file_type.h"

#include <magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "text.h"

#define UNKNOWN "application/octet-stream"
#define LOOKED_AT 65536 /* bytes; what is behind tells kinds no more apart */
#define NAME_MAX_BYTES 255

/* Its tables are 8 MB, shared by all processes that map them; they are loaded
 * when the first file comes, and kept. */
static magic_t file_type_magic(void)
{
	static magic_t magic;

	if (magic != NULL)
		return magic;
	magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS |
			   MAGIC_NO_CHECK_ELF);
	if (magic != NULL && magic_load(magic, NULL) != 0) {
		magic_close(magic);
		magic = NULL;
	}
	return magic;
}

static bool file_type_is_good(const char *type, size_t out_size)
{
	size_t len = strlen(type);
	size_t good = strspn(type, "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789!#$&^_.+-/");

	return len > 2 && len < out_size && good == len &&
	       strchr(type, '/') != NULL;
}

void file_type_of(const void *bytes, size_t len, char *out, size_t out_size)
{
	magic_t magic = file_type_magic();
	const char *type =
		magic == NULL ? NULL
			      : magic_buffer(magic, bytes,
					     len < LOOKED_AT ? len : LOOKED_AT);

	if (type == NULL || !file_type_is_good(type, out_size))
		type = UNKNOWN;
	snprintf(out, out_size, "%s", type);
}

/* Of the first, opening one shows it; the others are sent as what they are. */
static const char *const sent_types[] = {
	"image/jpeg",	   "image/png",	  "image/gif",	"image/webp",
	"audio/ogg",	   "audio/mpeg",  "audio/mp4",	"audio/x-m4a",
	"audio/webm",	   "audio/x-wav", "audio/flac", "audio/aac",
	"video/webm",	   "video/mp4",	  "video/ogg",	"video/quicktime",
	"application/ogg",
};
#define SHOWN_TYPES 4

static size_t file_type_find(const char *mime)
{
	size_t i = 0;

	while (i < COUNT_OF(sent_types) && strcmp(sent_types[i], mime) != 0)
		i++;
	return i;
}

bool file_type_is_shown(const char *mime)
{
	return file_type_find(mime) < SHOWN_TYPES;
}

bool file_type_is_played(const char *mime)
{
	return strncmp(mime, "audio/", 6) == 0 ||
	       strncmp(mime, "video/", 6) == 0 ||
	       strcmp(mime, "application/ogg") == 0;
}

const char *file_type_sent(const char *mime)
{
	size_t found = file_type_find(mime);

	return found < COUNT_OF(sent_types) ? sent_types[found] : UNKNOWN;
}

static const char *last_component(const char *name)
{
	const char *last = name;

	for (; *name != '\0'; name++) {
		if (*name == '/' || *name == '\\')
			last = name + 1;
	}
	return last;
}

/* Bytes of the character that valid UTF-8 starts with. */
static size_t character_len(const char *text)
{
	size_t len = 1;

	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

char *file_type_name(const char *name)
{
	struct buf kept;
	size_t len;

	if (!text_valid(name, strlen(name)))
		return NULL;
	buf_init(&kept, NAME_MAX_BYTES);
	for (name = last_component(name); *name != '\0'; name += len) {
		char character[5] = "";

		len = character_len(name);
		memcpy(character, name, len);
		if (kept.len + len > NAME_MAX_BYTES)
			break;
		if (!text_has_control(character))
			buf_add(&kept, character, len);
	}

	char *whole = buf_take(&kept);
	char *trimmed = text_trim(whole);

	free(whole);
	if (strcmp(trimmed, "") != 0 && strcmp(trimmed, ".") != 0 &&
	    strcmp(trimmed, "..") != 0)
		return trimmed;
	free(trimmed);
	return xstrdup("file");
}
