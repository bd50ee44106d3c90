#include "hub_admission.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub_base.h"
#include "hub_clients.h"
#include "hub_delivery.h"
#include "hub_log.h"
#include "hub_presence.h"
#include "hub_recovery.h"
#include "hub_rooms.h"
#include "hub_session.h"
#include "hub_session_check.h"
#include "hub_sync.h"
#include "hub_typing.h"
#include "hub_users.h"
#include "hub_watch.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "palabre_limits.h"
#include "refusals.h"
#include "room.h"

/* Nobody waits for an acknowledgement: a worker may take this long to come
 * back before a client is turned away. */
#define SESSION_DEADLINE_MS 8000
/* Those turned away come back about a second after they were dropped, each by
 * itself: not all in the same one. */
#define DROP_SPREAD_MS 3000
#define TOKEN_MAX 4096 /* bytes; ours have 300 */
#define AGENT_MAX 256

static const struct json_bounds auth_bounds = {4, LIMIT_JSON_VALUES};

struct hub_admission {
	struct hub_admission_parts parts;
	struct client_list turned_away;
};

struct hub_admission *hub_admission_new(const struct hub_admission_parts *parts)
{
	struct hub_admission *admission = xcalloc(1, sizeof(*admission));

	admission->parts = *parts;
	TAILQ_INIT(&admission->turned_away);
	return admission;
}

void hub_admission_free(struct hub_admission *admission)
{
	if (admission == NULL)
		return;
	assert(TAILQ_EMPTY(&admission->turned_away));
	free(admission);
}

/* ---- not let in ---- */

/* data is taken. */
static void hub_admission_refuse(struct client *client, const char *message,
				 const char *code, struct json_object *data)
{
	json_put_string(data, "code", code);
	client->base->stats.sessions_refused++;
	hub_log_client("refused", client, code);
	client->state = CLIENT_GONE;
	client->ops->refuse(client, message, json_print(data, NULL));
	json_free(data);
	client_unref(client);
}

/* The words by which the old clients know a token that is no good. */
static void refuse_token(struct client *client, const char *code)
{
	hub_admission_refuse(client, "Unauthorized", code, json_new_object());
}

/* A guest who cannot come as they wish: why, in words for people. */
static void refuse_guest(struct client *client, const struct api_result *result)
{
	const char *words = refusal_words(result->code), *field;
	struct json_object *data = json_new_object();
	int64_t retry_s;

	json_get_string(result->head, "message", &words);
	if (json_get_string(result->head, "field", &field) == JSON_FOUND)
		json_put_string(data, "field", field);
	if (json_get_int(result->head, "retryAfter", &retry_s) == JSON_FOUND)
		json_put_int(data, "retryAfter", retry_s);
	hub_admission_refuse(client, words, result->code, data);
}

/* In vain before those of the user's whose connection is lost have been
 * noticed. */
static void refuse_surplus(struct client *client)
{
	const struct refusal_row *row = refusal_row(REFUSAL_TOO_MANY_SOCKETS);
	struct json_object *data = json_new_object();

	json_put_int(data, "retryAfter",
		     client->base->config.lost_ms / 1000 + 1);
	hub_admission_refuse(client, row->words, row->code, data);
}

/* Nobody could look at its token, or what came meanwhile is not known any more:
 * its rooms may be others, its session over. A CONNECT_ERROR would be the last
 * word to an official client; from a lost connection it comes back by itself.
 */
static void turn_away(struct hub_admission *admission, struct client *client)
{
	struct hub_base *base = admission->parts.base;
	uint32_t random;

	base->config.random(&random, sizeof(random));
	client->drop_at = hub_base_mono_ms(base) + random % DROP_SPREAD_MS;
	client->state = CLIENT_TURNED_AWAY;
	TAILQ_INSERT_TAIL(&admission->turned_away, client, link);
	base->stats.turned_away++;
	hub_log_client("turned away", client, NULL);
}

void hub_admission_tick(struct hub_admission *admission)
{
	int64_t now_ms = hub_base_mono_ms(admission->parts.base);
	struct client *client, *next;

	for (client = TAILQ_FIRST(&admission->turned_away); client != NULL;
	     client = next) {
		next = TAILQ_NEXT(client, link);
		if (client->drop_at > now_ms)
			continue;
		client->drop_at = INT64_MAX; /* until it is gone */
		client->ops->drop(client);
	}
}

/* ---- let in ---- */

static void join_rooms(struct hub_rooms *rooms, struct client *client,
		       const struct json_object *head)
{
	struct json_object *names;
	char own[ROOM_SIZE];

	room_of_user(client->user->id, own);
	hub_rooms_join(rooms, own, client);
	if (json_get_array(head, "rooms", &names) != JSON_FOUND)
		return;
	for (size_t i = 0; i < json_length(names); i++) {
		const char *name = json_text_of(json_at(names, i));

		if (name != NULL && name[0] != '\0')
			hub_rooms_join(rooms, name, client);
	}
}

