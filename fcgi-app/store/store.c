#include "store.h"

#include <assert.h>
#include <string.h>

#include "mem.h"
#include "store_backend.h"

static const struct store_ops *const backends[] = {
	&store_sqlite_ops,
};

struct store *store_new(const struct store_config *config, char **error)
{
	for (size_t i = 0; i < COUNT_OF(backends); i++) {
		const struct store_ops *ops = backends[i];
		size_t len = strlen(ops->scheme);

		if (strncmp(config->uri, ops->scheme, len) != 0)
			continue;
		struct store *store =
			ops->new (config, config->uri + len, error);

		if (store != NULL) {
			store->ops = ops;
			store->random = config->random;
		}
		return store;
	}
	*error = xasprintf("no store speaks '%s' (try sqlite:PATH)",
			   config->uri);
	return NULL;
}

void store_free(struct store *store)
{
	if (store != NULL)
		store->ops->free(store);
}

const char *store_error(const struct store *store)
{
	return store->error;
}

/* ---- verbs in which something is decided before a backend is asked ---- */

enum store_status store_send(struct store *store, const struct store_send *send,
			     struct store_sent *out)
{
	const char *target = send->conversation;
	enum store_status status;
	char direct[ID_SIZE];

	memset(out, 0, sizeof(*out));
	assert((send->to == NULL) != (send->conversation == NULL));
	if (send->to != NULL) {
		if (!id_valid(send->to))
			return STORE_NOT_FOUND;
		if (strcmp(send->to, send->sender) == 0)
			return STORE_FORBIDDEN;
		id_direct(send->sender, send->to, direct);
		target = direct;
	}
	status = store->ops->send(store, send, target, out);
	if (status != STORE_OK)
		store_sent_done(out);
	return status;
}

void store_sent_done(struct store_sent *sent)
{
	store_message_done(&sent->message);
	memset(sent, 0, sizeof(*sent));
}

/* ---- the others ---- */

char *store_prepare(struct store *store)
{
	return store->ops->prepare(store);
}

enum store_status store_epoch(struct store *store, char out[ID_SIZE])
{
	return store->ops->epoch(store, out);
}

enum store_status store_batch_begin(struct store *store)
{
	return store->ops->batch_begin(store);
}

enum store_status store_batch_commit(struct store *store)
{
	return store->ops->batch_commit(store);
}

void store_batch_rollback(struct store *store)
{
	store->ops->batch_rollback(store);
}

enum store_status store_read_begin(struct store *store)
{
	return store->ops->read_begin(store);
}

void store_read_end(struct store *store)
{
	store->ops->read_end(store);
}

enum store_status store_user_add(struct store *store, struct store_user *user,
				 const char **field)
{
	return store->ops->user_add(store, user, field);
}

enum store_status store_user_get(struct store *store, const char *id,
				 struct store_user *out)
{
	memset(out, 0, sizeof(*out));
	enum store_status status = store->ops->user_get(store, id, out);

	if (status != STORE_OK)
		store_user_done(out);
	return status;
}

enum store_status store_user_by_login(struct store *store, const char *login,
				      struct store_user *out)
{
	memset(out, 0, sizeof(*out));
	enum store_status status = store->ops->user_by_login(store, login, out);

	if (status != STORE_OK)
		store_user_done(out);
	return status;
}

enum store_status store_user_list(struct store *store,
				  const struct store_user_query *query,
				  store_each_user *each, void *context,
				  int64_t *total)
{
	return store->ops->user_list(store, query, each, context, total);
}

enum store_status store_last_seen(struct store *store,
				  const struct store_seen *seen, size_t count)
{
	return store->ops->last_seen(store, seen, count);
}

enum store_status store_user_failures(struct store *store, const char *id,
				      int64_t failures, int64_t locked_until)
{
	return store->ops->user_failures(store, id, failures, locked_until);
}

enum store_status store_guesses_get(struct store *store, const char *login,
				    struct store_guesses *out)
{
	*out = (struct store_guesses){0};
	return store->ops->guesses_get(store, login, out);
}

enum store_status store_guesses_add(struct store *store, const char *login,
				    const struct store_guesses *guesses)
{
	return store->ops->guesses_add(store, login, guesses);
}

enum store_status store_user_profile(struct store *store, const char *id,
				     const struct store_profile *profile,
				     struct store_user *out, const char **field)
{
	memset(out, 0, sizeof(*out));
	*field = NULL;
	enum store_status status =
		store->ops->user_profile(store, id, profile, out, field);

