#include "power_fact.h"

#include <string.h>

static bool has_user(struct store *store, const struct power_fact *fact,
		     struct store_user *user)
{
	return store_user_get(store, fact->user, user) == STORE_OK;
}

static bool keeps_user(struct store *store, const struct power_fact *fact)
{
	struct store_user user;
	bool kept = has_user(store, fact, &user);

	if (kept)
		store_user_done(&user);
	return kept;
}

static bool keeps_seen(struct store *store, const struct power_fact *fact)
{
	struct store_user user;

	if (!has_user(store, fact, &user))
		return false;
	int64_t seen = user.last_seen;

	store_user_done(&user);
	return seen >= fact->number;
}

static bool keeps_guesses(struct store *store, const struct power_fact *fact)
{
	const struct store_guess_key key = {"bob", ""};
	struct store_guesses guesses;

	return store_guesses_get(store, &key, &guesses) == STORE_OK &&
	       guesses.failures >= fact->number;
}

static bool has_session(struct store *store, const struct power_fact *fact)
{
	struct store_session session;
	struct store_user user;
	enum store_status status = store_session_get(
		store, fact->id, CONTRACT_NOW, &session, &user);

	if (status == STORE_OK) {
		store_session_done(&session);
		store_user_done(&user);
	}
	return status == STORE_OK;
}

static bool keeps_session_ended(struct store *store,
				const struct power_fact *fact)
{
	return !has_session(store, fact);
}

/* A later edit or deletion may have survived as well. */
static bool keeps_message(struct store *store, const struct power_fact *fact)
{
	struct store_message message;

	if (store_message_get(store, AS(fact->user), fact->id, &message) !=
	    STORE_OK)
		return false;
	bool kept = message.seq == fact->number && message.client_id != NULL &&
		    strcmp(message.client_id, fact->text) == 0 &&
		    (message.edited || message.deleted ||
		     strlen(message.content) == fact->len);

	store_message_done(&message);
	return kept;
}

static bool keeps_marks(struct store *store, const struct power_fact *fact)
{
	struct store_conversation conversation;

	if (store_conversation_get(store, AS(fact->user), fact->conversation,
				   &conversation) != STORE_OK)
		return false;
	int64_t read_seq = conversation.me.read_seq;

	store_conversation_done(&conversation);
	return read_seq >= fact->number;
}

static bool keeps_change(struct store *store, const struct power_fact *fact)
{
	struct contract_rows *rows = contract_rows_new();
	bool kept = store_changes(store, AS(fact->user), fact->conversation,
				  RANGE(fact->number, fact->number),
				  contract_each_change, rows) == STORE_OK;

	kept = kept && rows->changes == 1 &&
	       strcmp(rows->change[0].message.id, fact->id) == 0 &&
	       (rows->change[0].message.edited ||
		rows->change[0].message.deleted);
	contract_rows_free(rows);
	return kept;
}

static bool (*const keeps[])(struct store *, const struct power_fact *) = {
	[FACT_USER] = keeps_user,
	[FACT_SEEN] = keeps_seen,
	[FACT_GUESSES] = keeps_guesses,
	[FACT_SESSION] = has_session,
	[FACT_MESSAGE] = keeps_message,
	[FACT_SESSION_ENDED] = keeps_session_ended,
	[FACT_MARKS] = keeps_marks,
	[FACT_CHANGE] = keeps_change,
};

bool power_fact_kept(struct store *store, const struct power_fact *fact)
{
	return keeps[fact->kind](store, fact);
}
