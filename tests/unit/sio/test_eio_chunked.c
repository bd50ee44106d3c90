#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "eio_chunked.h"
#include "mem.h"

static struct buf body;

/* The whole text, `step` bytes at a time; body becomes the content. */
static enum eio_chunked_status read_all(const char *text, size_t step)
{
	struct eio_chunked chunked = {0};
	enum eio_chunked_status status = EIO_CHUNKED_MORE;
	size_t all = strlen(text);

	buf_done(&body);
	buf_init(&body, 100000);
	for (size_t at = 0; at < all && status == EIO_CHUNKED_MORE;
	     at += step) {
		const char *data = text + at, *piece;
		size_t len = all - at < step ? all - at : step, piece_len;

		while (len > 0 && status == EIO_CHUNKED_MORE) {
			status = eio_chunked_read(&chunked, &data, &len, &piece,
						  &piece_len);
			buf_add(&body, piece, piece_len);
		}
	}
	return status;
}

static void content_is_what_is_in_the_chunks_however_they_arrive(void **state)
{
	static const struct {
		const char *text, *content;
	} bodies[] = {
		{"0\r\n\r\n", ""},
		{"5\r\nhello\r\n0\r\n\r\n", "hello"},
		{"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
		{"00A;name=\"v\"\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
		{"b \r\nhello world\r\n0\r\nTrailer: x\r\nY: z\r\n\r\n",
		 "hello world"},
		{"4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		for (size_t step = 1; step < 40; step++) {
			assert_int_equal(read_all(bodies[i].text, step),
					 EIO_CHUNKED_END);
			assert_int_equal(body.len, strlen(bodies[i].content));
			if (body.len > 0)
				assert_memory_equal(
					body.data, bodies[i].content, body.len);
		}
	}
	buf_done(&body);
}

static void what_breaks_the_grammar_is_malformed(void **state)
{
	static const char *const texts[] = {
		"\r\n",	      "x\r\n",		 "-1\r\n",
		"5\nhello",   "5\r\nhello0\r\n", "5\r\nhello\n0\r\n",
		"5;a\nhello", "123456789\r\n",	 "0\r\nTrailer: x\n\r\n",
		"0\r\n\n",    "0\r\n\rx",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		for (size_t step = 1; step < 16; step++)
			assert_int_equal(read_all(texts[i], step),
					 EIO_CHUNKED_MALFORMED);
	}
	buf_done(&body);
}

static void a_body_without_its_end_wants_more(void **state)
{
	(void)state;
	assert_int_equal(read_all("5\r\nhel", 3), EIO_CHUNKED_MORE);
	assert_int_equal(body.len, 3);
	assert_int_equal(read_all("5\r\nhello\r\n0\r\n", 30), EIO_CHUNKED_MORE);
	buf_done(&body);
}

static void extensions_and_trailers_have_an_end(void **state)
{
	char text[8192] = "0\r\n";

	(void)state;
	memset(text + 3, 'x', sizeof(text) - 4);
	assert_int_equal(read_all(text, 100), EIO_CHUNKED_MALFORMED);
	text[0] = '5';
	text[1] = ';';
	memset(text + 2, 'x', sizeof(text) - 3);
	assert_int_equal(read_all(text, 100), EIO_CHUNKED_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			content_is_what_is_in_the_chunks_however_they_arrive),
		cmocka_unit_test(what_breaks_the_grammar_is_malformed),
		cmocka_unit_test(a_body_without_its_end_wants_more),
		cmocka_unit_test(extensions_and_trailers_have_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
