#include "hub_events.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "hub_ack.h"
#include "hub_base.h"
#include "hub_clients.h"
#include "hub_ending.h"
#include "hub_log.h"
#include "hub_renewal.h"
#include "hub_roster.h"
#include "hub_typing.h"
#include "hub_users.h"
#include "hub_watch.h"
#include "json.h"
#include "json_cursor.h"
#include "json_grammar.h"
#include "json_text.h"
#include "mem.h"
#include "palabre_limits.h"
#include "sio_packet.h"

#define HEAD_MAX 1024 /* of an event, around its arguments */
/* Reading so much costs as much as an event does. */
#define EVENT_BYTES (16 * 1024)
#define COMMAND_DEADLINE_MS 2000
/* Of one user at a time, on all of their connections: others are not to wait
 * for thousands of one user's. */
#define ASKED_MAX 256

struct hub_events {
	struct hub_events_parts parts;
};

/* An event under way. */
struct asking {
	struct hub_events *events;
	struct client *client;
	const struct event_row *row;
	int64_t ack;
	const char *text; /* the first argument, an object */
	size_t len;
	struct json_object *body; /* the same; for the hub's own */
};

struct event_row {
	const char *name;
	void (*handle)(const struct asking *asking);
	const char *command; /* for the workers; NULL: the hub's own */
	const char *kind;
	bool makes; /* needs a clientId, so that it may be retried */
	/* Before the answer is acknowledged; false: `unavailable`. NULL:
	 * nothing is to be done. */
	bool (*took)(struct hub_events *events, struct client *client,
		     const struct api_result *result);
	bool counts; /* how many are here, in its acknowledgement */
};

struct hub_events *hub_events_new(const struct hub_events_parts *parts)
{
	struct hub_events *events = xcalloc(1, sizeof(*events));

	events->parts = *parts;
	return events;
}

void hub_events_free(struct hub_events *events)
{
	free(events);
}

static void say_ok(const struct asking *asking)
{
	struct json_object *answer = json_new_object();

	json_put_bool(answer, "ok", true);
	hub_ack(asking->client, asking->ack, answer);
}

static void say_good_or_invalid(const struct asking *asking, bool good)
{
	if (good)
		say_ok(asking);
	else
		hub_ack_error(asking->client, asking->ack, "invalid");
}

/* ---- what workers do ---- */

struct pending {
	struct hub_events *events;
	struct client *client;
	const struct event_row *row;
	int64_t ack;
	char user_id[ID_SIZE];
	char session_id[ID_SIZE]; /* in whose name; `renew` may swap it */
	char request_id[HUB_REQUEST_SIZE];
};

/* Its frames came before the answer. */
static void say_reached(const struct pending *pending)
{
	const struct hub_clients *clients = pending->events->parts.clients;
	struct json_object *answer = json_new_object();

	json_put_bool(answer, "ok", true);
	json_put_int(answer, "reached", (int64_t)hub_clients_count(clients));
	hub_ack(pending->client, pending->ack, answer);
}

static void pass_on(const struct pending *pending,
		    const struct api_result *result)
{
	struct client *client = pending->client;
	const struct event_row *row = pending->row;

	if (result->ok && row->took != NULL &&
	    !row->took(pending->events, client, result))
		hub_ack_error(client, pending->ack, "unavailable");
	else if (result->payload == NULL)
		hub_ack_error(client, pending->ack, result->code);
	else if (result->ok && row->counts)
		say_reached(pending);
	else if (pending->ack >= 0)
		client->ops->ack(client, pending->ack, result->payload,
				 result->payload_len);
}

/* The session that it has, that is; a token offered to `renew` is another. */
static bool session_is_over(const struct pending *pending,
			    const struct api_result *result)
{
	return pending->row->took == NULL &&
	       pending->client->state == CLIENT_READY &&
	       strcmp(result->code, "session_expired") == 0;
}