static void hub_admission_add_contacts(struct hub_users *users,
				       const struct user *user,
				       const struct json_object *head)
{
	struct json_object *contacts;

	if (json_get_array(head, "contacts", &contacts) != JSON_FOUND)
		return;
	for (size_t i = 0; i < json_length(contacts); i++) {
		const char *id = json_text_of(json_at(contacts, i));

		if (id == NULL || !id_valid(id))
			continue;
		hub_users_add_contact(users, user->id, id);
		hub_users_add_contact(users, id, user->id);
	}
}

static void hide_others(struct hub_users *users, struct user *user,
			const struct json_object *head)
{
	struct json_object *hidden = NULL;

	hub_users_hide_none(user);
	json_get_array(head, "hidden", &hidden);
	for (size_t i = 0; i < json_length(hidden); i++) {
		const char *id = json_text_of(json_at(hidden, i));

		if (id != NULL && id_valid(id))
			hub_users_hide(users, user->id, id, true);
	}
}

static bool has_all_sockets(const struct hub_admission *admission,
			    const char *user_id)
{
	const struct hub_admission_parts *parts = &admission->parts;
	const struct user *user = hub_users_find(parts->users, user_id);

	return user != NULL && (int64_t)user->person.sockets >=
				       parts->base->config.user_sockets;
}

/* What came since a worker was asked for its session; where that is not known,
 * it has to fetch, and where a REVOKE may be among it, its session is asked for
 * again. */
static void catch_up(struct hub_admission *admission, struct client *client,
		     int64_t sent_ms)
{
	struct hub_delivery *delivery = admission->parts.delivery;

	client_ref(client);
	if (!hub_delivery_replay(delivery, client, sent_ms) &&
	    client->state == CLIENT_READY) {
		if (!hub_delivery_knows_moves(delivery, sent_ms))
			hub_session_check_one(admission->parts.check, client);
		hub_sync_client(admission->parts.sync, client);
	}
	client_unref(client);
}

/* What the server shows of itself: with an operator it is there, and lines have
 * a banner. */
static void take_server(const struct hub_admission_parts *parts,
			struct client *client,
			const struct hub_session *session,
			struct json_object *server)
{
	const char *text = "";

	json_get_string(server, "statusText", &text);
	if (strcmp(session->role, "operator") == 0)
		hub_users_set_status(hub_users_get(parts->users, ID_SERVER),
				     text);
	if (hub_rooms_has(parts->rooms, ROOM_LINE, client))
		client_send_event(client, "server", json_ref(server));
}

static void welcome(struct hub_admission *admission, struct client *client,
		    const struct api_result *result,
		    const struct hub_session *session)
{
	const struct hub_admission_parts *parts = &admission->parts;
	const struct json_object *head = result->head;
	struct user *user = hub_users_get(parts->users, session->user_id);
	struct json_object *server, *lobby;

	client_ref(client);
	hub_recovery_begin(parts->recovery, session->as_of);
	hub_session_give(session, client, user);
	hub_clients_add(parts->clients, client);
	hub_session_check_add(parts->check, client);
	join_rooms(parts->rooms, client, head);
	hub_admission_add_contacts(parts->users, user, head);
	hide_others(parts->users, user, head);
	client->ops->accept(client);
	hub_log_client("connected", client, NULL);
	if (json_get_object(head, "server", &server) == JSON_FOUND)
		take_server(parts, client, session, server);
	if (session->token != NULL)
		hub_session_tell(session, client);
	if (json_get_object(head, "lobby", &lobby) == JSON_FOUND)
		client_send_event(client, "lobby", json_ref(lobby));
	hub_presence_up(parts->presence, client);
	if (client->state == CLIENT_READY)
		catch_up(admission, client, result->sent_ms);
	client_unref(client);
}

struct looking {
	struct hub_admission *admission;
	struct client *client;
	bool guest;
};

static bool nobody_looked(const struct api_result *result)
{
	return result->head == NULL || strcmp(result->code, "unavailable") == 0;
}

/* What came meanwhile, but for events, which can be fetched. A guest would be
 * another one if they came again. */
static bool is_forgotten(const struct looking *looking,
			 const struct api_result *result)
{
	return !looking->guest &&
	       !hub_delivery_knows_moves(looking->admission->parts.delivery,
					 result->sent_ms);
}

