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

static const char *read(struct sync_request *request, const char *text)
{
	assert_int_equal(json_would_parse(text, strlen(text),
					  JSON_OURS(LIMIT_JSON_DEPTH)),
			 JSON_OK);
	return sync_request_read(request, text);
}

static void conversations_are_found_by_their_id(void **state)
{
	(void)state;
	struct sync_request request;

	assert_null(read(&request, "{\"epoch\":\"e\",\"conversations\":{"
				   "\"" TWO "\":{\"seq\":2,\"change\":3},"
				   "\"" ONE "\":{\"seq\":1,\"change\":0}}}"));
	assert_string_equal(request.epoch, "e");
	assert_int_equal(request.count, 2);
	assert_int_equal(sync_request_find(&request, ONE)->at.seq, 1);
	assert_int_equal(sync_request_find(&request, TWO)->at.change, 3);
	assert_null(sync_request_find(&request, "0190000000000000000000c3"));
	sync_request_done(&request);
}

static void nothing_known_is_a_good_request(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{}", "{\"conversations\":{}}",
					     "{\"epoch\":null}"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct sync_request request;

		assert_null(read(&request, bodies[i]));
		assert_int_equal(request.count, 0);
		assert_null(request.epoch);
		assert_null(sync_request_find(&request, ONE));
		sync_request_done(&request);
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

	const char *wrong = read(&request, text.data);

	sync_request_done(&request);
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

static void of_what_is_said_twice_the_last_counts(void **state)
{
	struct sync_request request;

	(void)state;
	assert_null(read(&request,
			 "{\"own\":1,\"conversations\":{\"no\":1},\"own\":2,"
			 " \"\\u0063onversations\" : {"
			 "\"" TWO "\":{\"seq\":1,\"change\":1},"
			 "\"" ONE "\":{\"seq\":7,\"change\":1,\"seq\":8},"
			 "\"" TWO "\": { \"x\" : [{}] , \"change\" : 6.0 ,"
			 " \"seq\" : 5 } , "
			 "\"\\u0030190000000000000000000a1\":{\"seq\":9,"
			 "\"change\":9}}}"));
	assert_int_equal(request.own, 2);
	assert_int_equal(request.count, 2);
	assert_int_equal(sync_request_find(&request, ONE)->at.seq, 9);
	assert_int_equal(sync_request_find(&request, TWO)->at.seq, 5);
	assert_int_equal(sync_request_find(&request, TWO)->at.change, 6);
	sync_request_done(&request);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *body, *wrong;
	} cases[] = {
		{"{\"epoch\":1}", "epoch"},
		{"{\"epoch\":\"\\u0000\"}", "epoch"},
		{"{\"epoch\":{},\"own\":-1}", "epoch"},
		{"{\"own\":-1}", "own"},
		{"{\"own\":1.5}", "own"},
		{"{\"own\":\"1\"}", "own"},
		{"{\"own\":99999999999999999999}", "own"},
		{"{\"conversations\":[]}", "conversations"},
		{"{\"conversations\":{\"\":{}}}", "conversations"},
		{"{\"conversations\":{\"" ONE "\":null}}", "conversations"},
		{"{\"conversations\":{\"" ONE "\":{\"seq\":1}}}",
		 "conversations"},
		{"{\"conversations\":{\"" ONE "0\":{\"seq\":1,"
		 "\"change\":0}}}",
		 "conversations"},
		{"{\"conversations\":{\"" ONE "\":{\"seq\":1,"
		 "\"change\":-1}}}",
		 "conversations"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sync_request request;

		assert_string_equal(read(&request, cases[i].body),
				    cases[i].wrong);
		sync_request_done(&request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversations_are_found_by_their_id),
		cmocka_unit_test(nothing_known_is_a_good_request),
		cmocka_unit_test(as_many_may_be_named_as_a_list_has),
		cmocka_unit_test(of_what_is_said_twice_the_last_counts),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
