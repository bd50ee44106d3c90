#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"

#define FACE "\xf0\x9f\x99\x82" /* where its avatar is a picture, or none */
#define EMOJI_MOST 64		/* bytes, of several in one */
/* Of who reads once after each send the whole hello is one read. */
#define BANNER_READ (LINE_READ / 2)

enum { NAME, STATUS, AVATAR, BANNER_LINES };

static const struct {
	const char *mark, *key;
} rows[BANNER_LINES] = {
	[NAME] = {"__SERVER_NAME__:", "displayName"},
	[STATUS] = {"__SERVER_STATUS__:", "statusText"},
	[AVATAR] = {"__SERVER_AVATAR__:", "avatar"},
};

/* What the server shows of itself; most have been told the same one. */
struct line_banner {
	unsigned refs;
	char *lines[BANNER_LINES];
};

static struct line_banner *banner_ref(struct line_banner *banner)
{
	banner->refs++;
	return banner;
}

void line_banner_unref(struct line_banner *banner)
{
	if (banner == NULL || --banner->refs > 0)
		return;
	for (size_t i = 0; i < BANNER_LINES; i++)
		free(banner->lines[i]);
	free(banner);
}

/* Old clients know no pictures. */
static bool is_emoji(const char *avatar)
{
	return (unsigned char)avatar[0] >= 0x80 && strlen(avatar) <= EMOJI_MOST;
}

static struct line_banner *banner_new(const struct json_object *server)
{
	struct line_banner *banner = xcalloc(1, sizeof(*banner));

	banner->refs = 1;
	for (size_t i = 0; i < BANNER_LINES; i++) {
		const char *text = "";
		char *clean;

		json_get_string(server, rows[i].key, &text);
		clean = line_text_clean(i == AVATAR && !is_emoji(text) ? FACE
								       : text);
		banner->lines[i] = xasprintf("%s%s\n", rows[i].mark, clean);
		free(clean);
	}
	return banner;
}

static bool banner_is_same(const struct line_banner *one,
			   const struct line_banner *other)
{
	bool same = one != NULL;

	for (size_t i = 0; same && i < BANNER_LINES; i++)
		same = strcmp(one->lines[i], other->lines[i]) == 0;
	return same;
}

/* The edge's, which this is: a new one where that was another. */
static struct line_banner *banner_of(struct line_edge *edge,
				     const struct json_object *server)
{
	struct line_banner *banner = banner_new(server);

	if (banner_is_same(edge->banner, banner)) {
		line_banner_unref(banner);
		return edge->banner;
	}
	line_banner_unref(edge->banner);
	edge->banner = banner;
	return banner;
}

/* Who reads once after each send would read these as an answer. */
static bool is_told(const struct line_person *person)
{
	return person->edge->config.banner && person->line.outbox.ends &&
	       person->id[0] != '\0';
}

static void tell_changes(struct line_person *person,
			 const struct line_banner *told,
			 const struct line_banner *now)
{
	for (size_t i = 0; i < BANNER_LINES; i++) {
		const char *line = now->lines[i];

		if (told == NULL || strcmp(told->lines[i], line) != 0)
			line_write(&person->line, line, strlen(line));
	}
}

void line_banner_take(struct line_person *person,
		      const struct json_object *server)
{
	struct line_banner *told = person->banner;

	person->banner = banner_ref(banner_of(person->edge, server));
	if (is_told(person))
		tell_changes(person, told, person->banner);
	line_banner_unref(told);
}

/* A line, cut between characters where it is longer than that. */
static void add_cut(struct buf *out, const char *line, size_t most)
{
	size_t len = strlen(line) - 1;

	if (len > most)
		len = most;
	while (((unsigned char)line[len] & 0xc0) == 0x80)
		len--;
	buf_add(out, line, len);
	buf_adds(out, "\n");
}

void line_banner_add(const struct line_person *person, struct buf *out)
{
	const struct line_banner *banner = person->banner;
	size_t most = person->line.outbox.ends ? LINE_READ - 1
					       : BANNER_READ / BANNER_LINES;

	if (!person->edge->config.banner || banner == NULL)
		return;
	for (size_t i = 0; i < BANNER_LINES; i++)
		add_cut(out, banner->lines[i], most);
}
