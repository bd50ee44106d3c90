/*
 * A route of every kind, in a table of its own, behind a real worker: whoever
 * adds a route touches the table and the file with its handler, nothing else.
 */
#include "chat_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app.h"
#include "body_reader.h"
#include "buf.h"
#include "fcgi_record.h"
#include "json.h"
#include "mem.h"
#include "nginx_locations.h"
#include "options.h"
#include "palabre_options.h"
#include "request.h"
#include "response.h"
#include "router.h"
#include "store.h"
#include "unix_socket.h"
#include "worker.h"

#define UPLOAD_MAX (3 * 1024 * 1024)
#define ANSWER_MAX (4 * 1024 * 1024)
#define KEY "k1 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n"

/* ---- the routes ---- */

static void say(struct response *response, const char *key, int64_t number)
{
	struct json_object *body = json_new_object();

	json_put_int(body, key, number);
	response_json(response, 200, body);
}

static void route_members_only(struct app *app, const struct request *request,
			       struct response *response)
{
	(void)app;
	say(response, "role", request->user.role);
}

/* Never more than a kilobyte of it in memory. */
static void route_upload(struct app *app, const struct request *request,
			 struct response *response)
{
	char piece[1024];
	int64_t sum = 0;
	size_t got;

	(void)app;
	while ((got = body_reader_next(request->reader, piece, sizeof(piece))) >
	       0) {
		for (size_t i = 0; i < got; i++)
			sum += (unsigned char)piece[i];
	}
	say(response, "sum", sum);
}

static void route_picture(struct app *app, const struct request *request,
			  struct response *response)
{
	static const char *const names[] = {"X-A", "X-B", "X-C", "X-D", "X-E",
					    "X-F", "X-G", "X-H", "X-I", "X-J"};

	(void)app;
	(void)request;
	buf_add(response_bytes(response, 200, "image/png"), "\x89PNG\0\xff", 6);
	response_header(response, "Cache-Control", "private, max-age=60");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		response_header(response, names[i], "1");
}

static void route_slow_secret(struct app *app, const struct request *request,
			      struct response *response)
{
	(void)app;
	(void)request;
	say(response, "hashed", 1);
}

static const struct route routes[] = {
	{"GET", "/api/members", POOL_API, ROUTE_NO_GUESTS | ROUTE_READ,
	 ROUTE_NO_BODY, route_members_only},
	{"POST", "/api/say", POOL_API, ROUTE_NO_MUTED, ROUTE_JSON,
	 route_members_only},
	{"POST", "/api/upload/:name", POOL_API, 0, ROUTE_STREAM(UPLOAD_MAX),
	 route_upload},
	{"GET", "/api/picture.png", POOL_API, ROUTE_PUBLIC, ROUTE_NO_BODY,
	 route_picture},
	{"POST", "/api/auth/secret", POOL_AUTH,
	 ROUTE_PUBLIC | ROUTE_BODY | ROUTE_SLOW, ROUTE_JSON, route_slow_secret},
	{"GET", "/api/all", POOL_API, ROUTE_SLOW, ROUTE_NO_BODY,
	 route_members_only},
	{.method = NULL},
};

/* ---- a worker that serves them ---- */

struct stage {
	struct chat *chat;
	char *path;
	pid_t worker;
};

static void set(struct chat *chat, const char *key, const char *name)
{
	char *value = xasprintf("%s/%s", chat->dir, name);

	assert_null(options_set(palabre_option_table, &chat->options, key,
				value, "test"));
	free(value);
}

static void write_key(const struct chat *chat)
{
	int fd = open(chat->options.key_file, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, KEY, strlen(KEY)), strlen(KEY));
	close(fd);
}

static void mute(const struct chat *chat, int who)
{
	const struct store_viewer viewer = {ID_CTL, ROLE_OPERATOR};
	const struct store_deed deed = {
		.act = ACT_MUTE,
		.user = chat->people[who].id,
		.until = INT64_MAX,
		.now_ms = chat->now_ms,
	};

	assert_int_equal(store_operator_act(chat->app.store, &viewer, &deed),
			 STORE_OK);
}

static int stage_set_up(void **state)
{
	struct stage *stage = xcalloc(1, sizeof(*stage));
	char *error = NULL;

	assert_int_equal(chat_set_up(state), 0);
	stage->chat = *state;
	stage->path = xasprintf("%s/api.sock", stage->chat->dir);
	set(stage->chat, "key_file", "token.key");
	set(stage->chat, "notify_socket", "nobody.sock");

	char *uri = xasprintf("sqlite:%s/palabre.db", stage->chat->dir);

	assert_null(options_set(palabre_option_table, &stage->chat->options,
				"store", uri, "test"));
	free(uri);
	write_key(stage->chat);
	assert_int_equal(store_user_role(stage->chat->app.store,
					 stage->chat->people[BOB].id,
					 ROLE_GUEST),
			 STORE_OK);
	mute(stage->chat, CAT);
	/* It may not be open on both sides of a fork. */
	store_free(stage->chat->app.store);
	stage->chat->app.store = NULL;

	struct worker_config config = {
		.options = &stage->chat->options,
		.pool = POOL_API,
		.routes = routes,
		.listen_fd = unix_socket_listen(stage->path, 0600,
						UNIX_SOCKET_ANY, &error),
		.supervisor = getpid(),
	};

	assert_null(error);
	fcntl(config.listen_fd, F_SETFL, O_NONBLOCK);
	stage->worker = fork();
	if (stage->worker == 0)
		_exit(worker_run(&config));
	close(config.listen_fd);
	*state = stage;
	return 0;
}

