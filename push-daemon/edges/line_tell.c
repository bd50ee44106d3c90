#include "line_person.h"

#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "mem.h"

#define OURS "* "

static void line_tell_lines(struct line_person *person, struct buf *lines)
{
	line_write(&person->line, lines->data, lines->len);
	buf_done(lines);
}

static void add_ours(struct buf *out, const struct line_person *person,
		     const char *text)
{
	const struct line_reader reader = line_person_reader(person);

	line_text_add(out, &reader, OURS, text);
}

void line_tell(struct line_person *person, const char *text)
{
	struct buf lines;

	buf_init(&lines, SIZE_MAX / 2);
	add_ours(&lines, person, text);
	line_tell_lines(person, &lines);
}

/* Another name than they asked for is said once. */
static char *hello_words(const struct line_person *person, const char *name)
{
	bool ends = person->line.outbox.ends;

	if (!person->numbered && strcmp(name, person->asked) != 0)
		return xasprintf("The name %s is taken: you are %s.",
				 person->asked, name);
	/* Who reads once after each send waits for something to read. */
	if (!person->edge->config.banner && !ends)
		return xasprintf("You are %s.", name);
	return NULL;
}

void line_tell_hello(struct line_person *person, const char *name,
		     const char *more)
{
	char *words = hello_words(person, name);
	struct buf lines;

	buf_init(&lines, SIZE_MAX / 2);
	line_banner_add(person, &lines);
	if (words != NULL)
		add_ours(&lines, person, words);
	if (more != NULL)
		add_ours(&lines, person, more);
	line_tell_lines(person, &lines);
	line_answer(&person->line);
	free(words);
}

void line_tell_goodbye(struct line_person *person)
{
	static const char goodbye[] = "Au revoir !\n";

	line_write(&person->line, goodbye, sizeof(goodbye) - 1);
}

void line_tell_message(struct line_person *person,
		       const struct json_object *body)
{
	const struct line_reader reader = line_person_reader(person);
	const char *conversation = "";
	struct buf lines;
	int64_t seq = 0;
	bool fetches;

	json_get_string(body, "conversationId", &conversation);
	if (!line_listens(&person->line) || line_missed_holds(person, body) ||
	    !line_lobby_hears(person, body))
		return;
	fetches = !line_person_wrote(person, body) &&
		  line_fetch_begin(person, body);
	buf_init(&lines, SIZE_MAX / 2);
	/* Its line does not say whose it is. */
	line_text_message(&lines, &reader, body,
			  !fetches ||
				  strcmp(conversation, person->support) != 0);
	json_get_int(body, "seq", &seq);
	line_write(&person->line, lines.data, lines.len);
	if (lines.len > 0 && !fetches)
		line_receipts_add(person, conversation, seq);
	buf_done(&lines);
}

/* With their own. */
static void add_any(struct buf *out, const struct line_reader *reader,
		    const struct json_object *message)
{
	const struct line_reader nobody = {"", reader->support, reader->ends};
	const char *sender = "";

	json_get_string(message, "sender", &sender);
	if (strcmp(sender, reader->id) == 0)
		line_text_own(out, reader, message);
	else
		line_text_message(out, &nobody, message, true);
}

/* From the first line on that fits with all behind it, or in the last where
 * that is longer. */
static size_t first_that_fits(const struct line_person *person,
			      const struct buf *lines)
{
	size_t least;

	if (person->line.outbox.ends || lines->len <= LINE_READ)
		return 0;
	least = lines->len - LINE_READ;
	for (size_t from = least; from < lines->len; from++) {
		if (lines->data[from - 1] == '\n')
			return from;
	}
	while (((unsigned char)lines->data[least] & 0xc0) == 0x80)
		least++;
	return least;
}

void line_tell_messages(struct line_person *person,
			const struct json_object *items, const char *more)
{
	const struct line_reader reader = line_person_reader(person);
	size_t count = json_length(items), from;
	const char *conversation = "";
	struct buf lines;
	int64_t seq = 0;

	buf_init(&lines, SIZE_MAX / 2);
	for (size_t i = 0; i < count; i++) {
		json_get_int(json_at(items, i), "seq", &seq);
		json_get_string(json_at(items, i), "conversationId",
				&conversation);
		if (person->catches_up)
			line_text_message(&lines, &reader, json_at(items, i),
					  true);
		else
			add_any(&lines, &reader, json_at(items, i));
	}
	if (more != NULL)
		add_ours(&lines, person, more);
	from = first_that_fits(person, &lines);
	if (lines.len > 0)
		line_write_file(&person->line, lines.data + from,
				lines.len - from);
	if (count > 0)
		line_receipts_add(person, conversation, seq);
	buf_done(&lines);
}

/* What is said to all is of the server, as it always was. */
void line_tell_notice(struct line_person *person,
		      const struct json_object *body)
{
	const struct line_reader reader = line_person_reader(person);
	const char *text = "";
	struct buf lines;

	json_get_string(body, "message", &text);
	buf_init(&lines, SIZE_MAX / 2);
	line_text_support(&lines, &reader, text);
	line_tell_lines(person, &lines);
}
