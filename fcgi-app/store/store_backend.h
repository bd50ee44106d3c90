/*
 * store_backend - what a backend provides: one function per verb of store.h,
 * under the same contract. A backend embeds struct store as its first member.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store.h"

#define STORE_ERROR_SIZE 512
#define STORE_HASH_SIZE 32

struct store {
	const struct store_ops *ops;
	ids_random *random;
	char last_id[ID_SIZE];
	char error[STORE_ERROR_SIZE];
};

struct store_ops {
	const char *scheme; /* with its colon: "sqlite:" */

	/* location: the URI behind the scheme. */
	struct store *(*new)(const struct store_config *config,
			     const char *location, char **error);
	void (*free)(struct store *store);
	char *(*prepare)(struct store *store);

	enum store_status (*epoch)(struct store *, char out[ID_SIZE]);
	enum store_status (*batch_begin)(struct store *);
	enum store_status (*batch_commit)(struct store *);
	void (*batch_rollback)(struct store *);
	enum store_status (*read_begin)(struct store *);
	void (*read_end)(struct store *);

	enum store_status (*user_add)(struct store *, struct store_user *,
				      const char **field);
	enum store_status (*user_get)(struct store *, const char *id,
				      struct store_user *);
	enum store_status (*user_by_login)(struct store *, const char *login,
					   struct store_user *);
	enum store_status (*user_list)(struct store *,
				       const struct store_user_query *,
				       store_each_user *, void *, int64_t *);
	enum store_status (*last_seen)(struct store *,
				       const struct store_seen *, size_t);
	enum store_status (*user_failures)(struct store *, const char *id,
					   int64_t failures,
					   int64_t locked_until);
	enum store_status (*guesses_get)(struct store *, const char *login,
					 struct store_guesses *);
	enum store_status (*guesses_add)(struct store *, const char *login,
					 const struct store_guesses *);
	enum store_status (*user_profile)(struct store *, const char *id,
					  const struct store_profile *,
					  struct store_user *,
					  const char **field);
	enum store_status (*user_password)(struct store *, const char *id,
					   const char *hash, const char *keep);
	enum store_status (*user_role)(struct store *, const char *id,
				       enum store_role);
	enum store_status (*user_disable)(struct store *, const char *id,
					  bool disabled);
	enum store_status (*session_add)(struct store *,
					 struct store_session *);
	enum store_status (*session_get)(struct store *, const char *id,
					 int64_t now_ms, struct store_session *,
					 struct store_user *);
	enum store_status (*session_touch)(struct store *, const char *id,
					   int64_t now_ms, int64_t expires_at);
	enum store_status (*session_end)(struct store *, const char *user_id,
					 const char *id);
	enum store_status (*sessions)(struct store *, const char *user_id,
				      int64_t now_ms, size_t limit,
				      store_each_session *, void *);

	/* conversation: the target, made out by store.c. */
	enum store_status (*send)(struct store *, const struct store_send *,
				  const char *conversation,
				  struct store_sent *);
	enum store_status (*message_get)(struct store *, const char *viewer,
					 const char *id,
					 struct store_message *);
	enum store_status (*message_change)(struct store *, const char *user,
					    const char *id,
					    enum store_change_kind,
					    const char *content, int64_t now_ms,
					    struct store_change *);
	enum store_status (*conversation_get)(struct store *,
					      const char *viewer,
					      const char *id,
					      struct store_conversation *);
	enum store_status (*conversations)(struct store *, const char *viewer,
					   size_t limit,
					   store_each_conversation *, void *);
	enum store_status (*positions)(struct store *, const char *viewer,
				       size_t limit, store_each_conversation *,
				       void *);
	enum store_status (*messages)(struct store *, const char *conversation,
				      int64_t first, int64_t last,
				      store_each_message *, void *);
	enum store_status (*changes)(struct store *, const char *conversation,
				     int64_t first, int64_t last,
				     store_each_change *, void *);
	enum store_status (*pointer_move)(struct store *, const char *user,
					  const char *conversation,
					  int64_t received_seq,
					  int64_t read_seq, int64_t now_ms,
					  struct store_pointer *);
	enum store_status (*rooms)(struct store *, const char *user,
				   store_each_id *, void *);
	enum store_status (*contacts)(struct store *, const char *user,
				      size_t limit, store_each_id *, void *);
	enum store_status (*recent)(struct store *, struct store_recent *,
				    bool *more);
	enum store_status (*verify)(struct store *, int64_t *checked,
				    void (*problem)(const char *, const char *,
						    void *),
				    void *);
};

extern const struct store_ops store_sqlite_ops;

/* ---- what every backend needs ---- */

/* A new id behind the one before it, also within a millisecond and when the
 * clock stepped back: in one process, ids sort as things happened. */
void store_new_id(struct store *store, int64_t now_ms, char out[ID_SIZE]);

/* What makes two requests with one clientId the same request. Kept for ever:
 * a field added later must leave the hash of requests without it alone. */
void store_request_hash(const struct store_send *send, const char *conversation,
			uint8_t out[STORE_HASH_SIZE]);

#endif
