#include "rt_session.h"

#include <stdlib.h>
#include <string.h>

#include "address_block.h"
#include "app.h"
#include "auth.h"
#include "crypt.h"
#include "guest.h"
#include "json.h"
#include "json_text.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "room.h"
#include "rt_call.h"
#include "rt_commands.h"
#include "session_answer.h"
#include "store.h"
#include "token.h"
#include "user_view.h"
#include "view.h"

/* ---- who they are, and where they are in ---- */

static void rt_session_add_room(const char *id, void *context)
{
	char room[ROOM_SIZE];

	room_of_conversation(id, room);
	json_push(context, json_new_string(room));
}

static void add_id(const char *id, void *context)
{
	json_push(context, json_new_string(id));
}

static bool is_line(const struct rt_work *work)
{
	bool line = false;

	json_flat_bool(&work->command->head, "line", &line);
	return line;
}

static enum store_status put_rooms(struct app *app, struct rt_work *work)
{
	struct json_object *rooms = json_new_array();
	struct json_object *contacts = json_new_array();
	struct json_object *hidden = json_new_array();
	char own[ROOM_SIZE];

	room_of_user(work->user.id, own);
	json_push(rooms, json_new_string(own));
	if (work->user.role == ROLE_OPERATOR)
		json_push(rooms, json_new_string(ROOM_OPERATOR));
	if (app->options->lobby)
		json_push(rooms, json_new_string(ROOM_LOBBY));
	if (is_line(work))
		json_push(rooms, json_new_string(ROOM_LINE));
	json_put(rt_work_head(work), "rooms", rooms);
	json_put(rt_work_head(work), "contacts", contacts);
	json_put(rt_work_head(work), "hidden", hidden);

	const struct store_viewer viewer = store_viewer_of(&work->user);
	enum store_status status =
		store_rooms(app->store, &viewer, rt_session_add_room, rooms);

	if (status == STORE_OK)
		status = store_contacts(app->store, &viewer, LIMIT_CONTACTS,
					add_id, contacts);
	return status != STORE_OK ? status
				  : store_hidden(app->store, &viewer,
						 LIMIT_HIDDEN, add_id, hidden);
}

static void put_session(struct rt_work *work,
			const struct store_session *session)
{
	json_put_string(rt_work_head(work), "sessionId", session->id);
	json_put_int(rt_work_head(work), "expiresAt", session->expires_at);
	work->expires_at = session->expires_at;
}

/* Whose token it is; fills head with what pushd has to know of its session. */
static bool take_token(struct app *app, struct rt_work *work)
{
	const char *token = NULL;
	struct token_claims claims;
	struct store_session session;

	if (json_get_string(work->command->payload, "token", &token) !=
	    JSON_FOUND) {
		work->code = refusal_row(auth_refusal(AUTH_UNAUTHORIZED))->code;
		return false;
	}
	enum auth_status auth = auth_token(app, token, work->now_ms, &claims);

	if (auth == AUTH_OK)
		auth = auth_session(app, &claims, work->now_ms, &session,
				    &work->user);
	if (auth == AUTH_OK &&
	    !auth_roll_on(app, &work->user, &session, work->now_ms)) {
		store_session_done(&session);
		auth = AUTH_UNAVAILABLE;
	}
	if (auth != AUTH_OK) {
		work->code = refusal_row(auth_refusal(auth))->code;
		return false;
	}
	put_session(work, &session);
	store_session_done(&session);
	return true;
}

/* ---- session ---- */

/* ---- what a client in the lobby sees of it at once ---- */

#define LOBBY_SHOWN 50
#define LOBBY_BYTES (64 * 1024) /* and no more, but for the newest one */

/* Each message where it begins, so that the oldest can be left out. */
struct lobby_shown {
	struct json_text text;
	size_t at[LOBBY_SHOWN], count;
};

static bool show_message(const struct store_message *message, void *context)
{
	struct lobby_shown *shown = context;

	shown->at[shown->count++] = shown->text.buf.len;
	view_message_write(&shown->text, NULL, message, NULL);
	return shown->count < LOBBY_SHOWN;
}

/* Its newest messages, from the first one on that fits with all behind it. */
static void put_shown(struct rt_work *work, struct lobby_shown *shown)
{
	struct json_object *lobby = json_new_object();
	const struct buf *buf = &shown->text.buf;
	struct json_text items;
	size_t first = 0;

	while (first + 1 < shown->count &&
	       buf->len - shown->at[first] > LOBBY_BYTES)
		first++;
	json_text_init(&items);
	json_text_start(&items, '[');
	for (; first < shown->count; first++) {
		size_t end = first + 1 < shown->count ? shown->at[first + 1]
						      : buf->len;
		size_t begun = shown->at[first];

		/* A comma that stood before it is written anew. */
		begun += buf->data[begun] == ',';
		json_text_bytes(&items, NULL, buf->data + begun, end - begun);
	}
	json_text_close(&items, ']');
	json_put_string(lobby, "conversationId", ID_LOBBY);
	json_put(lobby, "items", json_text_take(&items));
	json_put(rt_work_head(work), "lobby", lobby);
}

static enum store_status put_lobby(struct app *app, struct rt_work *work)
{
	const struct store_viewer viewer = store_viewer_of(&work->user);
	struct store_conversation conversation;
	struct lobby_shown shown = {.count = 0};
	enum store_status status = store_conversation_get(
		app->store, &viewer, ID_LOBBY, &conversation);