static void hub_events_answered(const struct api_result *result, void *user)
{
	struct pending *pending = user;
	struct client *client = pending->client;
	struct hub_users *users = pending->events->parts.users;
	struct user *asker = hub_users_find(users, pending->user_id);

	if (asker != NULL && asker->asked > 0)
		asker->asked--;
	hub_log_answer(client, pending->row->name, pending->request_id,
		       result->code);
	if (client->state == CLIENT_READY)
		pass_on(pending, result);
	if (session_is_over(pending, result)) {
		const struct hub_ending ending = {
			.user_id = client->user->id,
			.session_id = pending->session_id,
			.reason = "session_expired",
		};

		hub_ending_apply(users, &ending);
	}
	client_unref(client);
	free(pending);
}

static struct pending *pending_new(const struct asking *asking)
{
	struct client *client = asking->client;
	struct pending *pending = xmalloc(sizeof(*pending));

	*pending = (struct pending){
		.events = asking->events,
		.client = client_ref(client),
		.row = asking->row,
		.ack = asking->ack,
	};
	memcpy(pending->user_id, client->user->id, ID_SIZE);
	memcpy(pending->session_id, client->session_id,
	       strnlen(client->session_id, ID_LEN));
	hub_log_request(client, pending->request_id);
	return pending;
}

static void write_head(const struct asking *asking,
		       const struct pending *pending, struct json_text *head)
{
	const struct hub_base *base = asking->events->parts.base;
	char client_id[ID_SIZE];

	hub_base_begin(head, asking->row->command);
	json_text_word(head, "userId", pending->user_id);
	json_text_string(head, "sessionId", asking->client->session_id);
	if (asking->row->kind != NULL)
		json_text_word(head, "kind", asking->row->kind);
	if (asking->row->makes) {
		id_new(hub_base_wall_ms(base), base->config.random, client_id);
		json_text_word(head, "clientId", client_id);
	}
	json_text_word(head, "requestId", pending->request_id);
}

static void send_command(const struct asking *asking)
{
	const struct hub_base *base = asking->events->parts.base;
	struct pending *pending = pending_new(asking);
	struct json_text head;
	struct api_command command = {
		.payload = asking->text,
		.payload_len = asking->len,
		.deadline_ms = hub_base_mono_ms(base) + COMMAND_DEADLINE_MS,
		.reply = hub_events_answered,
		.user = pending,
	};

	write_head(asking, pending, &head);
	hub_base_call(base, &command, &head, asking->client->user->id);
}

static void ask_worker(const struct asking *asking)
{
	struct client *client = asking->client;

	if (client->user->asked < ASKED_MAX) {
		client->user->asked++;
		send_command(asking);
		return;
	}
	client->base->stats.rate_limited++;
	/* All that are under way were answered by then, on any tick. */
	hub_ack_error_after(client, asking->ack, "rate_limited",
			    hub_ack_seconds(COMMAND_DEADLINE_MS) + 1);
}

/* ---- what the hub does itself ---- */

static void typing(const struct asking *asking)
{
	say_good_or_invalid(asking,
			    hub_typing_start(asking->events->parts.typing,
					     asking->client, asking->body));
}

static void typing_stopped(const struct asking *asking)
{
	say_good_or_invalid(asking,
			    hub_typing_stop(asking->events->parts.typing,
					    asking->client, asking->body));
}

static struct json_object *online_of(const struct hub_users *users,
				     const struct user *viewer,
				     const struct json_object *ids)
{
	struct json_object *online = json_new_array();

	for (size_t i = 0; i < json_length(ids); i++) {
		const char *id = json_text_of(json_at(ids, i));

		if (hub_users_is_online(users, id) &&
		    !hub_users_is_hidden(viewer, id))
			json_push(online, json_new_string(id));
	}
	return online;
}

static void watch_presence(const struct asking *asking)
{
	const struct hub_events_parts *parts = &asking->events->parts;
	struct json_object *ids, *answer;

	if (json_get_array(asking->body, "ids", &ids) != JSON_FOUND ||
	    !hub_watch_set(parts->rooms, asking->client, ids)) {
		hub_ack_error(asking->client, asking->ack, "invalid");
		return;
	}
	answer = json_new_object();
	json_put_bool(answer, "ok", true);
	json_put(answer, "online",
		 online_of(parts->users, asking->client->user,
			   asking->client->watched));
	hub_ack(asking->client, asking->ack, answer);
}

