#include "line_edge.h"

#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "hub.h"
#include "hub_users.h"
#include "json.h"
#include "line_name.h"
#include "line_person.h"
#include "line_server.h"
#include "line_words.h"
#include "mem.h"
#include "sio_message.h"

#define EVENT_DEPTH 12
#define AGAIN_MS                                                               \
	1000	     /* until somebody whom nobody could let in tries again    \
		      */
#define NUMBERS 9000 /* of those without a name: 1000 to 9999 */

int64_t line_person_now(const struct line_person *person)
{
	return person->edge->config.server.mono_ms();
}

struct line_reader line_person_reader(const struct line_person *person)
{
	return (struct line_reader){
		.id = person->id,
		.support = person->support,
		.ends = person->line.outbox.ends,
	};
}

/* ---- going ---- */

/* The hub forgets them. */
static void part(struct line_person *person, const char *reason)
{
	struct line_client *client = person->client;

	if (client == NULL)
		return;
	person->client = NULL;
	client->person = NULL;
	hub_client_gone(person->edge->config.hub, &client->client, reason);
}

void line_person_leave(struct line_person *person, const char *reason)
{
	line_leave(&person->line);
	line_rest_cancel(person);
	line_fetch_cancel(person);
	part(person, reason);
	line_ask_done(person);
}

/* ---- what the hub says ---- */

static struct line_person *person_of(const struct client *client)
{
	return ((const struct line_client *)client)->person;
}

/* Its event, in JSON: parsed once for all who are sent it. */
static const struct json_object *parse_event(struct line_edge *edge,
					     struct sio_message *message)
{
	size_t len;
	const char *json = sio_message_json(message, &len);

	if (edge->event == message)
		return edge->parsed;
	sio_message_unref(edge->event);
	json_free(edge->parsed);
	edge->event = sio_message_ref(message);
	edge->parsed = NULL;
	json_parse(json, len, JSON_OURS(EVENT_DEPTH), &edge->parsed);
	return edge->parsed;
}

/* What it was not shown is for the other. */
static void leave_alone(struct line_person *person)
{
	line_leave_alone(&person->line);
	line_receipts_forget(person);
}

/* A client that has closed its end without a word, and is there again, would
 * mix up the two: the old one is left alone until it speaks. */
static void leave_others_alone(struct line_person *person)
{
	struct client *other;

	TAILQ_FOREACH (other, &person->client->client.user->clients, of_user) {
		struct line_person *one = person_of(other);

		if (other->ops == person->client->client.ops && one != NULL &&
		    one != person && one->line.outbox.ends)
			leave_alone(one);
	}
}

static void forget_token(struct line_person *person)
{
	if (person->token != NULL)
		crypt_wipe(person->token, strlen(person->token));
	free(person->token);
	person->token = NULL;
}

/* Who they are, as a sign-in is answered. False: it does not say. */
static bool take_user(struct line_person *person,
		      const struct json_object *body, const char **name)
{
	struct json_object *user = NULL;
	const char *id = "", *token = "";

	json_get_object(body, "user", &user);
	json_get_string(user, "username", name);
	json_get_string(user, "_id", &id);
	json_get_string(body, "token", &token);
	if (!id_valid(id))
		return false;
	memcpy(person->id, id, ID_SIZE);
	id_direct(id, ID_SERVER, person->support);
	forget_token(person);
	person->token = xstrdup(token);
	return true;
}

static void let_in(struct line_person *person, const struct json_object *body)
{
	const char *name = "";
	bool again = false;

	json_get_bool(body, "again", &again);
	if (!take_user(person, body, &name))
		return;
	if (again) {
		leave_others_alone(person);
		line_missed_begin(person);
		return;
	}
	line_tell_hello(person, name, NULL);
	line_keep_busy(&person->line);
}

static void say_ended(struct line_person *person,
		      const struct json_object *body)
{
	const char *reason = "";
	char *text;

	json_get_string(body, "reason", &reason);
	text = xasprintf("You were signed out (%s).", reason);
	line_tell(person, text);
	line_answer(&person->line);
	free(text);
}

