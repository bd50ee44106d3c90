/*
 * ops-api - what workers do, over and over, for callgrind to count.
 *
 *     ops-api DIRECTORY send|page|list|sync COUNT
 *
 * send: a call of palabre-pushd with sixteen messages, from its bytes to those
 * of the answer, with the store behind it. From a request to its answer, page:
 * the newest fifty messages of a conversation; list: forty conversations; sync:
 * of the same, when nothing was missed. In DIRECTORY, which is to be empty, it
 * makes a store; it ends with status 1 when anything is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "body_reader.h"
#include "buf.h"
#include "clock.h"
#include "crypt.h"
#include "dispatch.h"
#include "mem.h"
#include "metrics.h"
#include "notify_client.h"
#include "notify_frame.h"
#include "palabre_options.h"
#include "request_in.h"
#include "response_out.h"
#include "routes.h"
#include "rt_route.h"
#include "stall.h"
#include "store.h"
#include "token.h"

#define BATCH 16
#define PAGE 50
#define LISTED 40
#define HOUR_MS 3600000
#define CALL_MAX (1024 * 1024)

struct someone {
	char id[ID_SIZE], session[ID_SIZE];
};

static struct ops {
	struct app app;
	struct palabre_options options;
	struct stall_member member;	   /* looked at by the store */
	struct someone people[1 + LISTED]; /* all know the first */
	char *bearer;			   /* of the first */
	int64_t now_ms;
	size_t sent;
	struct buf missed; /* the body of a sync */
} ops;

static void ops_fail(const char *what, const char *why)
{
	fprintf(stderr, "ops-api: %s: %s\n", what, why);
	exit(1);
}

static void ops_add_person(size_t who)
{
	char *name = xasprintf("person%zu", who);
	struct store_user user = {
		.username = name,
		.display_name = (char *)"",
		.avatar = (char *)"",
		.status_text = (char *)"",
		.created_at = ops.now_ms,
	};
	struct store_session session = {
		.created_at = ops.now_ms,
		.last_used = ops.now_ms,
		.expires_at = ops.now_ms + HOUR_MS,
		.agent = (char *)"",
		.address = (char *)"",
	};
	const char *field;

	if (store_user_add(ops.app.store, &user, &field) != STORE_OK)
		ops_fail("a person", store_error(ops.app.store));
	memcpy(session.user_id, user.id, ID_SIZE);
	if (store_session_open(ops.app.store, &session, NULL) != STORE_OK)
		ops_fail("a session", store_error(ops.app.store));
	memcpy(ops.people[who].id, user.id, ID_SIZE);
	memcpy(ops.people[who].session, session.id, ID_SIZE);
	free(name);
}

static void ops_make_token(void)
{
	struct token_claims claims = {
		.issued_at = ops.now_ms,
		.expires_at = ops.now_ms + HOUR_MS,
	};

	memcpy(claims.user, ops.people[0].id, ID_SIZE);
	memcpy(claims.session, ops.people[0].session, ID_SIZE);

	char *token = token_make(ops.app.keys, &claims);

	ops.bearer = xasprintf("Bearer %s", token);
	free(token);
}

static void ops_open(const char *directory)
{
	char *uri = xasprintf("sqlite:%s/palabre.db", directory);
	char *push = xasprintf("%s/nobody.sock", directory);
	char *error = NULL;
	struct metrics *metrics = metrics_new(0, 0);
	struct stall *stall = stall_new();

	ops.member = (struct stall_member){.metrics = metrics};
	stall_join(&ops.member, stall);
	const struct store_watch watch = stall_watch(&ops.member);
	const struct store_config config = {
		.uri = uri,
		.random = crypt_random,
		.watch = &watch,
	};

	options_init(palabre_option_table, &ops.options);
	ops.now_ms = clock_now_ms();
	ops.app.options = &ops.options;
	ops.app.metrics = metrics;
	ops.app.store = store_new(&config, &error);
	if (error == NULL)
		error = store_prepare(ops.app.store);
	ops.app.notify = notify_client_new(push, "api", NULL, NULL);
	if (error == NULL)
		ops.app.keys = token_keys_parse(
			"k1 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n",
			&error);
	if (error != NULL)
		ops_fail("start", error);
	for (size_t i = 0; i < COUNT_OF(ops.people); i++)
		ops_add_person(i);
	ops_make_token();
	free(uri);
	free(push);
}

static void ops_close(void)
{
	store_free(ops.app.store);
	notify_client_free(ops.app.notify);
	token_keys_free(ops.app.keys);
	metrics_free(ops.app.metrics);
	options_done(palabre_option_table, &ops.options);
	buf_done(&ops.missed);
	free(ops.bearer);
}

static void ops_ask(enum route_pool pool, const struct request_source *source)
{
	struct response response;

	response_init(&response);
	dispatch(&ops.app, pool == POOL_RT ? rt_route_table : routes_table,
		 pool, source, &response);
	if (response.status != 200)
		ops_fail(source->target, response.body.buf.data);
	buf_reset(notify_out(ops.app.notify));
	response_done(&response);
}

/* ---- sending ---- */

