/* A client's way in and out: token, session, rooms, expiry. */
#include "hub_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "hub_log.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"

/* Nobody waits for an acknowledgement: a worker may take this long to come
 * back before a client is turned away. */
#define SESSION_DEADLINE_MS 8000
/* Those turned away come back about a second after they were dropped, each by
 * itself: not all in the same one. */
#define DROP_SPREAD_MS 3000

static const struct json_bounds auth_bounds = {4, LIMIT_JSON_VALUES};
#define TOKEN_MAX 4096 /* bytes; ours have 300 */
#define AGENT_MAX 256

/* data is taken. */
static void refuse(struct client *client, const char *message, const char *code,
		   struct json_object *data)
{
	json_put_string(data, "code", code);
	client->hub->stats.sessions_refused++;
	hub_log_client("refused", client, code);
	client->state = CLIENT_GONE;
	client->ops->refuse(client, message, json_print(data, NULL));
	json_free(data);
	client_unref(client);
}

/* The words by which the old clients know a token that is no good. */
static void refuse_token(struct client *client, const char *code)
{
	refuse(client, "Unauthorized", code, json_new_object());
}

/* In vain before those of his whose connection is lost have been noticed. */
static void refuse_surplus(struct client *client)
{
	struct json_object *data = json_new_object();

	json_put_int(data, "retryAfter",
		     client->hub->config.lost_ms / 1000 + 1);
	refuse(client, "Too many sockets", "too_many_sockets", data);
}

/* Nobody could look at its token. A CONNECT_ERROR would be the last word to an
 * official client; from a lost connection it comes back by itself. */
static void turn_away(struct client *client)
{
	struct hub *hub = client->hub;
	uint32_t random;

	hub->config.random(&random, sizeof(random));
	client->drop_at = hub->config.mono_ms() + random % DROP_SPREAD_MS;
	client->state = CLIENT_TURNED_AWAY;
	TAILQ_INSERT_TAIL(&hub->turned_away, client, link);
	hub->stats.turned_away++;
	hub_log_client("turned away", client, NULL);
}

void hub_drop_due(struct hub *hub)
{
	int64_t now_ms = hub->config.mono_ms();
	struct client *client, *next;

	for (client = TAILQ_FIRST(&hub->turned_away); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		if (client->drop_at > now_ms)
			continue;
		client->drop_at = INT64_MAX; /* until it is gone */
		client->ops->drop(client);
	}
}

static void join_rooms(struct hub *hub, struct client *client,
		       const struct json_object *head)
{
	struct json_object *rooms;
	char own[HUB_ROOM_SIZE];

	snprintf(own, sizeof(own), "u:%s", client->user->id);
	sio_room_join(hub->rooms, own, &client->member);
	if (json_get_array(head, "rooms", &rooms) != JSON_FOUND)
		return;
	for (size_t i = 0; i < json_length(rooms); i++) {
		const char *room = json_text_of(json_at(rooms, i));

		if (room != NULL && room[0] != '\0')
			sio_room_join(hub->rooms, room, &client->member);
	}
}

static void add_contacts(struct hub *hub, const struct user *user,
			 const struct json_object *head)
{
	struct json_object *contacts;

	if (json_get_array(head, "contacts", &contacts) != JSON_FOUND)
		return;
	for (size_t i = 0; i < json_length(contacts); i++) {
		const char *id = json_text_of(json_at(contacts, i));

		if (id != NULL && id_valid(id))
			hub_contact(hub, user->id, id);
	}
}

/* What a session answer must have. */
struct session {
	struct json_object *user;
	const char *user_id, *session_id;
	int64_t expires_ms, as_of_ms;
};

static bool read_session(const struct json_object *head,
			 struct session *session)
{
	return json_get_object(head, "user", &session->user) == JSON_FOUND &&
	       json_get_string(session->user, "_id", &session->user_id) ==
		       JSON_FOUND &&
	       id_valid(session->user_id) &&
	       json_get_string(head, "sessionId", &session->session_id) ==
		       JSON_FOUND &&
	       json_get_int(head, "expiresAt", &session->expires_ms) ==
		       JSON_FOUND &&
	       json_get_int(head, "asOf", &session->as_of_ms) == JSON_FOUND;
}

static bool has_all_sockets(const struct hub *hub, const char *user_id)
{
	const struct user *user = map_get(&hub->users, user_id);

	return user != NULL &&
	       (int64_t)user->person.sockets >= hub->config.user_sockets;
}

static void welcome(struct client *client, const struct json_object *head,
		    const struct session *session)
{
	struct hub *hub = client->hub;
	struct user *user = hub_user(hub, session->user_id);
	const char *status_text = "";

	client->user = user;
	client->session_id = xstrdup(session->session_id);
	client->expires_ms = session->expires_ms;
	client->state = CLIENT_READY;
	hub->stats.clients++;
	TAILQ_INSERT_TAIL(&hub->clients, client, link);
	/* Its end may have been missed while it was looked up. */
	if (client->session_round != hub->sessions.round)
		hub_session_check(hub, client);
	TAILQ_INSERT_TAIL(&user->clients, client, of_user);
	json_get_string(session->user, "statusText", &status_text);
	hub_user_status(user, status_text);
	join_rooms(hub, client, head);
	add_contacts(hub, user, head);
	client->ops->accept(client);
	hub_log_client("connected", client, NULL);
	hub_presence_up(hub, client);
	hub_replay(hub, client, session->as_of_ms);
}

static void session_answered(const struct api_result *result, void *user)
{
	struct client *client = user;
	struct session session;

	if (client->state != CLIENT_CONNECTING)
		; /* went meanwhile */
	else if (!result->ok && strcmp(result->code, "unavailable") != 0)
		refuse_token(client, result->code);
	else if (!result->ok || !read_session(result->head, &session))
		turn_away(client);
	else if (has_all_sockets(client->hub, session.user_id))
		refuse_surplus(client);
	else
		welcome(client, result->head, &session);
	client_unref(client);
}

