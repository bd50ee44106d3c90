#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app.h"
#include "body_reader.h"
#include "dispatch.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "request_in.h"
#include "response_out.h"
#include "token.h"

static void say_hello(struct app *app, const struct request *request,
		      struct response *response)
{
	struct json_object *body = json_new_object();

	(void)app;
	(void)request;
	json_put_string(body, "hello", "you");
	response_json(response, 200, body);
}

static void say_nothing(struct app *app, const struct request *request,
			struct response *response)
{
	(void)app;
	(void)request;
	(void)response;
}

static const struct route routes[] = {
	{"GET", "/open", POOL_API, ROUTE_PUBLIC, ROUTE_NO_BODY, say_hello},
	{"POST", "/open", POOL_API, ROUTE_PUBLIC | ROUTE_BODY, ROUTE_JSON,
	 say_hello},
	{"POST", "/raw", POOL_API, ROUTE_PUBLIC, ROUTE_STREAM(9), say_hello},
	{"GET", "/mute", POOL_API, ROUTE_PUBLIC, ROUTE_NO_BODY, say_nothing},
	{"POST", "/closed", POOL_API, ROUTE_BODY, ROUTE_JSON, say_hello},
	{.method = NULL},
};

/* What left the worker, asked with that body; the caller frees it. */
static char *answer_to(const struct request_source *asked, const char *body,
		       const char *origins)
{
	struct body_reader reader = {
		.context = (char *)body,
		.length = body != NULL ? (int64_t)strlen(body) : 0,
	};
	struct request_source source = *asked;

	struct palabre_options options = {.allowed_origins = (char *)origins};
	char *error;
	struct token_keys *keys = token_keys_parse(
		"k1 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n", &error);
	struct app app = {.options = &options, .keys = keys};
	struct response response;
	struct buf out;

	source.reader = &reader;
	response_init(&response);
	buf_init(&out, 100000);
	dispatch(&app, routes, POOL_API, &source, &response);
	response_head(&response, &out);
	buf_add(&out, response.body.buf.data, response.body.buf.len);
	response_done(&response);
	token_keys_free(keys);
	return buf_take(&out);
}

static void assert_says(const struct request_source *source, const char *body,
			const char *status, const char *text)
{
	char *answer = answer_to(source, body, "");
	char *begin = xasprintf("Status: %s ", status);

	if (strncmp(answer, begin, strlen(begin)) != 0 ||
	    strstr(answer, text) == NULL)
		fail_msg("expected %s and %s in:\n%s", status, text, answer);
	free(begin);
	free(answer);
}

static void a_handler_answers(void **state)
{
	(void)state;
	const struct request_source source = {.method = "GET",
					      .target = "/open"};
	char *answer = answer_to(&source, NULL, "");

	assert_string_equal(answer,
			    "Status: 200 OK\r\n"
			    "Content-Type: application/json; charset=utf-8\r\n"
			    "Content-Length: 15\r\n"
			    "Cache-Control: no-store\r\n"
			    "\r\n"
			    "{\"hello\":\"you\"}");
	free(answer);
}

static void a_handler_that_says_nothing_is_an_error(void **state)
{
	(void)state;
	const struct request_source source = {.method = "GET",
					      .target = "/mute"};

	assert_says(&source, NULL, "500", "\"code\":\"internal\"");
}

static void what_is_refused_says_why(void **state)
{
	(void)state;
	static const struct {
		struct request_source source;
		const char *body, *status, *text;
	} cases[] = {
		{{.method = "GET", .target = "/%"}, NULL, "400", "\"invalid\""},
		{{.method = "GET", .target = "/no"},
		 NULL,
		 "404",
		 "\"not_found\""},
		{{.method = "PUT", .target = "/open"},
		 NULL,
		 "405",
		 "Allow: GET, HEAD, POST, OPTIONS\r\n"},
		{{.method = "POST", .target = "/open"},
		 NULL,
		 "400",
		 "\"invalid_json\""},
		{{.method = "POST", .target = "/open"},
		 "{",
		 "415",
		 "\"unsupported_media_type\""},
		{{.method = "POST",
		  .target = "/open",
		  .content_type = "application/json"},
		 "{",
		 "400",
		 "\"invalid_json\""},
		{{.method = "POST", .target = "/raw"},
		 "0123456789",
		 "413",
		 "\"too_large\""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_says(&cases[i].source, cases[i].body, cases[i].status,
			    cases[i].text);
}

static void a_stranger_is_refused_before_the_body_is_read(void **state)
{
	(void)state;
	struct request_source source = {
		.method = "POST",
		.target = "/closed",
		.content_type = "application/json",
	};

	assert_says(&source, "{", "401", "\"code\":\"unauthorized\"");
	assert_says(&source, "{", "401", "WWW-Authenticate: Bearer\r\n");
	source.authorization = "Bearer nonsense";
	assert_says(&source, "{", "401", "\"code\":\"unauthorized\"");
}

static void raw_bodies_are_left_alone(void **state)
{
	(void)state;
	const struct request_source source = {.method = "POST",
					      .target = "/raw"};

	assert_says(&source, "\xff", "200", "hello");
}

static void only_origins_in_the_settings_are_allowed(void **state)
{
	(void)state;
	static const char origins[] = "https://a.example https://b.example";
	static const char header[] = "Access-Control-Allow-Origin: ";
	static const struct {
		const char *origin;
		bool allowed;
	} cases[] = {
		{"https://a.example", true},
		{"https://b.example", true},
		{"https://a.exampl", false},
		{"https://a.example.evil", false},
		{"https://a.example https://b.example", false},
		{"", false},
		{NULL, false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct request_source source = {
			.method = "OPTIONS",
			.target = "/anything",
			.origin = cases[i].origin,
		};
		char *answer = answer_to(&source, NULL, origins);

		assert_memory_equal(answer, "Status: 204 ", 12);
		assert_non_null(strstr(answer, "Vary: Origin\r\n"));
		assert_int_equal(strstr(answer, header) != NULL,
				 cases[i].allowed);
		free(answer);
	}
}

/* What would end its line, or could not stand there, is not repeated. */
static void a_preflight_grants_what_it_asks_for(void **state)
{
	(void)state;
	static const char preset[] = "Authorization, Content-Type";
	static const struct {
		const char *asked, *granted;
	} cases[] = {
		{"authorization,x-app", "authorization,x-app"},
		{NULL, preset},
		{"x-app\r\nSet-Cookie: a=b", preset},
		{"x-\xe9", preset},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct request_source source = {
			.method = "OPTIONS",
			.target = "/anything",
			.asked_headers = cases[i].asked,
		};
		char *line =
			xasprintf("\r\nAccess-Control-Allow-Headers: %s\r\n",
				  cases[i].granted);

		assert_says(&source, NULL, "204", line);
		free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_answers),
		cmocka_unit_test(a_handler_that_says_nothing_is_an_error),
		cmocka_unit_test(what_is_refused_says_why),
		cmocka_unit_test(a_stranger_is_refused_before_the_body_is_read),
		cmocka_unit_test(raw_bodies_are_left_alone),
		cmocka_unit_test(only_origins_in_the_settings_are_allowed),
		cmocka_unit_test(a_preflight_grants_what_it_asks_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
