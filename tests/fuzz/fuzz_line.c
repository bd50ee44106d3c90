/* The bytes of a line client: whatever pieces they come in, the lines are the
 * same, valid, and each is read without harm. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "line_parser.h"
#include "line_words.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(enum line_kind kind, char *text, size_t len, void *context)
{
	struct line_word word;

	assert(strlen(text) == len && text_valid(text, len));
	buf_addf(context, "%d %s\n", kind, text);
	line_word_read(text, true, &word);
	if (word.kind == LINE_WORD_FILE)
		assert(strlen(word.name) + strlen(word.mime) +
			       strlen(word.base64) <
		       len);
}

/* Cut into pieces of so many bytes; the last is ended as by FIN. */
static void hear_all(const uint8_t *data, size_t size, size_t piece,
		     struct buf *heard)
{
	struct line_parser parser;

	line_parser_init(&parser);
	for (size_t at = 0; at < size; at += piece)
		line_parser_feed(&parser, data + at,
				 size - at < piece ? size - at : piece, hear,
				 heard);
	line_parser_silence(&parser, hear, heard);
	line_parser_done(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, cut;

	buf_init(&whole, SIZE_MAX);
	buf_init(&cut, SIZE_MAX);
	hear_all(data, size, size > 0 ? size : 1, &whole);
	hear_all(data, size, 3, &cut);
	assert(whole.len == cut.len);
	assert(whole.len == 0 || memcmp(whole.data, cut.data, cut.len) == 0);
	buf_done(&whole);
	buf_done(&cut);
	return 0;
}
