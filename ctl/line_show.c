#include "line_show.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "text.h"

#define SHOWN_MAX (64 * 1024)
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

void line_show_forget(struct line_show *show)
{
	free(show->name);
	free(show->status);
	free(show->avatar);
	show->name = show->status = show->avatar = NULL;
}

static void add_harmless(struct buf *out, const char *text)
{
	char *harmless = text_harmless(text);

	buf_adds(out, harmless);
	free(harmless);
}

static void add_styled(const struct line_show *show, struct buf *out,
		       const char *style, const char *text)
{
	if (show->colours)
		buf_adds(out, style);
	add_harmless(out, text);
	if (show->colours)
		buf_adds(out, PLAIN);
}

/* "Serveur (Disponible)", once all of it is known and when it changes. */
static char *show_server(const struct line_show *show, struct buf *out)
{
	if (show->name == NULL || show->status == NULL || show->avatar == NULL)
		return NULL;
	add_harmless(out, show->avatar);
	buf_adds(out, " ");
	add_styled(show, out, BOLD, show->name);
	if (show->status[0] != '\0') {
		buf_adds(out, " (");
		add_harmless(out, show->status);
		buf_adds(out, ")");
	}
	return buf_take(out);
}

static bool read_file(char *fields, struct line_file *file, char **mime)
{
	char *at[3];

	for (int i = 2; i >= 0; i--) {
		at[i] = strrchr(fields, '|');
		if (at[i] == NULL)
			return false;
		*at[i]++ = '\0';
	}
	file->name = fields;
	*mime = at[0];
	file->base64 = at[2];
	return true;
}

static char *show_file(const struct line_show *show, const char *mime,
		       const struct line_file *file, struct buf *out)
{
	buf_adds(out, "[");
	add_styled(show, out, BOLD, file->name);
	buf_adds(out, ", ");
	add_harmless(out, mime);
	buf_addf(out, ", %zu bytes]", strlen(file->base64) / 4 * 3);
	return buf_take(out);
}

/* "Ann: hello", as others' texts come: the name stands out. */
static char *show_text(const struct line_show *show, const char *text,
		       struct buf *out)
{
	const char *colon = strstr(text, ": ");

	if (colon != NULL && (size_t)(colon - text) <= 32 &&
	    memchr(text, ' ', (size_t)(colon - text)) == NULL) {
		char *name = xstrndup(text, (size_t)(colon - text));

		add_styled(show, out, BOLD, name);
		free(name);
		text = colon;
	}
	add_harmless(out, text);
	return buf_take(out);
}

char *line_show(struct line_show *show, char *line, struct line_file *file)
{
	const struct {
		const char *prefix;
		char **value;
	} banner[] = {
		{"__SERVER_NAME__:", &show->name},
		{"__SERVER_STATUS__:", &show->status},
		{"__SERVER_AVATAR__:", &show->avatar},
	};
	struct buf out;
	char *mime, *rest = line + strcspn(line, "\r");

	*rest = '\0';
	*file = (struct line_file){NULL, NULL};
	buf_init(&out, SHOWN_MAX);
	for (size_t i = 0; i < COUNT_OF(banner); i++) {
		size_t len = strlen(banner[i].prefix);

		if (strncmp(line, banner[i].prefix, len) == 0) {
			free(*banner[i].value);
			*banner[i].value = xstrdup(line + len);
			return show_server(show, &out);
		}
	}
	if (strncmp(line, "__FILE__|", 9) == 0 &&
	    read_file(line + 9, file, &mime))
		return show_file(show, mime, file, &out);
	if (*line == '\0')
		return NULL; /* sent to see whether we are there */
	return show_text(show, line, &out);
}
