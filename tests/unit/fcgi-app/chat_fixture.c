#include "chat_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "address_block.h"
#include "body_reader.h"
#include "buf.h"
#include "clock.h"
#include "crypt.h"
#include "dispatch.h"
#include "json.h"
#include "mem.h"
#include "notify_client.h"
#include "notify_frame.h"
#include "request_in.h"
#include "response_out.h"
#include "routes.h"
#include "rt_route.h"
#include "store.h"
#include "token.h"

#define HOUR_MS 3600000

/* ---- people ---- */

static void add_person(struct chat *chat, size_t who)
{
	static const char *const names[] = {"ann", "bob", "cat"};
	struct person *person = &chat->people[who];
	struct store_user user = {
		.username = (char *)names[who],
		.display_name = (char *)"",
		.avatar = (char *)"",
		.status_text = (char *)"",
		.created_at = chat->now_ms,
	};
	struct store_session session = {
		.created_at = chat->now_ms,
		.last_used = chat->now_ms,
		.expires_at = chat->now_ms + HOUR_MS,
		.agent = (char *)"",
		.address = (char *)"",
	};
	struct token_claims claims = {
		.issued_at = chat->now_ms,
		.expires_at = chat->now_ms + HOUR_MS,
	};
	const char *field;

	assert_int_equal(store_user_add(chat->app.store, &user, &field),
			 STORE_OK);
	memcpy(session.user_id, user.id, ID_SIZE);
	assert_int_equal(store_session_open(chat->app.store, &session, NULL),
			 STORE_OK);
	memcpy(claims.user, user.id, ID_SIZE);
	memcpy(claims.session, session.id, ID_SIZE);
	memcpy(person->id, user.id, ID_SIZE);
	memcpy(person->session, session.id, ID_SIZE);
	person->token = token_make(chat->app.keys, &claims);
}

int chat_set_up(void **state)
{
	struct chat *chat = xcalloc(1, sizeof(*chat));
	char *error = NULL;

	crypt_init();
	strcpy(chat->dir, "/tmp/palabre-unit-XXXXXX");
	assert_non_null(mkdtemp(chat->dir));
	chat->now_ms = clock_now_ms();
	options_init(palabre_option_table, &chat->options);

	char *uri = xasprintf("sqlite:%s/palabre.db", chat->dir);
	char *push = xasprintf("%s/nobody.sock", chat->dir);
	const struct store_config config = {.uri = uri, .random = crypt_random};

	chat->app = (struct app){
		.options = &chat->options,
		.store = store_new(&config, &error),
		.notify = notify_client_new(push, "api", NULL, NULL),
		.keys = token_keys_parse(
			"k1 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n",
			&error),
	};
	assert_non_null(chat->app.keys);
	assert_null(store_prepare(chat->app.store));
	for (size_t i = 0; i < PEOPLE; i++)
		add_person(chat, i);
	free(uri);
	free(push);
	*state = chat;
	return 0;
}

int chat_tear_down(void **state)
{
	static const char *const files[] = {"", "-wal", "-shm"};
	struct chat *chat = *state;

	address_blocks_free(chat->app.blocked);
	store_free(chat->app.store);
	notify_client_free(chat->app.notify);
	token_keys_free(chat->app.keys);
	options_done(palabre_option_table, &chat->options);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *path = xasprintf("%s/palabre.db%s", chat->dir, files[i]);

		unlink(path);
		free(path);
	}
	rmdir(chat->dir);
	for (size_t i = 0; i < PEOPLE; i++)
		free(chat->people[i].token);
	free(chat);
	return 0;
}

/* ---- frames ---- */

static struct json_object *parse(const char *text, size_t len)
{
	struct json_object *value = NULL;

	assert_int_equal(json_parse(text, len, JSON_OURS(16), &value), JSON_OK);
	return value;
}

static struct json_object *read_event(const struct notify_parts *parts)
{
	struct json_object *event = parse(parts->head, parts->head_len);
	struct json_object *args = json_new_array();
	const char *line = parts->payload;
	const char *end = line + parts->payload_len;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *stop = feed != NULL ? feed : end;

		json_push(args, parse(line, (size_t)(stop - line)));
		line = stop + 1;
	}
	json_put(event, "args", args);
	return event;
}

static struct json_object *read_result(const struct notify_parts *parts)
{
	struct json_object *result = json_new_object();

	json_put(result, "head", parse(parts->head, parts->head_len));
	if (parts->payload != NULL)
		json_put(result, "payload",
			 parse(parts->payload, parts->payload_len));
	return result;
}

static void read_frames(const struct buf *frames, struct json_object *events,
			struct json_object *results)
{
	struct notify_decoder *decoder = notify_decoder_new();
	struct notify_frame frame;
	struct notify_parts parts;

	notify_decoder_feed(decoder, frames->data, frames->len);
	while (notify_decoder_next(decoder, &frame) == NOTIFY_FRAME) {
		notify_frame_split(&frame, &parts);
		if (frame.kind == NOTIFY_EVENT)
			json_push(events, read_event(&parts));
		else if (frame.kind == NOTIFY_RESULT)
			json_push(results, read_result(&parts));
		else
			json_push(events, parse(parts.head, parts.head_len));
	}
	assert_true(notify_decoder_empty(decoder));
	notify_decoder_free(decoder);
}