	if (status != STORE_OK)
		store_user_done(out);
	return status;
}

enum store_status store_user_password(struct store *store, const char *id,
				      const char *hash, const char *keep)
{
	return store->ops->user_password(store, id, hash, keep);
}

enum store_status store_user_role(struct store *store, const char *id,
				  enum store_role role)
{
	return store->ops->user_role(store, id, role);
}

enum store_status store_user_disable(struct store *store, const char *id,
				     bool disabled)
{
	return store->ops->user_disable(store, id, disabled);
}

enum store_status store_session_add(struct store *store,
				    struct store_session *session)
{
	return store->ops->session_add(store, session);
}

enum store_status store_session_get(struct store *store, const char *id,
				    int64_t now_ms, struct store_session *out,
				    struct store_user *user)
{
	memset(out, 0, sizeof(*out));
	memset(user, 0, sizeof(*user));
	enum store_status status =
		store->ops->session_get(store, id, now_ms, out, user);

	if (status != STORE_OK) {
		store_session_done(out);
		store_user_done(user);
	}
	return status;
}

enum store_status store_session_touch(struct store *store, const char *id,
				      int64_t now_ms, int64_t expires_at)
{
	return store->ops->session_touch(store, id, now_ms, expires_at);
}

enum store_status store_session_end(struct store *store, const char *user_id,
				    const char *id)
{
	return store->ops->session_end(store, user_id, id);
}

enum store_status store_sessions(struct store *store, const char *user_id,
				 int64_t now_ms, size_t limit,
				 store_each_session *each, void *context)
{
	return store->ops->sessions(store, user_id, now_ms, limit, each,
				    context);
}

enum store_status store_message_get(struct store *store, const char *viewer,
				    const char *id, struct store_message *out)
{
	memset(out, 0, sizeof(*out));
	enum store_status status =
		store->ops->message_get(store, viewer, id, out);

	if (status != STORE_OK)
		store_message_done(out);
	return status;
}

enum store_status store_message_change(struct store *store, const char *user,
				       const char *id,
				       enum store_change_kind kind,
				       const char *content, int64_t now_ms,
				       struct store_change *out)
{
	memset(out, 0, sizeof(*out));
	enum store_status status = store->ops->message_change(
		store, user, id, kind, content, now_ms, out);

	if (status != STORE_OK)
		store_change_done(out);
	return status;
}

enum store_status store_conversation_get(struct store *store,
					 const char *viewer, const char *id,
					 struct store_conversation *out)
{
	memset(out, 0, sizeof(*out));
	enum store_status status =
		store->ops->conversation_get(store, viewer, id, out);

	if (status != STORE_OK)
		store_conversation_done(out);
	return status;
}

enum store_status store_conversations(struct store *store, const char *viewer,
				      size_t limit,
				      store_each_conversation *each,
				      void *context)
{
	return store->ops->conversations(store, viewer, limit, each, context);
}

enum store_status store_positions(struct store *store, const char *viewer,
				  size_t limit, store_each_conversation *each,
				  void *context)
{
	return store->ops->positions(store, viewer, limit, each, context);
}

enum store_status store_messages(struct store *store, const char *conversation,
				 int64_t first, int64_t last,
				 store_each_message *each, void *context)
{
	return store->ops->messages(store, conversation, first, last, each,
				    context);
}

enum store_status store_changes(struct store *store, const char *conversation,
				int64_t first, int64_t last,
				store_each_change *each, void *context)
{
	return store->ops->changes(store, conversation, first, last, each,
				   context);
}

enum store_status store_pointer_move(struct store *store, const char *user,
				     const char *conversation,
				     int64_t received_seq, int64_t read_seq,
				     int64_t now_ms, struct store_pointer *out)
{
	memset(out, 0, sizeof(*out));
	return store->ops->pointer_move(store, user, conversation, received_seq,
					read_seq, now_ms, out);
}

enum store_status store_rooms(struct store *store, const char *user,
			      store_each_id *each, void *context)
{
	return store->ops->rooms(store, user, each, context);
}

enum store_status store_contacts(struct store *store, const char *user,
				 size_t limit, store_each_id *each,
				 void *context)
{
	return store->ops->contacts(store, user, limit, each, context);
}

enum store_status store_recent(struct store *store, struct store_recent *recent,
			       bool *more)
{
	return store->ops->recent(store, recent, more);
}

enum store_status store_verify(struct store *store, int64_t *checked,
			       void (*problem)(const char *conversation,
					       const char *what, void *context),
			       void *context)
{
	return store->ops->verify(store, checked, problem, context);
}
