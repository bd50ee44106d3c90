/*
 * store - what Palabre remembers, as domain verbs over one of its backends.
 *
 * No SQL, sqlite3 or bson leaves fcgi-app/store/. One store per process, one
 * call at a time. Opening is lazy and repeated: after UNAVAILABLE the next
 * verb tries anew, so a store that comes back needs no restart. Every verb
 * answers within 1.5 s, with STORE_UNAVAILABLE if it must.
 *
 * A write that answered STORE_OK is durable (outside a batch: at once; inside:
 * when store_batch_commit() answered STORE_OK). An UNAVAILABLE write may still
 * have happened: the same clientId asks again safely.
 *
 * What a verb fills is to be freed with its _done() after STORE_OK; after all
 * else there is nothing in it. An "each" callback calls no verb of the store. A
 * store does not survive fork(): free it before, make one per process.
 */
#ifndef STORE_H
#define STORE_H

#include "store_types.h"

struct store;

enum store_status {
	STORE_OK,
	STORE_NOT_FOUND, /* not there, or not for this user to see */
	STORE_TAKEN,	 /* the username or email belongs to another */
	STORE_REUSED,	 /* this clientId was used for another request */
	STORE_FORBIDDEN, /* there, seen, but not this user's to change */
	STORE_UNAVAILABLE,
};

struct store_config {
	const char *uri; /* "sqlite:PATH"; copied */
	bool full_sync;	 /* survive power loss */
	ids_random *random;
};

/* NULL, and one clear line in *error (the caller frees it), for a URI that no
 * backend takes. Opens nothing yet. */
struct store *store_new(const struct store_config *config, char **error);
void store_free(struct store *store);

/* Open, create or migrate now: for start-up; verbs never create a store that
 * is missing. NULL, or one clear line (the caller frees it): cannot be opened,
 * or written by a newer Palabre. */
char *store_prepare(struct store *store);

/* Why the last verb said UNAVAILABLE, for one log line; borrowed. */
const char *store_error(const struct store *store);

/* A store that is restored from a backup gets another epoch. */
enum store_status store_epoch(struct store *store, char out[ID_SIZE]);

/* Several writes, one commit: each verb between runs in a savepoint of its
 * own, so that one that is refused leaves the others alone; after UNAVAILABLE
 * the whole batch is lost. Commit answers for all of them and ends the batch
 * either way. Roll back is a no-op without a batch. */
enum store_status store_batch_begin(struct store *store);
enum store_status store_batch_commit(struct store *store);
void store_batch_rollback(struct store *store);

/* Reads between see one state of the store; no writes between. Call end only
 * after a begin that answered STORE_OK. */
enum store_status store_read_begin(struct store *store);
void store_read_end(struct store *store);

/* ---- users and sessions ---- */

/* In: username, email, display_name, avatar, password_hash, role, created_at.
 * Fills id, lower-cases email. TAKEN: *field is "username" or "email". */
enum store_status store_user_add(struct store *store, struct store_user *user,
				 const char **field);
enum store_status store_user_get(struct store *store, const char *id,
				 struct store_user *out);
/* By email (when login has an @) or username, folded. */
enum store_status store_user_by_login(struct store *store, const char *login,
				      struct store_user *out);

typedef void store_each_user(const struct store_user *user, void *context);

struct store_user_query {
	const char *text;	   /* substring of the name; NULL: all */
	const char *const *online; /* ids to list first */
	size_t online_count;
	const char *except; /* an id to leave out; NULL: nobody */
	size_t offset, limit;
};
/* Online first, then by folded name; guests and disabled users are left out.
 * *total (may be NULL) counts all that match. */
enum store_status store_user_list(struct store *store,
				  const struct store_user_query *query,
				  store_each_user *each, void *context,
				  int64_t *total);

struct store_seen {
	char user_id[ID_SIZE];
	int64_t at;
};
/* lastSeen only grows; unknown users are passed over. */
enum store_status store_last_seen(struct store *store,
				  const struct store_seen *seen, size_t count);
/* failures > 0: count one wrong password more (at least that many then) and
 * lock until then; 0: forget them. */
enum store_status store_user_failures(struct store *store, const char *id,
				      int64_t failures, int64_t locked_until);
/* The same for a login that is nobody's, so that who guesses is not told that
 * there is nobody. Kept as a hash, of the last 100,000 such logins. */
enum store_status store_guesses_get(struct store *store, const char *login,
				    struct store_guesses *out);
enum store_status store_guesses_add(struct store *store, const char *login,
				    const struct store_guesses *guesses);

/* Fills out with the user as he is then. TAKEN: *field as in store_user_add(),
 * and nothing was changed. */
enum store_status store_user_profile(struct store *store, const char *id,
				     const struct store_profile *profile,
				     struct store_user *out,
				     const char **field);
/* Forgets wrong passwords and ends all sessions but keep (NULL: none). */
enum store_status store_user_password(struct store *store, const char *id,
				      const char *hash, const char *keep);
enum store_status store_user_role(struct store *store, const char *id,
				  enum store_role role);
/* To disable ends all sessions. */
enum store_status store_user_disable(struct store *store, const char *id,
				     bool disabled);

