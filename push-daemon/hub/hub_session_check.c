#include "hub_session_check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub_base.h"
#include "hub_ending.h"
#include "hub_hidden.h"
#include "hub_users.h"
#include "json.h"
#include "json_text.h"
#include "mem.h"
#include "palabre_limits.h"

#define BATCH 500
#define DEADLINE_MS 2000
#define AGAIN_MS 1000
#define ROUND_MS 30000
/* From the end of a session in the store to the frame that says why. */
#define REASON_MS 250

static_assert(BATCH <= LIMIT_RT_ITEMS, "a worker takes so many");

struct session_batch;

struct hub_session_check {
	const struct hub_base *base;
	struct hub_users *users;
	struct hub_presence *presence;
	/* Those that this round has not asked about are in front. Whose
	 * session was looked up since it began is not among them. */
	struct client_list clients;
	uint64_t round; /* client->session_round of those asked about */
	bool pending, asked;
	struct session_batch *ending; /* some in it are gone, and wait */
	bool hidden;		      /* it also asks whom they do not see */
	int64_t round_ms;	      /* when it began, monotonic */
	int64_t not_before_ms;
};

struct session_batch {
	struct hub_session_check *check;
	struct json_object *sessions; /* [{userId, sessionId}] */
	unsigned hides[BATCH];	      /* of each one's user, by then */
	struct json_object *gone;     /* NULL, or ids of sessions, ... */
	int64_t end_ms;		      /* ... which end then */
};

static void batch_free(struct session_batch *batch)
{
	if (batch == NULL)
		return;
	json_free(batch->sessions);
	json_free(batch->gone);
	free(batch);
}

struct hub_session_check *hub_session_check_new(const struct hub_base *base,
						struct hub_users *users,
						struct hub_presence *presence)
{
	struct hub_session_check *check = xcalloc(1, sizeof(*check));

	check->base = base;
	check->users = users;
	check->presence = presence;
	check->round_ms = hub_base_mono_ms(base);
	TAILQ_INIT(&check->clients);
	return check;
}

void hub_session_check_free(struct hub_session_check *check)
{
	if (check == NULL)
		return;
	assert(TAILQ_EMPTY(&check->clients));
	batch_free(check->ending);
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

static void begin_round(struct hub_session_check *check)
{
	check->round++;
	check->round_ms = hub_base_mono_ms(check->base);
	check->pending = check->base->config.heal;
}

void hub_session_check_all(struct hub_session_check *check)
{
	check->hidden = true;
	begin_round(check);
}

void hub_session_check_one(struct hub_session_check *check,
			   struct client *client)
{
	hub_session_check_remove(check, client);
	wait_for_turn(check, client);
}

void hub_session_check_hidden(struct hub_session_check *check,
			      const char *user_id)
{
	struct user *user = hub_users_find(check->users, user_id);

	if (user == NULL || TAILQ_EMPTY(&user->clients))
		return;
	check->hidden = true;
	hub_session_check_one(check, TAILQ_FIRST(&user->clients));
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

static void end_gone(const struct session_batch *batch)
{
	for (size_t i = 0; i < json_length(batch->sessions); i++) {
		const struct json_object *row = json_at(batch->sessions, i);
		struct hub_ending ending = {.reason = "session_expired"};

		json_get_string(row, "userId", &ending.user_id);
		json_get_string(row, "sessionId", &ending.session_id);
		if (is_gone(batch->gone, ending.session_id))
			hub_ending_apply(batch->check->users, &ending);
	}
}

/* Of whom a HIDE came meanwhile nothing is put right: the answer may be older
 * than that. Of a session that is gone it says nothing. */
static void renew_hidden(const struct session_batch *batch,
			 const struct json_object *gone,
			 const struct json_object *hidden)
{
	const struct hub_session_check *check = batch->check;

	for (size_t i = 0; i < json_length(batch->sessions); i++) {
		const struct json_object *row = json_at(batch->sessions, i);
		const char *id = "", *session_id = "";
		struct json_object *ids = NULL;
		struct user *user;

		json_get_string(row, "userId", &id);
		json_get_string(row, "sessionId", &session_id);
		user = hub_users_find(check->users, id);
		if (user != NULL && user->hides == batch->hides[i] &&
		    !is_gone(gone, session_id) &&
		    json_get_array(hidden, id, &ids) != JSON_WRONG)
			hub_hidden_renew(check->presence, user, ids);
	}
}

/* The frame that ends them may only be on its way, and it knows why they
 * ended. */
static void let_end(struct hub_session_check *check,
		    struct session_batch *batch, struct json_object *gone)
{
	if (json_length(gone) == 0) {
		batch_free(batch);
		return;
	}
	batch->gone = json_ref(gone);
	batch->end_ms = hub_base_mono_ms(check->base) + REASON_MS;
	check->ending = batch;
}

static void end_due(struct hub_session_check *check, int64_t now_ms)
{
	struct session_batch *batch = check->ending;

	if (batch == NULL || now_ms < batch->end_ms)
		return;
	check->ending = NULL;
	end_gone(batch);
	batch_free(batch);
}

static void hub_session_check_answered(const struct api_result *result,
				       void *user)
{
	struct session_batch *batch = user;
	struct hub_session_check *check = batch->check;
	struct json_object *gone = NULL, *hidden = NULL;

	check->asked = false;
	if (result->ok &&
	    json_get_array(result->head, "gone", &gone) == JSON_FOUND) {
		if (json_get_object(result->head, "hidden", &hidden) ==
		    JSON_FOUND)
			renew_hidden(batch, gone, hidden);
		let_end(check, batch, gone);
	} else {
		begin_round(check);
		check->not_before_ms = hub_base_mono_ms(check->base) + AGAIN_MS;
		batch_free(batch);
	}
}

/* The next of those that this round has not asked about. */
static struct json_object *take_sessions(struct hub_session_check *check,
					 unsigned hides[BATCH])
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
		hides[json_length(sessions)] = client->user->hides;
		json_put_string(row, "userId", client->user->id);
		json_put_string(row, "sessionId", client->session_id);
		json_push(sessions, row);
	}
	return sessions;
}

static void ask_sessions(struct hub_session_check *check,
			 struct session_batch *batch)
{
	struct json_text head;
	size_t len;
	const char *sessions = json_print(batch->sessions, &len);
	struct api_command command = {
		.reads = true,
		.deadline_ms = hub_base_mono_ms(check->base) + DEADLINE_MS,
		.reply = hub_session_check_answered,
		.user = batch,
	};

	check->asked = true;
	hub_base_begin(&head, "sessions");
	json_text_bytes(&head, "sessions", sessions, len);
	if (check->hidden)
		json_text_bool(&head, "hidden", true);
	hub_base_call(check->base, &command, &head, "sessions");
}

void hub_session_check_tick(struct hub_session_check *check)
{
	int64_t now_ms = hub_base_mono_ms(check->base);
	struct session_batch *batch;

	if (now_ms - check->round_ms >= ROUND_MS)
		begin_round(check);
	end_due(check, now_ms);
	if (!check->pending || check->asked || check->ending != NULL ||
	    now_ms < check->not_before_ms)
		return;
	batch = xcalloc(1, sizeof(*batch));
	batch->check = check;
	batch->sessions = take_sessions(check, batch->hides);
	if (json_length(batch->sessions) > 0) {
		ask_sessions(check, batch);
		return;
	}
	batch_free(batch);
	check->pending = check->hidden = false;
}
