#include "rt_commands.h"

#include <string.h>

#include "app.h"
#include "auth.h"
#include "clock.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "message_input.h"
#include "message_write.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "response.h"
#include "rt_broadcast.h"
#include "rt_call.h"
#include "rt_recent.h"
#include "rt_session.h"
#include "user_view.h"
#include "view.h"
#include "write_limit.h"

const char *rt_commands_code(enum store_status status)
{
	if (status == STORE_OK)
		return NULL;
	if (status == STORE_UNAVAILABLE)
		return refusal_row(REFUSAL_UNAVAILABLE)->code;
	return refusal_row(response_store_refusal(status))->code;
}

struct json_object *rt_work_head(struct rt_work *work)
{
	if (work->head == NULL) {
		work->head = json_new_object();
		json_put_bool(work->head, "ok", true);
	}
	return work->head;
}

static void rt_refuse(struct rt_work *work, const struct input_error *error)
{
	work->code = refusal_row(error->refusal)->code;
	work->field = error->field;
	work->message = error->message;
}

/* ---- who commands ---- */

/* The session's row decides, at every command: it may have ended since. */
static bool check_session(struct app *app, struct rt_work *work)
{
	const struct json_flat *head = &work->command->head;
	const char *user_id, *session_id;
	struct store_session session;

	if (json_flat_string(head, "userId", &user_id) != JSON_FOUND ||
	    json_flat_string(head, "sessionId", &session_id) != JSON_FOUND ||
	    !id_valid(user_id) || !id_valid(session_id)) {
		work->code = "invalid";
		return false;
	}
	enum store_status status = store_session_get(
		app->store, session_id, work->now_ms, &session, &work->user);

	if (status != STORE_OK) {
		work->user = (struct store_user){.id = ""};
		work->code = status == STORE_NOT_FOUND
				     ? "session_expired"
				     : rt_commands_code(status);
		return false;
	}
	store_session_done(&session);
	if (strcmp(work->user.id, user_id) != 0 ||
	    !auth_is_welcome(app, &work->user))
		work->code = "session_expired";
	return work->code == NULL;
}

/* The same limit as over REST. */
static bool may_write(struct app *app, struct rt_work *work)
{
	work->retry_s = write_limit_take(app, work->user.id);
	if (work->retry_s > 0)
		work->code = refusal_row(REFUSAL_RATE_LIMITED)->code;
	return work->retry_s == 0;
}

bool rt_commands_admit(struct app *app, struct rt_work *work)
{
	return check_session(app, work) && may_write(app, work);
}

static struct message_author rt_author_of(const struct rt_work *work)
{
	return (struct message_author){
		.user = &work->user,
		.request_id = work->request_id,
		.now_ms = work->now_ms,
	};
}

/* ---- send ---- */

static bool is_kind(const struct rt_work *work, const char *kind)
{
	const char *said = "";

	json_flat_string(&work->command->head, "kind", &said);
	return strcmp(said, kind) == 0;
}

static bool read_send(const struct app *app, const struct rt_work *work,
		      struct send_input *input, struct input_error *error)
{
	const struct json_object *payload = work->command->payload;

	if (is_kind(work, "support"))
		return message_input_support(payload,
					     work->user.role == ROLE_OPERATOR,
					     app->options->lobby, input, error);
	return message_input_send(payload, "to", input, error);
}

static void rt_send_run(struct app *app, struct rt_work *work)
{
	struct send_input input;
	struct input_error error;
	const char *spare = NULL; /* pushd's clientId, where there is none */

	if (!rt_commands_admit(app, work))
		return;
	if (!read_send(app, work, &input, &error)) {
		rt_refuse(work, &error);
		return;
	}
	if (json_flat_string(&work->command->head, "clientId", &spare) ==
		    JSON_FOUND &&
	    input.client_id == NULL && message_input_client_id(spare))
		input.client_id = spare;

	struct message_author author = rt_author_of(work);

	work->code = rt_commands_code(
		message_write_send(app, &author, &input, &work->sent));
}

static void rt_send_announce(struct app *app, struct rt_work *work,
			     struct buf *out)
{
	struct message_author author = rt_author_of(work);

	if (work->sent.duplicate)
		write_limit_give_back(app, work->user.id);
	work->rendered =
		message_write_announce_send(app, &author, &work->sent, out);
}

static void rt_send_acknowledge(struct app *app, struct rt_work *work,
				struct json_text *ack)
{
	const struct store_viewer viewer = store_viewer_of(&work->user);
	const struct store_message *message = &work->sent.message;

	json_text_word(ack, "id", message->id);
	if (!work->sent.duplicate) {
		json_text_copy(ack, "message", work->rendered.at,
			       work->rendered.len);
		return;
	}
	message_write_view(app, &viewer, message, ack, "message",
			   view_message_write);
	json_text_bool(ack, "duplicate", true);
}

/* ---- read marks ---- */