static void list_clients(const struct asking *asking)
{
	hub_roster_list(asking->events->parts.roster, asking->client,
			asking->ack, asking->body);
}

static bool take_renewal(struct hub_events *events, struct client *client,
			 const struct api_result *result)
{
	return hub_renewal_take(events->parts.delivery, client, result);
}

static const struct event_row rows[] = {
	{"send-message", ask_worker, "send", NULL, true, NULL, false},
	{"send_message", ask_worker, "send", "support", true, NULL, false},
	{"message-received", ask_worker, "pointer", "received", false, NULL,
	 false},
	{"message-read", ask_worker, "pointer", "read", false, NULL, false},
	{"typing", typing, NULL, NULL, false, NULL, false},
	{"typing-stopped", typing_stopped, NULL, NULL, false, NULL, false},
	{"watch-presence", watch_presence, NULL, NULL, false, NULL, false},
	{"list-clients", list_clients, NULL, NULL, false, NULL, false},
	{"renew", ask_worker, "renew", NULL, false, take_renewal, false},
	{"broadcast", ask_worker, "broadcast", NULL, false, NULL, true},
};

static const struct event_row *hub_events_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

/* How long the first of some values with commas between is. */
static size_t first_len(const char *text, size_t len)
{
	struct json_cursor cursor = {text, text + len, SIO_JSON_DEPTH,
				     SIZE_MAX};

	json_grammar_value(&cursor);
	return (size_t)(cursor.at - text);
}

/* The first argument must be an object. */
static bool find_body(const struct hub_event *event, struct asking *asking)
{
	const char *text = event->args;
	size_t len = event->args_len;

	if (len > LIMIT_EVENT)
		return false;
	for (; len > 0 && strchr(" \t\r\n", *text) != NULL; text++)
		len--;
	asking->text = text;
	asking->len = first_len(text, len);
	return len > 0 && *text == '{';
}

/* Workers read it themselves. */
static bool read_body(struct asking *asking)
{
	static const struct json_bounds bounds = {LIMIT_JSON_DEPTH,
						  LIMIT_JSON_VALUES};

	return asking->row->command != NULL ||
	       json_parse(asking->text, asking->len, bounds, &asking->body) ==
		       JSON_OK;
}

static int64_t cost_of(const struct hub_base *base, size_t bytes)
{
	int64_t cost = 1 + (int64_t)(bytes / EVENT_BYTES);

	return cost < base->config.socket_burst ? cost
						: base->config.socket_burst;
}

bool hub_events_admit(const struct hub_events *events, struct client *client,
		      size_t bytes, int64_t ack)
{
	struct hub_base *base = events->parts.base;
	int64_t cost = cost_of(base, bytes);

	if (client->state != CLIENT_READY)
		return false;
	client->active_ms = hub_base_wall_ms(base);
	if (!bucket_take(&client->bucket, cost, base->config.socket_rate,
			 base->config.socket_burst, hub_base_mono_ms(base))) {
		base->stats.rate_limited++;
		hub_ack_error_after(client, ack, "rate_limited",
				    hub_ack_seconds(bucket_wait_ms(
					    &client->bucket, cost,
					    base->config.socket_rate)));
		return false;
	}
	if (bytes > LIMIT_EVENT + HEAD_MAX) {
		hub_ack_error(client, ack, "invalid");
		return false;
	}
	return true;
}

void hub_events_take(struct hub_events *events, struct client *client,
		     const struct hub_event *event)
{
	struct asking asking = {
		.events = events,
		.client = client,
		.row = hub_events_find(event->name),
		.ack = event->ack,
	};

	if (client->state != CLIENT_READY)
		return;
	events->parts.base->stats.events_in++;
	client_ref(client);
	if (asking.row == NULL)
		hub_ack_error(client, event->ack, "unknown_event");
	else if (!find_body(event, &asking) || !read_body(&asking))
		hub_ack_error(client, event->ack, "invalid");
	else
		asking.row->handle(&asking);
	client_unref(client);
	json_free(asking.body);
}
