#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "palabre_limits.h"
#include "sync_request.h"

#define ONE "0190000000000000000000a1"
#define TWO "0190000000000000000000b2"

static struct json_object *parse(const char *text)
{
	struct json_object *body = NULL;

	assert_int_equal(json_parse(text, strlen(text),
				    JSON_OURS(LIMIT_JSON_DEPTH), &body),
			 JSON_OK);
	return body;
}

static void conversations_are_found_by_their_id(void **state)
{
	(void)state;
	struct json_object *body =
		parse("{\"epoch\":\"e\",\"conversations\":{"
		      "\"" TWO "\":{\"seq\":2,\"change\":3},"
		      "\"" ONE "\":{\"seq\":1,\"change\":0}}}");
	struct sync_request request;

	assert_null(sync_request_read(&request, body));
	assert_string_equal(request.epoch, "e");
	assert_int_equal(request.count, 2);
	assert_int_equal(sync_request_find(&request, ONE)->at.seq, 1);
	assert_int_equal(sync_request_find(&request, TWO)->at.change, 3);
	assert_null(sync_request_find(&request, "0190000000000000000000c3"));
	sync_request_done(&request);
	json_free(body);
}

static void nothing_known_is_a_good_request(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{}", "{\"conversations\":{}}",
					     "{\"epoch\":null}"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct json_object *body = parse(bodies[i]);
		struct sync_request request;

		assert_null(sync_request_read(&request, body));
		assert_int_equal(request.count, 0);
		assert_null(request.epoch);
		assert_null(sync_request_find(&request, ONE));
		sync_request_done(&request);
		json_free(body);
	}
}

/* That many conversations; NULL, or the field that is wrong. */
static const char *read_many(size_t count)
{
	struct sync_request request;
	struct buf text;

	buf_init(&text, LIMIT_BODY_SYNC);
	buf_adds(&text, "{\"conversations\":{");
	for (size_t i = 0; i < count; i++)
		buf_addf(&text, "%s\"%024zx\":{\"seq\":1,\"change\":0}",
			 i > 0 ? "," : "", i);
	buf_adds(&text, "}}");

	struct json_object *body = parse(text.data);
	const char *wrong = sync_request_read(&request, body);

	sync_request_done(&request);
	json_free(body);
	buf_done(&text);
	return wrong;
}

static void as_many_may_be_named_as_a_list_has(void **state)
{
	(void)state;
	assert_null(read_many(LIMIT_CONVERSATIONS));
	assert_string_equal(read_many(LIMIT_CONVERSATIONS + 1),
			    "conversations");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversations_are_found_by_their_id),
		cmocka_unit_test(nothing_known_is_a_good_request),
		cmocka_unit_test(as_many_may_be_named_as_a_list_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