static void hub_admission_answered(const struct api_result *result, void *user)
{
	struct looking *looking = user;
	struct hub_admission *admission = looking->admission;
	struct client *client = looking->client;
	struct hub_session session;

	if (client->state != CLIENT_CONNECTING)
		; /* went meanwhile */
	else if (!result->ok && !nobody_looked(result) && looking->guest)
		refuse_guest(client, result);
	else if (!result->ok && !nobody_looked(result))
		refuse_token(client, result->code);
	else if (!result->ok || !hub_session_read(&session, result->head) ||
		 is_forgotten(looking, result))
		turn_away(admission, client);
	else if (has_all_sockets(admission, session.user_id))
		refuse_surplus(client);
	else
		welcome(admission, client, result, &session);
	client_unref(client);
	free(looking);
}

/* A command of the workers', whose answer lets the client in. */
static void ask_to_let_in(struct hub_admission *admission,
			  struct client *client, const char *name,
			  struct json_object *payload,
			  const struct hub_hello *hello)
{
	const struct hub_base *base = admission->parts.base;
	struct json_text head;
	char *agent = xstrndup(hello->agent, AGENT_MAX);
	struct looking *looking = xcalloc(1, sizeof(*looking));
	char key[ID_SIZE];
	bool guest = strcmp(name, "guest") == 0;
	struct api_command command = {
		.reads = !guest,
		.deadline_ms = hub_base_mono_ms(base) + SESSION_DEADLINE_MS,
		.reply = hub_admission_answered,
		.user = looking,
	};

	*looking = (struct looking){admission, client_ref(client), guest};
	/* Whose token it is nobody knows yet: any connection will do. */
	id_new(hub_base_wall_ms(base), base->config.random, key);
	hub_base_begin(&head, name);
	if (looking->guest) /* asking again makes no second one */
		json_text_word(&head, "sessionId", key);
	if (hello->line) {
		json_text_bool(&head, "line", true);
		json_text_bool(&head, "again", hello->again);
	}
	json_text_word(&head, "requestId", client->name);
	json_text_string(&head, "address", hello->address);
	json_text_string(&head, "agent", agent);
	command.payload = json_print(payload, &command.payload_len);
	hub_base_call(base, &command, &head, key);
	free(agent);
}

static void ask_session(struct hub_admission *admission, struct client *client,
			const char *token, const struct hub_hello *hello)
{
	struct json_object *payload = json_new_object();

	json_put_string(payload, "token", token);
	ask_to_let_in(admission, client, "session", payload, hello);
	json_free(payload);
}

void hub_admission_connect(struct hub_admission *admission,
			   struct client *client, const struct hub_hello *hello)
{
	struct hub_base *base = admission->parts.base;
	struct json_object *auth = NULL;
	const char *token = hello->query_token, *name = "";

	client->base = base;
	client->address = xstrdup(hello->address);
	client->refs = 1;
	client->state = CLIENT_CONNECTING;
	hub_session_check_begin(admission->parts.check, client);
	sio_member_init(&client->member, client);
	bucket_init(&client->bucket, base->config.socket_burst,
		    hub_base_mono_ms(base));
	typing_owner_init(&client->typing);
	presence_queue_init(&client->presence);
	hub_log_name(client, hello->request_id);

	if (json_parse(hello->auth, hello->auth_len, auth_bounds, &auth) ==
	    JSON_OK)
		json_get_string(auth, "token", &token);
	json_get_string(auth, "username", &name);
	if (token[0] == '\0' && name[0] != '\0')
		ask_to_let_in(admission, client, "guest", auth, hello);
	else if (token[0] == '\0' || strlen(token) > TOKEN_MAX)
		refuse_token(client, "unauthorized");
	else
		ask_session(admission, client, token, hello);
	json_free(auth);
}

/* ---- going ---- */

static void take_out(struct hub_admission *admission, struct client *client,
		     const char *reason)
{
	const struct hub_admission_parts *parts = &admission->parts;

	hub_log_gone(client, reason);
	hub_typing_gone(parts->typing, client);
	hub_rooms_leave_all(parts->rooms, client);
	hub_session_check_remove(parts->check, client);
	hub_clients_remove(parts->clients, client);
	TAILQ_REMOVE(&client->user->clients, client, of_user);
	hub_presence_down(parts->presence, client);
	client->user = NULL;
}

/* Nobody is told of it in here: the next tick does that, so that whoever sends
 * may lose clients by it without being called anew. */
void hub_admission_leave(struct hub_admission *admission, struct client *client,
			 const char *reason)
{
	enum client_state state = client->state;

	assert(state != CLIENT_GONE);
	client->state = CLIENT_GONE;
	if (state == CLIENT_TURNED_AWAY)
		TAILQ_REMOVE(&admission->turned_away, client, link);
	else if (state != CLIENT_CONNECTING)
		take_out(admission, client, reason);
	presence_queue_done(&client->presence);
	free(client->session_id);
	client->session_id = NULL;
	hub_watch_done(client);
	client_unref(client);
}