static void ops_add_send(struct buf *out)
{
	const struct someone *from = &ops.people[ops.sent % 2];
	const struct someone *to = &ops.people[(ops.sent + 1) % 2];
	char *head = xasprintf("{\"command\":\"send\",\"userId\":\"%s\","
			       "\"sessionId\":\"%s\",\"clientId\":\"n%zu\"}",
			       from->id, from->session, ops.sent++);
	char *payload = xasprintf("{\"to\":\"%s\",\"content\":\"Good morning. "
				  "Shall we meet at noon where we met last "
				  "week?\"}",
				  to->id);
	const struct notify_parts parts = {
		.head = head,
		.head_len = strlen(head),
		.payload = payload,
		.payload_len = strlen(payload),
	};

	if (!notify_frame_add(out, NOTIFY_COMMAND, &parts))
		ops_fail("a command", "too large");
	free(head);
	free(payload);
}

static void ops_send(void)
{
	struct buf body;

	buf_init(&body, CALL_MAX);
	for (int i = 0; i < BATCH; i++)
		ops_add_send(&body);

	struct body_reader reader = {.context = body.data,
				     .length = (int64_t)body.len};
	const struct request_source source = {
		.method = "POST",
		.target = "/rt",
		.id = "r1",
		.reader = &reader,
		.now_ms = ops.now_ms,
	};

	ops_ask(POOL_RT, &source);
	buf_done(&body);
}

/* ---- reading ---- */

static void ops_page(void)
{
	char *target = xasprintf("/api/messages/conversation?with=%s&limit=%d",
				 ops.people[1].id, PAGE);
	const struct request_source source = {
		.method = "GET",
		.target = target,
		.authorization = ops.bearer,
		.id = "r2",
		.now_ms = ops.now_ms,
	};

	ops_ask(POOL_API, &source);
	free(target);
}

static void ops_list(void)
{
	const struct request_source source = {
		.method = "GET",
		.target = "/api/conversations",
		.authorization = ops.bearer,
		.id = "r3",
		.now_ms = ops.now_ms,
	};

	ops_ask(POOL_API, &source);
}

static void ops_sync(void)
{
	struct body_reader reader = {.context = ops.missed.data,
				     .length = (int64_t)ops.missed.len};
	const struct request_source source = {
		.method = "POST",
		.target = "/api/sync",
		.content_type = "application/json",
		.authorization = ops.bearer,
		.id = "r4",
		.reader = &reader,
		.now_ms = ops.now_ms,
	};

	ops_ask(POOL_API, &source);
}

/* ---- who is there ---- */

static void ops_meet(size_t who)
{
	const struct store_viewer viewer = {ops.people[who].id, ROLE_USER};
	const struct store_send send = {
		.sender_name = "",
		.to = ops.people[0].id,
		.content = "Good morning.",
		.now_ms = ops.now_ms,
	};
	struct store_sent sent;

	if (store_send(ops.app.store, &viewer, &send, &sent) != STORE_OK)
		ops_fail("a message", store_error(ops.app.store));
	store_sent_done(&sent);
}

static bool ops_knows(const struct store_conversation *one, void *context)
{
	struct buf *out = context;

	buf_addf(out, "%s\"%s\":{\"seq\":%lld,\"change\":%lld}",
		 out->data[out->len - 1] == '{' ? "" : ",", one->id,
		 (long long)one->last_seq, (long long)one->last_change);
	return true;
}

static void ops_miss_nothing(void)
{
	const struct store_viewer viewer = {ops.people[0].id, ROLE_USER};
	char epoch[ID_SIZE];

	buf_init(&ops.missed, CALL_MAX);
	if (store_epoch(ops.app.store, epoch) != STORE_OK)
		ops_fail("the epoch", store_error(ops.app.store));
	buf_addf(&ops.missed, "{\"epoch\":\"%s\",\"conversations\":{", epoch);
	if (store_positions(ops.app.store, &viewer, LISTED, ops_knows,
			    &ops.missed) != STORE_OK)
		ops_fail("positions", store_error(ops.app.store));
	buf_adds(&ops.missed, "}}");
}

static const struct {
	const char *name;
	void (*run)(void);
} ops_table[] = {
	{"send", ops_send},
	{"page", ops_page},
	{"list", ops_list},
	{"sync", ops_sync},
};

int main(int argc, char **argv)
{
	if (argc != 4 || !crypt_init()) {
		fprintf(stderr, "usage: ops-api DIRECTORY send|page|list|sync "
				"COUNT\n");
		return 1;
	}

	long count = strtol(argv[3], NULL, 10);

	ops_open(argv[1]);
	for (size_t i = 1; i <= LISTED; i++)
		ops_meet(i);
	for (int i = 0; i < 4; i++)
		ops_send(); /* more than a page, and everything is warm */
	ops_miss_nothing();
	for (size_t op = 0; op < COUNT_OF(ops_table); op++) {
		for (long i = 0; i < count; i++) {
			if (strcmp(argv[2], ops_table[op].name) == 0)
				ops_table[op].run();
		}
	}
	ops_close();
	return 0;
}