/* ---- requests ---- */

static struct answer ask(struct chat *chat, enum route_pool pool,
			 const struct request_source *source)
{
	struct response response;
	struct answer answer = {.events = json_new_array()};
	struct buf *told = notify_out(chat->app.notify);

	response_init(&response);
	dispatch(&chat->app, pool == POOL_RT ? rt_route_table : routes_table,
		 pool, source, &response);
	answer.status = response.status;
	if (strcmp(response.type, "application/octet-stream") == 0) {
		answer.body = json_new_array();
		read_frames(&response.body.buf, answer.events, answer.body);
	} else {
		answer.body =
			parse(response.body.buf.data, response.body.buf.len);
	}
	read_frames(told, answer.events, NULL);
	buf_reset(told);
	response_done(&response);
	return answer;
}

struct answer chat_ask(struct chat *chat, int who, const char *method,
		       const char *target, const char *body)
{
	char *bearer = xasprintf("Bearer %s", chat->people[who].token);
	struct body_reader reader = {
		.context = (char *)body,
		.length = body != NULL ? (int64_t)strlen(body) : 0,
	};
	const struct request_source source = {
		.method = method,
		.target = target,
		.authorization = bearer,
		.content_type = "application/json",
		.id = "r1",
		.reader = &reader,
		.now_ms = chat->now_ms,
	};
	struct answer answer = ask(chat, POOL_API, &source);

	free(bearer);
	return answer;
}

struct answer chat_call(struct chat *chat, struct buf *body)
{
	struct body_reader reader = {
		.context = body->data,
		.length = (int64_t)body->len,
	};
	const struct request_source source = {
		.method = "POST",
		.target = "/rt",
		.id = "r2",
		.reader = &reader,
		.now_ms = chat->now_ms,
	};

	return ask(chat, POOL_RT, &source);
}

void chat_command(struct buf *out, const char *head, const char *payload)
{
	const struct notify_parts parts = {
		.head = head,
		.head_len = strlen(head),
		.payload = payload,
		.payload_len = payload != NULL ? strlen(payload) : 0,
	};

	assert_true(notify_frame_add(out, NOTIFY_COMMAND, &parts));
}

void answer_done(struct answer *answer)
{
	json_free(answer->body);
	json_free(answer->events);
	*answer = (struct answer){0};
}

/* ---- what people do ---- */

struct answer chat_send(struct chat *chat, int from, int to,
			const char *content, const char *client_id)
{
	char *body =
		xasprintf("{\"recipient_id\":\"%s\",\"content\":\"%s\"%s%s%s}",
			  chat->people[to].id, content,
			  client_id != NULL ? ",\"clientId\":\"" : "",
			  client_id != NULL ? client_id : "",
			  client_id != NULL ? "\"" : "");
	struct answer answer =
		chat_ask(chat, from, "POST", "/api/messages", body);

	free(body);
	return answer;
}

void chat_say(struct chat *chat, int from, int to, const char *content)
{
	struct answer answer = chat_send(chat, from, to, content, NULL);

	assert_int_equal(answer.status, 201);
	answer_done(&answer);
}

struct answer chat_get(struct chat *chat, int who, const char *format, ...)
{
	char target[256];
	va_list args;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	return chat_ask(chat, who, "GET", target, NULL);
}

void chat_direct(struct chat *chat, int a, int b, char out[ID_SIZE])
{
	id_direct(chat->people[a].id, chat->people[b].id, out);
}

void chat_move(struct chat *chat, int who, int other, const char *kind,
	       int64_t seq, struct answer *out)
{
	char id[ID_SIZE];

	chat_direct(chat, who, other, id);

	char *target = xasprintf("/api/messages/%s", kind);
	char *body = xasprintf("{\"conversationId\":\"%s\",\"seq\":%lld}", id,
			       (long long)seq);

	*out = chat_ask(chat, who, "POST", target, body);
	free(target);
	free(body);
}

/* ---- looking ---- */

const char *at(const struct json_object *value, const char *path)
{
	static char texts[4][65536];
	static size_t next;
	char *text = texts[next++ % COUNT_OF(texts)];
	char part[64];

	while (*path != '\0') {
		size_t len = strcspn(path, ".");

		assert_true(len < sizeof(part));
		memcpy(part, path, len);
		part[len] = '\0';
		value = json_is_array(value)
				? json_at(value, (size_t)atoi(part))
				: json_any(value, part);
		path += len + (path[len] == '.');
	}
	if (value == NULL)
		return "";
	const char *plain = json_text_of(value);

	snprintf(text, sizeof(texts[0]), "%s",
		 plain != NULL ? plain
			       : json_print((struct json_object *)value, NULL));
	return text;
}

void assert_at(const struct json_object *value, const char *path,
	       const char *want)
{
	assert_string_equal(at(value, path), want);
}
