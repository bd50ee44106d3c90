#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"

#define FILES_SHOWN 10
#define LOOKED_AT 100 /* messages; as many as a page has */
#define TURN_MS 100   /* until another one may be on its way */

static const char *where(const struct line_person *person)
{
	return line_lobby_has(person) ? ID_LOBBY : person->support;
}

static void files_finish(struct line_person *person, const char *words)
{
	line_tell(person, words);
	line_ask_finish(person);
}

/* ---- which there are ---- */

/* "12: plan.pdf, 12 KiB": the number is that of its message. */
static char *row_of(const struct json_object *message)
{
	struct json_object *attachment;
	int64_t seq = 0;
	char *words, *row;

	if (json_get_object(message, "attachment", &attachment) != JSON_FOUND)
		return NULL;
	json_get_int(message, "seq", &seq);
	words = line_text_file(attachment);
	row = xasprintf("%lld: %s\n", (long long)seq, words);
	free(words);
	return row;
}

/* The newest ones that one answer has room for, the newest first. */
static void add_rows(struct buf *out, const struct json_object *items)
{
	size_t shown = 0;

	for (size_t i = json_length(items); i > 0 && shown < FILES_SHOWN; i--) {
		char *row = row_of(json_at(items, i - 1));

		if (row != NULL && out->len + strlen(row) < LINE_READ / 2) {
			buf_adds(out, row);
			shown++;
		}
		free(row);
	}
}

static void found_files(struct line_person *person, int status,
			const struct json_object *body)
{
	struct json_object *items = NULL;
	struct buf rows;

	if (status != 200 && status != 404) {
		files_finish(person, line_rest_words(body));
		return;
	}
	json_get_array(body, "items", &items);
	buf_init(&rows, LINE_READ);
	add_rows(&rows, items);
	if (rows.len == 0)
		buf_adds(&rows, "There are no files here.");
	else
		buf_adds(&rows, "/file NUMBER brings one of them.");
	files_finish(person, rows.data);
	buf_done(&rows);
}

/* ---- one of them ---- */

/* Why it does not come, or NULL. */
static const char *why_not(const struct line_person *person,
			   const struct json_object *attachment)
{
	int64_t size = 0;

	json_get_int(attachment, "size", &size);
	if (!person->line.outbox.ends)
		return "this client takes no files";
	if (size > LINE_FILE_BYTES)
		return "more than a line takes";
	return NULL;
}

static void say_why(struct line_person *person,
		    const struct json_object *attachment, const char *why)
{
	char *name = line_text_file(attachment);
	char *words =
		xasprintf("%s: %s. The page of this server has it.", name, why);

	files_finish(person, words);
	free(words);
	free(name);
}

static void found_file(struct line_person *person, int status,
		       const struct json_object *body)
{
	struct json_object *items = NULL, *attachment = NULL;
	const struct json_object *message;
	const char *why;
	int64_t seq = 0;

	json_get_array(body, "items", &items);
	message = json_at(items, 0);
	json_get_int(message, "seq", &seq);
	json_get_object(message, "attachment", &attachment);
	why = why_not(person, attachment);
	if (status != 200 && status != 404)
		files_finish(person, line_rest_words(body));
	else if (attachment == NULL || seq != atoll(person->text))
		files_finish(person, "There is no file of that number: /file "
				     "shows which there are.");
	else if (why != NULL)
		say_why(person, attachment, why);
	else if (line_fetch_waits(person))
		line_ask_wait(person, TURN_MS);
	else if (line_fetch_begin(person, message))
		line_ask_finish(person);
	else
		files_finish(person, "That file cannot be had.");
}

/* ---- /file ---- */

static void ask_for(struct line_person *person, const char *range,
		    line_rest_done *done)
{
	char *target = xasprintf("/api/messages/conversation?"
				 "conversationId=%s%s",
				 where(person), range);

	line_rest(person, "GET", target, NULL, done);
	free(target);
}

static void ask_for_one(struct line_person *person, const char *number)
{
	long long seq = atoll(number);
	char *range = xasprintf("&after=%lld&limit=1", seq - 1);

	free(person->text);
	person->text = xstrdup(number);
	ask_for(person, range, found_file);
	free(range);
}

static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits >= 1 && digits <= 15 && text[digits] == '\0' &&
	       atoll(text) > 0;
}

void line_files_run(struct line_person *person, const char *arguments)
{
	if (*arguments == '\0') {
		char *range = xasprintf("&limit=%d", LOOKED_AT);

		ask_for(person, range, found_files);
		free(range);
	} else if (!is_number(arguments)) {
		files_finish(person, "Say which, by its number: /file 12");
	} else if (line_fetch_waits(person)) {
		line_ask_wait(person, TURN_MS);
	} else {
		ask_for_one(person, arguments);
	}
}
