/*
 * store_backend - what a backend provides besides its tables of verbs (one
 * header per subject), and what all backends need.
 *
 * A circle with store: the store makes the backend that its URI names, and what
 * a backend makes is a store.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store.h"

/* Another one whenever anything in these headers changes that a module built
 * before would get wrong. */
#define STORE_BACKEND_VERSION 11u

struct mevn_verbs;

struct store_backend {
	unsigned version;   /* STORE_BACKEND_VERSION */
	const char *scheme; /* with its colon: "sqlite:" */

	/* location: the URI behind the scheme. Fills in the store's tables. */
	struct store *(*new)(const struct store_config *config,
			     const char *location, char **error);
	void (*free)(struct store *);
	char *(*prepare)(struct store *);

	/* NULL: it does not know; else fills in what it knows. */
	void (*room)(struct store *, struct store_room *out);
	enum store_status (*epoch)(struct store *, char out[ID_SIZE]);
	enum store_status (*try_write)(struct store *);
	enum store_status (*batch_begin)(struct store *);
	enum store_status (*batch_commit)(struct store *);
	void (*batch_rollback)(struct store *);
	enum store_status (*read_begin)(struct store *);
	void (*read_end)(struct store *);
	enum store_status (*leave)(struct store *);
	enum store_status (*keep)(struct store *, int64_t now_ms,
				  int64_t *again_ms);
	/* NULL, both: it is no file (store_is_file(), store_uri_path()). */
	char *(*backup)(struct store *, const char *path, store_progress *,
			void *);
	char *(*restore)(struct store *, const struct store_restore *,
			 char **kept);
	enum store_status (*verify)(struct store *, int64_t *checked,
				    store_each_problem *, void *);
	/* NULL: it cannot read what the old chat kept (store_mevn.h). */
	const struct mevn_verbs *mevn;
};

extern const struct store_backend store_sqlite;

/* A setting of the backend's, for the caller to free; NULL: none is given. */
char *store_config_get(const struct store_config *config, const char *key);

/* The one place that decides what a viewer sees of a conversation: the first
 * seq; 0: nothing of it. me: their row there; NULL: they are no member. */
int64_t store_sight(const struct store_viewer *viewer,
		    enum store_conversation_kind kind,
		    const struct store_member *me);

/* A new id of this moment or, when that is not behind the newest one, right
 * behind that: within a millisecond, and when the clock was set back. */
void store_new_id(const char newest[ID_SIZE], int64_t now_ms,
		  ids_random *random, char out[ID_SIZE]);

/* What makes two requests with one clientId the same request. Kept for ever:
 * a field added later must leave the hash of requests without it alone. */
#define STORE_HASH_SIZE 16
void store_request_hash(const struct store_send *send, const char *conversation,
			uint8_t out[STORE_HASH_SIZE]);

/* Of what is imported: that of the request which would have sent it here; and
 * its own id if that is behind the newest, else the next one of its moment. It
 * is the newest then. */
void store_import_hash(const struct store_import_message *row,
		       const char *conversation, uint8_t out[STORE_HASH_SIZE]);
void store_import_id(char newest[ID_SIZE], const struct store_message *message,
		     ids_random *random);

#endif