static int stage_tear_down(void **state)
{
	struct stage *stage = *state;
	void *chat = stage->chat;
	int status;

	kill(stage->worker, SIGTERM);
	assert_int_equal(waitpid(stage->worker, &status, 0), stage->worker);
	assert_int_equal(status, 0);
	unlink(stage->path);
	unlink(stage->chat->options.key_file);
	free(stage->path);
	free(stage);
	return chat_tear_down(&chat);
}

/* ---- asking it ---- */

struct ask {
	const char *method, *target;
	int who; /* -1: nobody */
	const char *type, *body;
	size_t body_len;
	const char *length; /* NULL: as long as it is */
};

static void send_all(int fd, const struct buf *bytes)
{
	for (size_t sent = 0; sent < bytes->len;) {
		ssize_t wrote =
			write(fd, bytes->data + sent, bytes->len - sent);

		assert_true(wrote > 0);
		sent += (size_t)wrote;
	}
}

static void add_params(struct stage *stage, const struct ask *ask,
		       struct buf *out)
{
	char *bearer = ask->who >= 0
			       ? xasprintf("Bearer %s",
					   stage->chat->people[ask->who].token)
			       : xstrdup("");
	char *length = ask->length != NULL ? xstrdup(ask->length)
					   : xasprintf("%zu", ask->body_len);
	struct buf params;

	buf_init(&params, 65535);
	fcgi_param_add(&params, "REQUEST_METHOD", ask->method);
	fcgi_param_add(&params, "REQUEST_URI", ask->target);
	fcgi_param_add(&params, "CONTENT_TYPE", ask->type ? ask->type : "");
	fcgi_param_add(&params, "CONTENT_LENGTH", length);
	fcgi_param_add(&params, "HTTP_AUTHORIZATION", bearer);
	fcgi_record_add(out, FCGI_RECORD_PARAMS, 1, params.data, params.len);
	fcgi_record_add_eof(out, FCGI_RECORD_PARAMS, 1);
	buf_done(&params);
	free(bearer);
	free(length);
}

/* What came back; empty when the worker hung up without a word. */
static struct buf read_answer(int fd)
{
	struct fcgi_decoder *decoder = fcgi_decoder_new();
	struct fcgi_record record;
	struct buf answer;
	char piece[4096];
	ssize_t got;

	buf_init(&answer, ANSWER_MAX);
	buf_adds(&answer, "");
	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		for (ssize_t fed = 0; fed < got;) {
			fed += (ssize_t)fcgi_decoder_feed(decoder, piece + fed,
							  (size_t)(got - fed));
			while (fcgi_decoder_next(decoder, &record) ==
			       FCGI_RECORD_ITEM) {
				if (record.type == FCGI_RECORD_STDOUT)
					buf_add(&answer, record.content,
						record.len);
			}
		}
	}
	fcgi_decoder_free(decoder);
	return answer;
}

static struct buf answer_to(struct stage *stage, const struct ask *ask)
{
	int fd = unix_socket_connect(stage->path);
	struct buf out;

	assert_true(fd >= 0);
	fcntl(fd, F_SETFL, 0); /* it would not wait */
	buf_init(&out, ANSWER_MAX);
	fcgi_record_add_begin(&out, 1, false);
	add_params(stage, ask, &out);
	fcgi_record_add(&out, FCGI_RECORD_STDIN, 1, ask->body, ask->body_len);
	fcgi_record_add_eof(&out, FCGI_RECORD_STDIN, 1);
	send_all(fd, &out);
	buf_done(&out);

	struct buf answer = read_answer(fd);

	close(fd);
	return answer;
}

static void assert_answer(struct stage *stage, const struct ask *ask,
			  const char *status, const char *text)
{
	struct buf answer = answer_to(stage, ask);
	char *begin = xasprintf("Status: %s ", status);

	if (strncmp(answer.data, begin, strlen(begin)) != 0 ||
	    strstr(answer.data, text) == NULL)
		fail_msg("expected %s and %s in:\n%s", status, text,
			 answer.data);
	free(begin);
	buf_done(&answer);
}

/* ---- what they do ---- */

