#include "line_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "palabre_limits.h"
#include "text.h"

/* One character of text, taken off it. */
static void take_character(const char **text, char out[5])
{
	size_t len = 1;

	while (((unsigned char)(*text)[len] & 0xc0) == 0x80 && len < 4)
		len++;
	memcpy(out, *text, len);
	out[len] = '\0';
	*text += len;
}

static bool is_no_letter(const char *character)
{
	return strcmp(character, "@") == 0 || text_has_space(character) ||
	       text_has_control(character);
}

static char *username_of(const char *text)
{
	struct buf name;
	char character[5];
	size_t count = 0;
	bool gap = false;

	buf_init(&name, SIZE_MAX / 2);
	buf_adds(&name, "");
	while (*text != '\0' && count < LIMIT_USERNAME) {
		take_character(&text, character);
		if (is_no_letter(character)) {
			gap = count > 0;
			continue;
		}
		if (gap && ++count < LIMIT_USERNAME)
			buf_adds(&name, "_");
		gap = false;
		if (count < LIMIT_USERNAME)
			buf_adds(&name, character);
		count++;
	}
	return buf_take(&name);
}

static char *display_name_of(const char *text)
{
	struct buf name;
	char character[5];
	char *trimmed;
	size_t count = 0;

	buf_init(&name, SIZE_MAX / 2);
	buf_adds(&name, "");
	while (*text != '\0' && count < LIMIT_DISPLAY_NAME) {
		take_character(&text, character);
		if (text_has_control(character))
			continue;
		buf_adds(&name, character);
		count++;
	}
	trimmed = text_trim(name.data);
	buf_done(&name);
	return trimmed;
}

void line_name_read(const char *text, struct line_name *out)
{
	out->username = username_of(text);
	out->display_name = display_name_of(text);
	if (strcmp(out->username, out->display_name) == 0 ||
	    out->username[0] == '\0')
		out->display_name[0] = '\0';
}

void line_name_done(struct line_name *name)
{
	free(name->username);
	free(name->display_name);
	*name = (struct line_name){NULL, NULL};
}

bool line_name_is_message(const char *text)
{
	return text_has_space(text) || text_length(text) > LIMIT_USERNAME;
}