static void rt_mark_run(struct app *app, struct rt_work *work)
{
	struct mark_input input;
	struct input_error error;
	bool read = is_kind(work, "read");

	if (!rt_commands_admit(app, work))
		return;
	if (!read && !is_kind(work, "received")) {
		work->code = "invalid";
		return;
	}
	if (!message_input_mark(work->command->payload, &input, &error)) {
		rt_refuse(work, &error);
		return;
	}
	struct message_author author = rt_author_of(work);

	work->code = rt_commands_code(
		message_write_mark(app, &author, &input, read, &work->marks));
}

static void rt_mark_announce(struct app *app, struct rt_work *work,
			     struct buf *out)
{
	struct message_author author = rt_author_of(work);

	(void)app;
	message_write_announce_marks(&author, &work->marks, out);
}

/* ---- sessions ---- */

static void push_id(const char *id, void *context)
{
	json_push(context, json_new_string(id));
}

/* {userId: [whom they do not see]}, where there is anybody; false: too many to
 * be said here. */
static void put_hidden(struct app *app, struct rt_work *work,
		       const struct store_user *user, size_t *left)
{
	const struct store_viewer viewer = store_viewer_of(user);
	struct json_object *all = NULL, *ids = json_new_array();
	enum store_status status =
		store_hidden(app->store, &viewer, *left + 1, push_id, ids);
	size_t count = json_length(ids);

	json_get_object(rt_work_head(work), "hidden", &all);
	work->code = rt_commands_code(status);
	if (count > 0 && count <= *left) {
		json_put(all, user->id, ids);
		*left -= count;
		return;
	}
	json_free(ids);
	if (count > 0)
		json_put_bool(all, user->id, false);
}

static bool asks_hidden(struct rt_work *work)
{
	bool asks = false;

	json_flat_bool(&work->command->head, "hidden", &asks);
	if (asks)
		json_put(rt_work_head(work), "hidden", json_new_object());
	return asks;
}

/* Which of them are over; and whom the others' users do not see. */
static void rt_sessions_run(struct app *app, struct rt_work *work)
{
	struct json_object *asked =
		json_flat_tree(&work->command->head, "sessions");
	struct json_object *gone = json_new_array();
	bool hidden = asks_hidden(work);
	size_t left = LIMIT_HIDDEN;

	json_put(rt_work_head(work), "gone", gone);
	/* Of a file those who write take turns. */
	json_put_bool(rt_work_head(work), "oneWriter",
		      store_is_file(app->store));
	if (!json_is_array(asked) || json_length(asked) > LIMIT_RT_ITEMS)
		work->code = "invalid";
	for (size_t i = 0; i < json_length(asked) && work->code == NULL; i++) {
		const char *id = "";
		struct store_session session;
		struct store_user user;

		json_get_string(json_at(asked, i), "sessionId", &id);

		enum store_status status = store_session_get(
			app->store, id, work->now_ms, &session, &user);

		if (status == STORE_NOT_FOUND ||
		    (status == STORE_OK && !auth_is_welcome(app, &user)))
			json_push(gone, json_new_string(id));
		else if (status == STORE_OK && hidden)
			put_hidden(app, work, &user, &left);
		else
			work->code = rt_commands_code(status);
		store_session_done(&session);
		store_user_done(&user);
	}
	json_free(asked);
}

/* ---- last-seen ---- */

static void rt_last_seen_run(struct app *app, struct rt_work *work)
{
	struct json_object *users =
		json_flat_tree(&work->command->head, "users");
	struct store_seen *seen = xcalloc(LIMIT_RT_ITEMS, sizeof(*seen));
	size_t count = json_length(users);
	int64_t now_ms = clock_now_ms();

	if (!json_is_array(users) || count > LIMIT_RT_ITEMS)
		work->code = "invalid";
	for (size_t i = 0; i < count && work->code == NULL; i++) {
		const struct json_object *one = json_at(users, i);
		const char *id = "";

		if (json_get_string(one, "userId", &id) != JSON_FOUND ||
		    !id_valid(id) ||
		    json_get_int(one, "at", &seen[i].at) != JSON_FOUND)
			work->code = "invalid";
		else
			memcpy(seen[i].user_id, id, ID_SIZE);
		if (seen[i].at > now_ms) /* noted by a clock that was ahead */
			seen[i].at = now_ms;
	}
	if (work->code == NULL && count > 0)
		work->code = rt_commands_code(
			store_last_seen(app->store, seen, count));
	free(seen);
	json_free(users);
}

/* ---- the table ---- */

static const struct rt_verb verbs[] = {
	{"guest", true, false, rt_guest_run, NULL, NULL},
	{"session", false, false, rt_session_run, NULL, NULL},
	{"renew", false, true, rt_renew_run, NULL, rt_renew_acknowledge},
	{"send", true, true, rt_send_run, rt_send_announce,
	 rt_send_acknowledge},
	{"pointer", true, true, rt_mark_run, rt_mark_announce, NULL},
	{"broadcast", true, true, rt_broadcast_run, rt_broadcast_announce,
	 NULL},
	{"sessions", false, false, rt_sessions_run, NULL, NULL},
	{"last-seen", true, false, rt_last_seen_run, NULL, NULL},
	{"recent", false, false, rt_recent_run, NULL, NULL},
};

const struct rt_verb *rt_commands_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}
