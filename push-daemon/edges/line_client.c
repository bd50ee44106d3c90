#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "hub.h"
#include "hub_users.h"
#include "json.h"
#include "line_person.h"
#include "mem.h"
#include "refusals.h"
#include "sio_message.h"

#define EVENT_DEPTH 12
/* Until somebody whom nobody could let in tries again. */
#define AGAIN_MS 1000

/* ---- going ---- */

void line_client_part(struct line_person *person, const char *reason)
{
	struct line_client *client = person->client;

	line_renewal_cancel(person);
	if (client == NULL)
		return;
	person->answered = NULL; /* asked again once they are in again */
	person->client = NULL;
	client->person = NULL;
	hub_client_gone(person->edge->config.hub, &client->client, reason);
}

void line_person_leave(struct line_person *person, const char *reason)
{
	line_leave(&person->line);
	line_rest_cancel(person);
	line_fetch_cancel(person);
	line_client_part(person, reason);
	line_ask_done(person);
}

/* ---- what the hub is told, and says ---- */

void line_client_say(struct line_person *person, const char *event, int64_t ack,
		     struct json_object *body)
{
	struct hub_event said = {.name = event, .ack = ack};

	said.args = json_print(body, &said.args_len);
	hub_client_event(person->edge->config.hub, &person->client->client,
			 &said);
	json_free(body);
}

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

void line_client_forget_token(struct line_person *person)
{
	if (person->token != NULL)
		crypt_wipe(person->token, strlen(person->token));
	free(person->token);
	person->token = NULL;
}

void line_client_take_token(struct line_person *person, const char *token)
{
	line_client_forget_token(person);
	person->token = xstrdup(token);
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
	if (!id_valid(id) || token[0] == '\0')
		return false;
	memcpy(person->id, id, ID_SIZE);
	id_direct(id, ID_SERVER, person->support);
	line_missed_forget(person);
	line_client_take_token(person, token);
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

static const struct {
	const char *name;
	void (*tell)(struct line_person *person,
		     const struct json_object *body);
} events[] = {
	{"message:new", line_tell_message},
	{"guest", let_in},
	{"lobby", line_lobby_note},
	{"server", line_banner_take},
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

static void line_client_send(struct client *client, struct sio_message *message,
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

static void line_client_ack(struct client *client, int64_t ack,
			    const char *json, size_t len)
{
	struct line_person *person = person_of(client);

	if (person != NULL)
		line_ask_answered(person, ack, json, len);
}

static void line_client_accept(struct client *client)
{
	(void)client;
}

/* Why, in words for people: to a socket whose token is refused is said what old
 * clients know. */
static void say_refused(struct line_person *person, const char *message,
			const char *code)
{
	line_tell(person,
		  person->token != NULL ? refusal_words(code) : message);
	line_person_leave(person, "refused");
}

static void line_client_refuse(struct client *client, const char *message,
			       const char *data)
{
	struct line_person *person = person_of(client);
	struct json_object *parsed = NULL;
	const char *code = "";

	if (person == NULL)
		return;
	person->client = NULL;
	json_parse(data, strlen(data), JSON_OURS(EVENT_DEPTH), &parsed);
	json_get_string(parsed, "code", &code);
	/* They may sign in, which others do before they connect. */
	if (strcmp(code, refusal_row(REFUSAL_GUESTS_CLOSED)->code) == 0)
		line_outside_begin(person, message);
	else
		say_refused(person, message, code);
	json_free(parsed);
}

static void line_client_end(struct client *client)
{
	struct line_person *person = person_of(client);

	if (person != NULL)
		line_person_leave(person, "server_disconnect");
}

/* Nobody could look whether they may come, or knows their rooms; their client
 * would not try again by itself. */
static void line_client_drop(struct client *client)
{
	struct line_person *person = person_of(client);

	if (person != NULL && person->left)
		line_person_leave(person, "turned_away");
	if (person == NULL || person->left)
		return;
	person->enter_at = line_person_now(person) + AGAIN_MS;
	line_keep_busy(&person->line);
	line_client_part(person, "turned_away");
}

static void line_client_renew(struct client *client)
{
	struct line_person *person = person_of(client);

	if (person != NULL)
		line_renewal_begin(person);
}

static const char *line_client_transport(const struct client *client)
{
	(void)client;
	return "line";
}

static size_t line_client_waiting(const struct client *client)
{
	const struct line_person *person = person_of(client);

	return person == NULL ? 0 : line_outbox_waiting(&person->line.outbox);
}

static void line_client_free(struct client *client)
{
	free(client);
}

static const struct client_ops ops = {
	.accept = line_client_accept,
	.refuse = line_client_refuse,
	.send = line_client_send,
	.ack = line_client_ack,
	.close = line_client_end,
	.drop = line_client_drop,
	.renew = line_client_renew,
	.transport = line_client_transport,
	.waiting = line_client_waiting,
	.free = line_client_free,
};

/* ---- coming ---- */

void line_client_enter(struct line_person *person)
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
	person->outside = false;
	line_client_part(person, "signed_in");
	words = xasprintf("You are %s.", name);
	line_tell(person, words);
	free(words);
	line_client_enter(person);
}