static void note_lobby(struct line_person *person,
		       const struct json_object *body)
{
	(void)body;
	person->in_lobby = true;
}

static const struct {
	const char *name;
	void (*tell)(struct line_person *person,
		     const struct json_object *body);
} events[] = {
	{"message:new", line_tell_message},
	{"guest", let_in},
	{"lobby", note_lobby},
	{"session-expired", say_ended},
	{"system_message", line_tell_notice},
};

/* `["name",...`: is it that one? */
static bool is_event(const char *json, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len > name_len + 2 && memcmp(json + 2, name, name_len) == 0 &&
	       json[name_len + 2] == '"';
}

static void line_edge_send(struct client *client, struct sio_message *message,
			   bool droppable)
{
	struct line_person *person = person_of(client);
	size_t len;
	const char *json = sio_message_json(message, &len);

	(void)droppable;
	for (size_t i = 0; person != NULL && i < COUNT_OF(events); i++) {
		if (is_event(json, len, events[i].name)) {
			events[i].tell(
				person,
				json_at(parse_event(person->edge, message), 1));
			return;
		}
	}
}

static void line_edge_ack(struct client *client, int64_t ack, const char *json,
			  size_t len)
{
	struct line_person *person = person_of(client);

	if (person != NULL)
		line_ask_answered(person, ack, json, len);
}

static void line_edge_accept(struct client *client)
{
	(void)client;
}

static void line_edge_refuse(struct client *client, const char *message,
			     const char *data)
{
	struct line_person *person = person_of(client);

	(void)data;
	if (person == NULL)
		return;
	person->client = NULL;
	line_tell(person, message);
	line_person_leave(person, "refused");
}

static void line_edge_end(struct client *client)
{
	struct line_person *person = person_of(client);

	if (person != NULL)
		line_person_leave(person, "server_disconnect");
}

/* Nobody could look whether they may come; their client would not try again by
 * itself. */
static void line_edge_drop(struct client *client)
{
	struct line_person *person = person_of(client);

	if (person != NULL && person->left)
		line_person_leave(person, "turned_away");
	if (person == NULL || person->left)
		return;
	person->enter_at = line_person_now(person) + AGAIN_MS;
	line_keep_busy(&person->line);
	part(person, "turned_away");
}

static const char *line_edge_transport(const struct client *client)
{
	(void)client;
	return "line";
}

static void line_edge_free_client(struct client *client)
{
	free(client);
}

static const struct client_ops ops = {
	.accept = line_edge_accept,
	.refuse = line_edge_refuse,
	.send = line_edge_send,
	.ack = line_edge_ack,
	.close = line_edge_end,
	.drop = line_edge_drop,
	.transport = line_edge_transport,
	.free = line_edge_free_client,
};

/* ---- coming ---- */

static void enter(struct line_person *person)
{
	struct json_object *auth = json_new_object();
	struct hub_hello hello = {
		.query_token = "",
		.address = person->line.address,
		.agent = "",
		.request_id = "",
		.line = true,
		.again = !person->numbered,
	};

	person->enter_at = 0;
	person->client = xcalloc(1, sizeof(*person->client));
	person->client->client.ops = &ops;
	person->client->person = person;
	if (person->token != NULL) {
		json_put_string(auth, "token", person->token);
	} else {
		json_put_string(auth, "username", person->asked);
		json_put_string(auth, "displayName", person->display_name);
	}
	hello.auth = json_print(auth, &hello.auth_len);
	hub_client_connect(person->edge->config.hub, &person->client->client,
			   &hello);
	json_free(auth);
}

/* They are that user from now on; on the way to the hub what they say waits. */
void line_person_sign_in(struct line_person *person,
			 const struct json_object *answer)
{
	const char *name = "";
	char *words;

	if (!take_user(person, answer, &name))
		return;
	part(person, "signed_in");
	words = xasprintf("You are %s.", name);
	line_tell(person, words);
	free(words);
	enter(person);
}