static void ask_session(struct client *client, const char *token,
			const struct hub_hello *hello)
{
	struct hub *hub = client->hub;
	struct json_object *head = json_new_object();
	struct json_object *payload = json_new_object();
	char *agent = xstrndup(hello->agent, AGENT_MAX);
	char key[ID_SIZE];
	struct api_command command = {
		.deadline_ms = hub->config.mono_ms() + SESSION_DEADLINE_MS,
		.reply = session_answered,
		.user = client_ref(client),
	};

	json_put_string(head, "command", "session");
	json_put_string(head, "requestId", client->name);
	json_put_string(head, "address", hello->address);
	json_put_string(head, "agent", agent);
	json_put_string(payload, "token", token);
	command.payload = json_print(payload, &command.payload_len);
	/* Whose token it is nobody knows yet: any connection will do. */
	id_new(0, hub->config.random, key);
	hub_call(hub, &command, head, key);
	json_free(payload);
	free(agent);
}

void hub_client_connect(struct hub *hub, struct client *client,
			const struct hub_hello *hello)
{
	struct json_object *auth = NULL;
	const char *token = hello->query_token;

	client->hub = hub;
	client->refs = 1;
	client->state = CLIENT_CONNECTING;
	client->session_round = hub->sessions.round;
	sio_member_init(&client->member, client);
	bucket_init(&client->bucket, hub->config.socket_burst,
		    hub->config.mono_ms());
	typing_owner_init(&client->typing);
	presence_queue_init(&client->presence);
	hub_log_name(client, hello->request_id);

	if (json_parse(hello->auth, hello->auth_len, auth_bounds, &auth) ==
	    JSON_OK)
		json_get_string(auth, "token", &token);
	if (token[0] == '\0' || strlen(token) > TOKEN_MAX)
		refuse_token(client, "unauthorized");
	else
		ask_session(client, token, hello);
	json_free(auth);
}

static void leave(struct hub *hub, struct client *client, const char *reason)
{
	hub_log_gone(client, reason);
	typing_owner_gone(hub->typing, &client->typing);
	sio_room_leave_all(hub->rooms, &client->member);
	hub_presence_unqueue(hub, client);
	TAILQ_REMOVE(&hub->clients, client, link);
	TAILQ_REMOVE(&client->user->clients, client, of_user);
	hub->stats.clients--;
	hub_presence_down(hub, client);
	client->user = NULL;
}

void hub_client_gone(struct hub *hub, struct client *client, const char *reason)
{
	enum client_state state = client->state;

	assert(state != CLIENT_GONE);
	client->state = CLIENT_GONE;
	if (state == CLIENT_TURNED_AWAY)
		TAILQ_REMOVE(&hub->turned_away, client, link);
	else if (state != CLIENT_CONNECTING)
		leave(hub, client, reason);
	presence_queue_done(&client->presence);
	free(client->session_id);
	client->session_id = NULL;
	json_free(client->watched);
	client->watched = NULL;
	client_unref(client);
}

static void end_client(struct client *client, const char *reason)
{
	struct json_object *body;

	if (client->state != CLIENT_READY)
		return;
	body = json_new_object();
	json_put_string(body, "reason", reason);
	client_ref(client);
	hub_send_event(client, "session-expired", body);
	if (client->state == CLIENT_READY) {
		client->state = CLIENT_CLOSING;
		client->told_to_go = "session_ended";
		client->ops->close(client);
	}
	client_unref(client);
}

static bool ends(const char *session_id, const char *sid, const char *except)
{
	return (sid == NULL || strcmp(session_id, sid) == 0) &&
	       (except == NULL || strcmp(session_id, except) != 0);
}

void hub_end_sessions(struct hub *hub, const struct hub_ending *ending)
{
	struct user *user = map_get(&hub->users, ending->user_id);
	struct client *client, *next;

	if (user == NULL)
		return;
	for (client = TAILQ_FIRST(&user->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, of_user);
		if (ends(client->session_id, ending->sid, ending->except))
			end_client(client, ending->reason);
	}
}

void hub_expire_sessions(struct hub *hub)
{
	int64_t wall_ms = hub->config.wall_ms();
	struct client *client, *next;

	for (client = TAILQ_FIRST(&hub->clients); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		if (client->expires_ms <= wall_ms)
			end_client(client, "expired");
	}
}

/* ---- another token for a socket that stays ---- */

struct renewal {
	const char *user_id, *session_id;
	bool revoked;
};

static void look_for_end(const struct delivery *delivery, void *user)
{
	struct renewal *renewal = user;

	if (delivery->kind == NOTIFY_REVOKE &&
	    strcmp(delivery->user, renewal->user_id) == 0 &&
	    ends(renewal->session_id, delivery->sid, delivery->except))
		renewal->revoked = true;
}

bool hub_renew(struct client *client, const struct json_object *head)
{
	struct renewal renewal = {.user_id = client->user->id};
	int64_t expires_ms, as_of_ms;

	if (json_get_string(head, "sessionId", &renewal.session_id) !=
		    JSON_FOUND ||
	    json_get_int(head, "expiresAt", &expires_ms) != JSON_FOUND ||
	    json_get_int(head, "asOf", &as_of_ms) != JSON_FOUND ||
	    !ring_replay(client->hub->ring, as_of_ms, look_for_end, &renewal) ||
	    renewal.revoked)
		return false;
	free(client->session_id);
	client->session_id = xstrdup(renewal.session_id);
	client->expires_ms = expires_ms;
	return true;
}