/* In: user_id, created_at, expires_at, agent, address. Fills id. */
enum store_status store_session_add(struct store *store,
				    struct store_session *session);
/* The session and its user in one look; NOT_FOUND also when it has expired at
 * now_ms, or the user is disabled. */
enum store_status store_session_get(struct store *store, const char *id,
				    int64_t now_ms, struct store_session *out,
				    struct store_user *user);
/* Roll on: last_used and expires_at. */
enum store_status store_session_touch(struct store *store, const char *id,
				      int64_t now_ms, int64_t expires_at);
/* One session of the user, or all of them (id NULL). */
enum store_status store_session_end(struct store *store, const char *user_id,
				    const char *id);
typedef void store_each_session(const struct store_session *session,
				void *context);
/* The user's, not expired at now_ms, last used first. */
enum store_status store_sessions(struct store *store, const char *user_id,
				 int64_t now_ms, size_t limit,
				 store_each_session *each, void *context);

/* ---- conversations and messages ---- */

struct store_send {
	const char *sender, *sender_name;
	const char *to;		  /* a user: his direct conversation, or ... */
	const char *conversation; /* ... this one */
	enum store_message_kind kind;
	const char *content;
	const char *client_id; /* NULL: none */
	const char *reply_to;  /* a message of the conversation; NULL: none */
	int64_t now_ms;
};
struct store_sent {
	struct store_message message;
	bool duplicate; /* it was there already: nothing was written */
	bool opened;	/* its direct conversation was made by this call */
	/* Who writes has read all before it: the sender's pointers are at the
	 * message. read_moved: they passed messages he had not read, so the
	 * others want to know. */
	struct store_pointer pointer;
};
/* NOT_FOUND: no such user (or a disabled one), conversation that he is in, or
 * message to reply to. FORBIDDEN: to himself. A duplicate is found first. */
enum store_status store_send(struct store *store, const struct store_send *send,
			     struct store_sent *out);
void store_sent_done(struct store_sent *sent);

enum store_status store_message_get(struct store *store, const char *viewer,
				    const char *id, struct store_message *out);
/* The writer's own message (else FORBIDDEN); gives the change as it was
 * folded. content NULL keeps the text, as the old clients may. FORBIDDEN: edit
 * of a deleted message. The same deletion, or the same edit, once more answers
 * the change of the first time. */
enum store_status store_message_change(struct store *store, const char *user,
				       const char *id,
				       enum store_change_kind kind,
				       const char *content, int64_t now_ms,
				       struct store_change *out);

enum store_status store_conversation_get(struct store *store,
					 const char *viewer, const char *id,
					 struct store_conversation *out);
typedef void store_each_conversation(const struct store_conversation *row,
				     void *context);
/* The viewer's, newest first. */
enum store_status store_conversations(struct store *store, const char *viewer,
				      size_t limit,
				      store_each_conversation *each,
				      void *context);

/* The same, of which only ids, kinds, counters and members are filled in. */
enum store_status store_positions(struct store *store, const char *viewer,
				  size_t limit, store_each_conversation *each,
				  void *context);

typedef void store_each_message(const struct store_message *message,
				void *context);
/* seq from first to last (both inclusive), ascending; no check of who asks. */
enum store_status store_messages(struct store *store, const char *conversation,
				 int64_t first, int64_t last,
				 store_each_message *each, void *context);
typedef void store_each_change(const struct store_change *change,
			       void *context);
enum store_status store_changes(struct store *store, const char *conversation,
				int64_t first, int64_t last,
				store_each_change *each, void *context);

/* Pointers only grow and never pass lastSeq; a read message was received. 0
 * leaves one as it is. NOT_FOUND: not a member. The message ids are looked for
 * among the 1,000 messages below the pointer. */
enum store_status store_pointer_move(struct store *store, const char *user,
				     const char *conversation,
				     int64_t received_seq, int64_t read_seq,
				     int64_t now_ms, struct store_pointer *out);

/* ---- for pushd ---- */

typedef void store_each_id(const char *id, void *context);
/* Conversations other than direct ones that the user is in. */
enum store_status store_rooms(struct store *store, const char *user,
			      store_each_id *each, void *context);
/* Users he shares a direct conversation or a group of at most 100 with. */
enum store_status store_contacts(struct store *store, const char *user,
				 size_t limit, store_each_id *each,
				 void *context);

struct store_recent {
	int64_t since;	     /* what was written from then on */
	char after[ID_SIZE]; /* only ids behind this one; "" at first */
	size_t limit;
	store_each_message *message;
	store_each_change *change;
	void (*pointer)(const struct store_pointer *pointer, void *context);
	void *context;
};
/* By id, oldest first; pointers (it is not known which of both moved) once,
 * with the first page. *more: call again with after, which was moved on. */
enum store_status store_recent(struct store *store, struct store_recent *recent,
			       bool *more);

/* ---- for operators ---- */

/* Every breach of: seq and change without hole or repeat, clientId unique,
 * pointers within bounds, lastSeq and lastChange right. problem's conversation
 * is "" for what belongs to none. *checked counts the conversations. Takes as
 * long as it takes. */
enum store_status store_verify(struct store *store, int64_t *checked,
			       void (*problem)(const char *conversation,
					       const char *what, void *context),
			       void *context);

#endif