	json_text_init(&shown.text);
	if (status == STORE_OK) {
		const struct store_range newest = {conversation.last_seq -
							   LOBBY_SHOWN + 1,
						   conversation.last_seq};

		status = store_messages(app->store, &viewer, ID_LOBBY, &newest,
					show_message, &shown);
		store_conversation_done(&conversation);
	}
	put_shown(work, &shown);
	json_text_done(&shown.text);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* ---- what a line is told of the server, and what is said of it to all once
 * an operator is there ---- */

static enum store_status put_server(struct app *app, struct rt_work *work)
{
	struct json_object *server = json_new_object();
	struct store_user user;
	enum store_status status = store_user_get(app->store, ID_SERVER, &user);

	if (status == STORE_OK) {
		json_put_string(server, "displayName", user.display_name);
		json_put_string(server, "statusText", user.status_text);
		json_put_string(server, "avatar", user.avatar);
	}
	json_put(rt_work_head(work), "server", server);
	store_user_done(&user);
	return status;
}

/* All that pushd has to know of them, but for the session. */
static void describe_user(struct app *app, struct rt_work *work)
{
	char epoch[ID_SIZE], as_of[ID_SIZE];
	enum store_status status;

	/* Before their rooms are read: what was written up to there is nothing
	 * that their client could miss. */
	status = store_position(app->store, work->now_ms, as_of);
	if (status == STORE_OK) {
		json_put_string(rt_work_head(work), "asOf", as_of);
		status = store_epoch(app->store, epoch);
	}
	json_put(rt_work_head(work), "user", user_view(&work->user, true));
	json_put_bool(rt_work_head(work), "hidesLastSeen",
		      work->user.hides_last_seen);
	json_put_bool(rt_work_head(work), "hidesReceipts",
		      work->user.hides_receipts);
	json_put_string(rt_work_head(work), "role",
			store_role_name(work->user.role));

	if (status == STORE_OK) {
		json_put_string(rt_work_head(work), "epoch", epoch);
		status = put_rooms(app, work);
	}
	if (status == STORE_OK && app->options->lobby)
		status = put_lobby(app, work);
	if (status == STORE_OK &&
	    (is_line(work) || work->user.role == ROLE_OPERATOR))
		status = put_server(app, work);
	work->code = rt_commands_code(status);
}

/* Whether a client of that address may come in; operators always. */
static bool may_enter(struct app *app, struct rt_work *work)
{
	const char *address = "";

	json_flat_string(&work->command->head, "address", &address);
	if (work->user.role != ROLE_OPERATOR &&
	    address_block_has(app, address, true, work->now_ms))
		work->code = refusal_row(REFUSAL_BLOCKED)->code;
	return work->code == NULL;
}

void rt_session_run(struct app *app, struct rt_work *work)
{
	if (take_token(app, work) && may_enter(app, work))
		describe_user(app, work);
}

/* ---- renew ---- */

/* Another token for an open socket. It stays in its rooms, so it has to be of
 * the same user. */
void rt_renew_run(struct app *app, struct rt_work *work)
{
	const char *user_id = "";

	if (json_flat_string(&work->command->head, "userId", &user_id) !=
	    JSON_FOUND)
		work->code = "invalid";
	else if (take_token(app, work) && strcmp(work->user.id, user_id) != 0)
		work->code = rt_commands_code(STORE_FORBIDDEN);
}

void rt_renew_acknowledge(struct app *app, struct rt_work *work,
			  struct json_text *ack)
{
	(void)app;
	json_text_time(ack, "expiresAt", work->expires_at);
}

/* ---- guest ---- */

/* The head is pushd's: where it lacks what it has to have, nothing is meant. */
static bool read_guest_head(struct rt_work *work, struct session_origin *from,
			    const char **session_id)
{
	const struct json_flat *head = &work->command->head;

	*from = (struct session_origin){.now_ms = work->now_ms};
	json_flat_bool(head, "line", &from->line);
	if (json_flat_string(head, "address", &from->address) == JSON_FOUND &&
	    json_flat_string(head, "agent", &from->agent) == JSON_FOUND &&
	    json_flat_string(head, "sessionId", session_id) == JSON_FOUND &&
	    id_valid(*session_id))
		return true;
	work->code = "invalid";
	return false;
}

static void refuse_guest(struct rt_work *work, const struct guest_refusal *why)
{
	if (why->status != STORE_OK) {
		work->code = rt_commands_code(why->status);
		return;
	}
	work->code = refusal_row(why->refusal)->code;
	work->field = why->field;
	work->message = why->words != NULL ? why->words
					   : refusal_row(why->refusal)->words;
	work->retry_s = why->retry_s;
}

static void put_token(struct app *app, struct rt_work *work,
		      const struct store_session *session)
{
	char *token = session_token(app, session, work->now_ms);

	json_put_string(rt_work_head(work), "token", token);
	crypt_wipe(token, strlen(token));
	free(token);
}

/* They give a name that they may have had before. */
static bool is_expected(const struct rt_work *work)
{
	bool again = false;

	json_flat_bool(&work->command->head, "again", &again);
	return again;
}

void rt_guest_run(struct app *app, struct rt_work *work)
{
	struct session_origin from;
	struct store_session session;
	struct guest_refusal why;
	const char *session_id;

	if (!read_guest_head(work, &from, &session_id) || !may_enter(app, work))
		return;
	if (is_expected(work) && guest_come_again(app, work->command->payload,
						  &from, &work->user, &session))
		json_put_bool(rt_work_head(work), "again", true);
	else if (!guest_come(app, work->command->payload, &from, session_id,
			     &work->user, &session, &why)) {
		work->user = (struct store_user){.id = ""};
		refuse_guest(work, &why);
		return;
	}
	put_session(work, &session);
	put_token(app, work, &session);
	store_session_done(&session);
	describe_user(app, work);
}
