/*
 * chat_fixture - the routes over a real store in a temporary directory, with
 * three people signed in, without sockets: requests in, answers and frames
 * out.
 */
#ifndef CHAT_FIXTURE_H
#define CHAT_FIXTURE_H

#include "app.h"
#include "ids.h"
#include "palabre_options.h"
#include "router.h"

struct buf;
struct json_object;

enum { ANN, BOB, CAT, PEOPLE };

struct person {
	char id[ID_SIZE], session[ID_SIZE];
	char *token;
};

struct chat {
	struct app app;
	struct palabre_options options;
	struct person people[PEOPLE];
	char dir[64];
	int64_t now_ms;
};

/* For cmocka: *state becomes a struct chat. */
int chat_set_up(void **state);
int chat_tear_down(void **state);

struct answer {
	int status;
	struct json_object *body;
	/* [{rooms, ..., args: [[name, data]]}]; of other frames the head */
	struct json_object *events;
};

/* One request over REST; body may be NULL. */
struct answer chat_ask(struct chat *chat, int who, const char *method,
		       const char *target, const char *body);

/* A call of pushd: body is COMMAND frames, results [{head, payload}]. */
struct answer chat_call(struct chat *chat, struct buf *body);
void chat_command(struct buf *out, const char *head, const char *payload);

void answer_done(struct answer *answer);

/* client_id may be NULL. */
struct answer chat_send(struct chat *chat, int from, int to,
			const char *content, const char *client_id);
/* The same, and it has to succeed. */
void chat_say(struct chat *chat, int from, int to, const char *content);
struct answer chat_get(struct chat *chat, int who, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void chat_direct(struct chat *chat, int a, int b, char out[ID_SIZE]);
/* who's mark with other; kind is "received" or "read". */
void chat_move(struct chat *chat, int who, int other, const char *kind,
	       int64_t seq, struct answer *out);

/* What a path like "items.0.content" leads to, as text ("null", "7", "x"); ""
 * when it leads nowhere. Valid until the fourth
 * call from here. */
const char *at(const struct json_object *value, const char *path);
void assert_at(const struct json_object *value, const char *path,
	       const char *want);

#endif
