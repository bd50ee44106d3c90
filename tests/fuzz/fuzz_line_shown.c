/* What another wrote, as an old client gets it: whatever it is, each line is
 * good UTF-8, steers nothing and is nobody else's, and no write is cut within
 * a character or has more than its reader takes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "line_name.h"
#include "line_outbox.h"
#include "line_text.h"
#include "mem.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SUPPORT "cccccccccccccccccccccccc"
#define OTHER "dddddddddddddddddddddddd"

static void show(struct buf *lines, const struct line_reader *reader,
		 const char *conversation, const char *text)
{
	struct json_object *message = json_new_object();

	json_put_string(message, "sender", "bbbbbbbbbbbbbbbbbbbbbbbb");
	json_put_string(message, "senderName", "bob");
	json_put_string(message, "conversationId", conversation);
	json_put_string(message, "content", text);
	buf_init(lines, SIZE_MAX / 2);
	buf_adds(lines, "");
	line_text_message(lines, reader, message, true);
	json_free(message);
}

static void judge_line(const struct line_reader *reader, const char *line,
		       bool named)
{
	size_t len = strlen(line);
	bool ascii = true;

	assert(text_valid(line, len));
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)line[i];

		assert((byte >= 0x20 && byte != 0x7f) || byte == '\t');
		ascii = ascii && byte < 0x80;
	}
	assert(ascii || !reader->ends || len < LINE_READ);
	assert(strncmp(line, "__SERVER_", 9) != 0);
	assert(strncmp(line, "__FILE__|", 9) != 0);
	assert(!named || strncmp(line, "bob: ", 5) == 0 ||
	       strncmp(line, "[ENCRYPTED]", 11) == 0);
}

static void judge_writes(const struct line_reader *reader,
			 const struct buf *lines)
{
	struct line_outbox outbox;
	int64_t now_ms = 0;

	line_outbox_init(&outbox, lines->len);
	outbox.ends = reader->ends;
	assert(line_outbox_add(&outbox, lines->data, lines->len));
	while (line_outbox_waiting(&outbox) > 0) {
		const char *at;
		size_t len;

		outbox.awaits = true;
		now_ms += LINE_PAUSE_MS;
		len = line_outbox_ready(&outbox, now_ms, &at);
		assert(len > 0 && text_valid(at, len));
		assert(len <= LINE_READ || reader->ends);
		line_outbox_wrote(&outbox, len, now_ms);
	}
	assert(outbox.written == lines->len);
	line_outbox_done(&outbox);
}

static void judge(const char *text, bool ends, bool named)
{
	const struct line_reader reader = {"aaaaaaaaaaaaaaaaaaaaaaaa", SUPPORT,
					   ends};
	struct buf lines;
	char *copy, *rest, *line;

	show(&lines, &reader, named ? OTHER : SUPPORT, text);
	copy = xstrdup(lines.data);
	rest = copy;
	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL)
		judge_line(&reader, line, named);
	assert(line == NULL || *line == '\0');
	judge_writes(&reader, &lines);
	free(copy);
	buf_done(&lines);
}

static void judge_name(const char *text)
{
	struct line_name name;

	line_name_read(text, &name);
	assert(text_valid(name.username, strlen(name.username)));
	assert(text_length(name.username) <= 32);
	assert(!text_has_space(name.username));
	assert(!text_has_control(name.username));
	assert(text_length(name.display_name) <= 64);
	line_name_done(&name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text =
		size > 0 ? text_repair((const char *)data, size) : xstrdup("");

	for (int i = 0; i < 4; i++)
		judge(text, i % 2 == 0, i < 2);
	judge_name(text);
	free(text);
	return 0;
}