static void a_guest_is_refused_where_the_table_says_so(void **state)
{
	struct stage *stage = *state;
	struct ask ask = {
		.method = "GET", .target = "/api/members", .who = ANN};

	assert_answer(stage, &ask, "200", "\"role\":0");
	ask.who = BOB;
	assert_answer(stage, &ask, "403", "\"code\":\"forbidden\"");
	ask.who = -1;
	assert_answer(stage, &ask, "401", "\"code\":\"unauthorized\"");
}

static void who_is_muted_is_refused_where_the_table_says_so(void **state)
{
	struct stage *stage = *state;
	struct ask ask = {
		.method = "POST", .target = "/api/say", .who = CAT, .body = ""};

	assert_answer(stage, &ask, "403", "\"code\":\"muted\"");
	ask.who = ANN;
	assert_answer(stage, &ask, "200", "\"role\":0");
	ask = (struct ask){
		.method = "GET", .target = "/api/members", .who = CAT};
	assert_answer(stage, &ask, "200", "\"role\":0");
}

static void a_streamed_body_is_pulled_by_its_handler(void **state)
{
	struct stage *stage = *state;
	char *body = xmalloc(UPLOAD_MAX + 1);
	char *sum = xasprintf("{\"sum\":%d}", UPLOAD_MAX);
	struct ask ask = {.method = "POST",
			  .target = "/api/upload/a",
			  .who = ANN,
			  .body = body,
			  .body_len = UPLOAD_MAX};

	memset(body, 1, UPLOAD_MAX + 1);
	assert_answer(stage, &ask, "200", sum);
	ask.body_len++;
	assert_answer(stage, &ask, "413", "\"too_large\"");
	ask.body_len = 0;
	assert_answer(stage, &ask, "200", "{\"sum\":0}");
	free(sum);
	free(body);
}

static void a_body_that_breaks_off_gets_no_answer(void **state)
{
	struct stage *stage = *state;
	const struct ask cases[] = {
		{"POST", "/api/upload/a", ANN, NULL, "abc", 3, "4"},
		{"POST", "/api/upload/a", ANN, NULL, "", 0, "4"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf answer = answer_to(stage, &cases[i]);

		assert_int_equal(answer.len, 0);
		buf_done(&answer);
	}
}

static void an_answer_has_any_type_and_number_of_headers(void **state)
{
	const struct ask ask = {
		.method = "GET", .target = "/api/picture.png", .who = -1};
	struct buf answer = answer_to(*state, &ask);

	assert_non_null(strstr(answer.data,
			       "\r\nContent-Type: image/png\r\n"
			       "Content-Length: 6\r\n"
			       "Cache-Control: private, max-age=60\r\n"
			       "X-A: 1\r\n"));
	assert_non_null(strstr(answer.data, "\r\nX-J: 1\r\n\r\n"));
	assert_null(strstr(answer.data, "no-store"));
	assert_memory_equal(answer.data + answer.len - 6, "\x89PNG\0\xff", 6);
	buf_done(&answer);
}

static void nginx_gets_a_location_for_what_needs_one(void **state)
{
	struct stage *stage = *state;
	struct buf out;

	assert_null(options_set(palabre_option_table, &stage->chat->options,
				"api_socket", "/api.sock", "test"));
	assert_null(options_set(palabre_option_table, &stage->chat->options,
				"auth_socket", "/auth.sock", "test"));
	assert_null(options_set(palabre_option_table, &stage->chat->options,
				"auth_burst", "7", "test"));
	buf_init(&out, 100000);
	nginx_locations_write(routes, &stage->chat->options, &out);
	assert_string_equal(out.data,
			    "location ~ ^/api/upload/[^/]+/?$ {\n"
			    "\tclient_max_body_size 3145728;\n"
			    "\tfastcgi_pass \"unix:/api.sock\";\n"
			    "}\n"
			    "location ~ ^/api/auth/secret/?$ {\n"
			    "\tclient_max_body_size 16384;\n"
			    "\tfastcgi_send_timeout 10s;\n"
			    "\tfastcgi_read_timeout 10s;\n"
			    "\tset $palabre_wait 1;\n"
			    "\tlimit_req zone=palabre_auth burst=7 nodelay;\n"
			    "\tfastcgi_pass \"unix:/auth.sock\";\n"
			    "}\n"
			    "location ~ ^/api/all/?$ {\n"
			    "\tfastcgi_send_timeout 10s;\n"
			    "\tfastcgi_read_timeout 10s;\n"
			    "\tfastcgi_pass \"unix:/api.sock\";\n"
			    "}\n");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_is_refused_where_the_table_says_so),
		cmocka_unit_test(
			who_is_muted_is_refused_where_the_table_says_so),
		cmocka_unit_test(a_streamed_body_is_pulled_by_its_handler),
		cmocka_unit_test(a_body_that_breaks_off_gets_no_answer),
		cmocka_unit_test(an_answer_has_any_type_and_number_of_headers),
		cmocka_unit_test(nginx_gets_a_location_for_what_needs_one),
	};
	return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
