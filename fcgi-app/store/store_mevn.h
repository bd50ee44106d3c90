/*
 * store_mevn - what the MEVN chat kept, which Palabre takes the place of: a
 * MongoDB with two collections,
 *
 *     users    {_id, email, username, password, avatar, createdAt, lastSeen}
 *     messages {_id, sender, recipient, content, createdAt,
 *               status sent|received|read, edited, deleted}
 *
 * It is only read. A backend that can do that has the verbs
 * (store_backend.h): the library that it takes is in a module.
 */
#ifndef STORE_MEVN_H
#define STORE_MEVN_H

#include "store_base.h"

struct store_config;

/* A backend embeds this as its first member. */
struct mevn {
	const struct mevn_verbs *verbs;
	char error[STORE_ERROR_SIZE]; /* why the last one answered false */
};

/* Texts are valid UTF-8, "" for none; repaired: they were not. Times are 0
 * where there is none. An id is "" where there is none, or something else. */
struct mevn_user {
	char id[ID_SIZE];
	const char *email, *username, *password, *avatar;
	int64_t created_at, last_seen;
	bool repaired;
};

/* Where a message is, and of whom. */
struct mevn_place {
	char id[ID_SIZE], sender[ID_SIZE], recipient[ID_SIZE];
	int64_t at;
	bool dated; /* else at is when its id was made */
};

enum mevn_status { MEVN_SENT, MEVN_RECEIVED, MEVN_READ };

struct mevn_message {
	char id[ID_SIZE];
	const char *content;
	enum mevn_status status;
	bool edited, deleted, repaired;
};

/* What they are given is borrowed until they return. False: no more of it. */
typedef bool mevn_each_user(const struct mevn_user *user, void *context);
typedef bool mevn_each_place(const struct mevn_place *place, void *context);
typedef bool mevn_each_message(const struct mevn_message *message,
			       void *context);

struct mevn_verbs {
	struct mevn *(*open)(const struct store_config *config, char **error);
	void (*free)(struct mevn *);
	bool (*users)(struct mevn *, mevn_each_user *, void *);
	bool (*places)(struct mevn *, mevn_each_place *, void *);
	bool (*messages)(struct mevn *, const char *const *ids, size_t count,
			 mevn_each_message *, void *);
};

/* Connects to nothing yet. NULL, and one clear line in *error that the caller
 * frees, without what is secret in the URI. */
struct mevn *mevn_open(const struct store_config *config, char **error);

static inline void mevn_free(struct mevn *old)
{
	if (old != NULL)
		old->verbs->free(old);
}

/* In the order of their ids; false: it could not be read. */
static inline bool mevn_users(struct mevn *old, mevn_each_user *each,
			      void *context)
{
	return old->verbs->users(old, each, context);
}

/* In any order. */
static inline bool mevn_places(struct mevn *old, mevn_each_place *each,
			       void *context)
{
	return old->verbs->places(old, each, context);
}

/* Those of them that are there, in any order. */
static inline bool mevn_messages(struct mevn *old, const char *const *ids,
				 size_t count, mevn_each_message *each,
				 void *context)
{
	return old->verbs->messages(old, ids, count, each, context);
}

#endif