static void enter_as(struct line_person *person, const char *text)
{
	struct line_name name;
	uint32_t number;

	line_name_read(text, &name);
	person->numbered = name.username[0] == '\0';
	if (person->numbered) {
		crypt_random(&number, sizeof(number));
		person->asked = xasprintf("Client_%u", 1000 + number % NUMBERS);
	} else {
		person->asked = xstrdup(name.username);
	}
	person->display_name = xstrdup(name.display_name);
	line_name_done(&name);
	enter(person);
}

/* The first that is heard of them. */
static void hear_first(struct line_person *person, char *text, size_t len)
{
	bool ends = person->line.outbox.ends;
	char *copy = xstrdup(text);
	struct line_word word;

	line_word_read(copy, ends, &word);
	if (word.kind == LINE_WORD_GOODBYE) {
		line_tell_goodbye(person);
		line_person_leave(person, "client_disconnect");
	} else if (word.kind == LINE_WORD_NAME) {
		enter_as(person, word.text);
	} else if (!ends && line_name_is_message(text)) {
		enter_as(person, "");
		line_ask_take(person, text, len);
	} else {
		enter_as(person, text);
	}
	free(copy);
}

static void line_edge_heard(struct line *line, enum line_kind kind, char *text,
			    size_t len, void *user)
{
	struct line_person *person = line_person_of(line);

	if (person->edge == NULL) {
		person->edge = user;
		STAILQ_INIT(&person->sayings);
	}
	if (kind == LINE_TOO_LONG) {
		line_tell(person, "That line is too long.");
		line_answer(line);
	} else if (person->asked == NULL) {
		hear_first(person, text, len);
	} else {
		line_ask_take(person, text, len);
	}
}

/* What they have said is done before they go. */
static void line_edge_ended(struct line *line, void *user)
{
	struct line_person *person = line_person_of(line);

	(void)user;
	person->left = true;
	if (person->asked == NULL)
		line_person_leave(person, "transport_close");
	else
		line_keep_busy(line);
}

static void line_edge_lost(struct line *line, const char *reason, void *user)
{
	struct line_person *person = line_person_of(line);

	if (person->edge == NULL)
		return;
	(void)user;
	line_rest_cancel(person);
	line_fetch_cancel(person);
	part(person, reason);
	line_ask_done(person);
}

static void line_edge_done(struct line *line)
{
	struct line_person *person = line_person_of(line);

	forget_token(person);
	free(person->asked);
	free(person->display_name);
	free(person->whom);
	free(person->text);
}

static bool line_edge_tick(struct line *line, int64_t now_ms, void *user)
{
	struct line_person *person = line_person_of(line);
	bool asks, looks, missed;

	(void)user;
	if (person->edge == NULL)
		return false;
	if (person->enter_at > 0 && now_ms >= person->enter_at)
		enter(person);
	asks = line_ask_tick(person, now_ms);
	looks = line_receipts_tick(person, now_ms);
	missed = line_missed_tick(person, now_ms);
	return asks || looks || missed || person->enter_at > 0;
}

/* ---- the edge ---- */

struct line_edge *line_edge_new(uv_loop_t *loop,
				const struct line_edge_config *config)
{
	static const struct line_protocol protocol = {
		.size = sizeof(struct line_person),
		.heard = line_edge_heard,
		.ended = line_edge_ended,
		.lost = line_edge_lost,
		.done = line_edge_done,
		.tick = line_edge_tick,
	};
	struct line_edge *edge = xcalloc(1, sizeof(*edge));

	edge->config = *config;
	edge->server = line_server_new(loop, &config->server, &protocol, edge);
	return edge;
}

char *line_edge_listen(struct line_edge *edge, const char *address, int *port)
{
	return line_server_listen(edge->server, address, port);
}

void line_edge_close(struct line_edge *edge)
{
	if (edge != NULL)
		line_server_close(edge->server);
}

void line_edge_free(struct line_edge *edge)
{
	if (edge == NULL)
		return;
	line_server_free(edge->server);
	sio_message_unref(edge->event);
	json_free(edge->parsed);
	free(edge);
}

void line_edge_read_stats(const struct line_edge *edge, struct line_stats *out)
{
	line_server_read_stats(edge != NULL ? edge->server : NULL, out);
}
