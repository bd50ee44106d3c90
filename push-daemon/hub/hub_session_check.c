#include "hub_session_check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub_base.h"
#include "hub_ending.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"
#include "palabre_limits.h"

#define BATCH 500
#define DEADLINE_MS 2000
#define AGAIN_MS 1000
#define ROUND_MS 30000

static_assert(BATCH <= LIMIT_RT_ITEMS, "a worker takes so many");

struct hub_session_check {
	const struct hub_base *base;
	struct hub_users *users;
	/* Those that this round has not asked about are in front. Whose
	 * session was looked up since it began is not among them. */
	struct client_list clients;
	uint64_t round; /* client->session_round of those asked about */
	bool pending, asked;
	int64_t round_ms; /* when it began, monotonic */
	int64_t not_before_ms;
};

struct session_batch {
	struct hub_session_check *check;
	struct json_object *sessions; /* [{userId, sessionId}] */
};

struct hub_session_check *hub_session_check_new(const struct hub_base *base,
						struct hub_users *users)
{
	struct hub_session_check *check = xcalloc(1, sizeof(*check));

	check->base = base;
	check->users = users;
	check->round_ms = hub_base_mono_ms(base);
	TAILQ_INIT(&check->clients);
	return check;
}

void hub_session_check_free(struct hub_session_check *check)
{
	if (check == NULL)
		return;
	assert(TAILQ_EMPTY(&check->clients));
	free(check);
}

void hub_session_check_begin(const struct hub_session_check *check,
			     struct client *client)
{
	client->session_round = check->round;
}

static void wait_for_turn(struct hub_session_check *check,
			  struct client *client)
{
	client->session_round = check->round - 1;
	TAILQ_INSERT_HEAD(&check->clients, client, check_link);
	check->pending = check->base->config.heal;
}

void hub_session_check_add(struct hub_session_check *check,
			   struct client *client)
{
	if (client->session_round == check->round)
		TAILQ_INSERT_TAIL(&check->clients, client, check_link);
	else
		wait_for_turn(check, client);
}

void hub_session_check_remove(struct hub_session_check *check,
			      struct client *client)
{
	TAILQ_REMOVE(&check->clients, client, check_link);
}

void hub_session_check_all(struct hub_session_check *check)
{
	check->round++;
	check->round_ms = hub_base_mono_ms(check->base);
	check->pending = check->base->config.heal;
}

void hub_session_check_one(struct hub_session_check *check,
			   struct client *client)
{
	hub_session_check_remove(check, client);
	wait_for_turn(check, client);
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

static void end_gone(const struct session_batch *batch,
		     const struct json_object *gone)
{
	for (size_t i = 0; i < json_length(batch->sessions); i++) {
		const struct json_object *row = json_at(batch->sessions, i);
		struct hub_ending ending = {.reason = "session_expired"};

		json_get_string(row, "userId", &ending.user_id);
		json_get_string(row, "sessionId", &ending.session_id);
		if (is_gone(gone, ending.session_id))
			hub_ending_apply(batch->check->users, &ending);
	}
}

static void hub_session_check_answered(const struct api_result *result,
				       void *user)
{
	struct session_batch *batch = user;
	struct hub_session_check *check = batch->check;
	struct json_object *gone = NULL;

	check->asked = false;
	if (result->ok &&
	    json_get_array(result->head, "gone", &gone) == JSON_FOUND) {
		end_gone(batch, gone);
	} else {
		hub_session_check_all(check);
		check->not_before_ms = hub_base_mono_ms(check->base) + AGAIN_MS;
	}
	json_free(batch->sessions);
	free(batch);
}

/* The next of those that this round has not asked about. */
static struct json_object *take_sessions(struct hub_session_check *check)
{
	struct json_object *sessions = json_new_array();
	struct client *client;

	while (json_length(sessions) < BATCH &&
	       (client = TAILQ_FIRST(&check->clients)) != NULL &&
	       client->session_round != check->round) {
		struct json_object *row = json_new_object();

		client->session_round = check->round;
		TAILQ_REMOVE(&check->clients, client, check_link);
		TAILQ_INSERT_TAIL(&check->clients, client, check_link);
		json_put_string(row, "userId", client->user->id);
		json_put_string(row, "sessionId", client->session_id);
		json_push(sessions, row);
	}
	return sessions;
}

static void ask_sessions(struct hub_session_check *check,
			 struct json_object *sessions)
{
	struct session_batch *batch = xcalloc(1, sizeof(*batch));
	struct json_object *head = json_new_object();
	struct api_command command = {
		.deadline_ms = hub_base_mono_ms(check->base) + DEADLINE_MS,
		.reply = hub_session_check_answered,
		.user = batch,
	};

	batch->check = check;
	batch->sessions = sessions;
	check->asked = true;
	json_put_string(head, "command", "sessions");
	json_put(head, "sessions", json_ref(sessions));
	hub_base_call(check->base, &command, head, "sessions");
}

void hub_session_check_tick(struct hub_session_check *check)
{
	int64_t now_ms = hub_base_mono_ms(check->base);
	struct json_object *sessions;

	if (now_ms - check->round_ms >= ROUND_MS)
		hub_session_check_all(check);
	if (!check->pending || check->asked || now_ms < check->not_before_ms)
		return;
	sessions = take_sessions(check);
	if (json_length(sessions) > 0) {
		ask_sessions(check, sessions);
		return;
	}
	json_free(sessions);
	check->pending = false;
}
