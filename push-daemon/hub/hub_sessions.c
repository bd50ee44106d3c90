/* Which sessions have ended while nobody could tell: a REVOKE frame that was
 * missed is in no `recent`, for what it ended is gone. So the workers are asked
 * which of the sessions that sockets have are still there. */
#include "hub_internal.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mem.h"

#define BATCH 500
#define DEADLINE_MS 2000
#define AGAIN_MS 1000

struct batch {
	struct hub *hub;
	struct json_object *sessions; /* [{userId, sessionId}] */
};

void hub_sessions_check(struct hub *hub)
{
	hub->sessions.round++;
	hub->sessions.pending = hub->config.heal;
}

void hub_session_check(struct hub *hub, struct client *client)
{
	client->session_round = hub->sessions.round - 1;
	TAILQ_REMOVE(&hub->clients, client, link);
	TAILQ_INSERT_HEAD(&hub->clients, client, link);
	hub->sessions.pending = hub->config.heal;
}

static bool is_gone(const struct json_object *gone, const char *session_id)
{
	for (size_t i = 0; i < json_length(gone); i++) {
		const char *id = json_text_of(json_at(gone, i));

		if (id != NULL && strcmp(id, session_id) == 0)
			return true;
	}
	return false;
}

static void end_gone(const struct batch *batch, const struct json_object *gone)
{
	for (size_t i = 0; i < json_length(batch->sessions); i++) {
		const struct json_object *row = json_at(batch->sessions, i);
		struct hub_ending ending = {.reason = "session_expired"};

		json_get_string(row, "userId", &ending.user_id);
		json_get_string(row, "sessionId", &ending.sid);
		if (is_gone(gone, ending.sid))
			hub_end_sessions(batch->hub, &ending);
	}
}

static void answered(const struct api_result *result, void *user)
{
	struct batch *batch = user;
	struct hub *hub = batch->hub;
	struct json_object *gone = NULL;

	hub->sessions.asked = false;
	if (result->ok &&
	    json_get_array(result->head, "gone", &gone) == JSON_FOUND) {
		end_gone(batch, gone);
	} else {
		hub_sessions_check(hub);
		hub->sessions.at_ms = hub->config.mono_ms() + AGAIN_MS;
	}
	json_free(batch->sessions);
	free(batch);
}

/* The next of those that this round has not asked about, who are in front.
 * Whose session was looked up since it began is not among them. */
static struct json_object *take_sessions(struct hub *hub)
{
	struct json_object *sessions = json_new_array();
	struct client *client;

	while (json_length(sessions) < BATCH &&
	       (client = TAILQ_FIRST(&hub->clients)) != NULL &&
	       client->session_round != hub->sessions.round) {
		struct json_object *row = json_new_object();

		client->session_round = hub->sessions.round;
		TAILQ_REMOVE(&hub->clients, client, link);
		TAILQ_INSERT_TAIL(&hub->clients, client, link);
		json_put_string(row, "userId", client->user->id);
		json_put_string(row, "sessionId", client->session_id);
		json_push(sessions, row);
	}
	return sessions;
}

static void ask(struct hub *hub, struct json_object *sessions)
{
	struct batch *batch = xcalloc(1, sizeof(*batch));
	struct json_object *head = json_new_object();
	struct api_command command = {
		.deadline_ms = hub->config.mono_ms() + DEADLINE_MS,
		.reply = answered,
		.user = batch,
	};

	batch->hub = hub;
	batch->sessions = sessions;
	hub->sessions.asked = true;
	json_put_string(head, "command", "sessions");
	json_put(head, "sessions", json_ref(sessions));
	hub_call(hub, &command, head, "sessions");
}

void hub_sessions_tick(struct hub *hub)
{
	struct json_object *sessions;

	if (!hub->sessions.pending || hub->sessions.asked ||
	    hub->config.mono_ms() < hub->sessions.at_ms)
		return;
	sessions = take_sessions(hub);
	if (json_length(sessions) > 0) {
		ask(hub, sessions);
		return;
	}
	json_free(sessions);
	hub->sessions.pending = false;
}
