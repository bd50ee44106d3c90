/*
 * store_guesses - who guesses at passwords, and from where somebody signed in
 * lately.
 */
#ifndef STORE_GUESSES_H
#define STORE_GUESSES_H

#include <stdbool.h>

#include "crypt.h"
#include "store_base.h"

/* Whose password, and from where: both only make a key. login is folded. Kept
 * as a hash, since some type their password where the name belongs; of the last
 * so many keys. */
#define STORE_GUESSES_MAX 100000
struct store_guess_key {
	const char *login, *place;
};
struct store_guess_hash {
	uint8_t bytes[CRYPT_SHA256_SIZE];
};
struct store_guess_hash store_guess_hash(const struct store_guess_key *key);

/* Wrong passwords so far, until when no more are looked at, and when the last
 * was. */
struct store_guesses {
	int64_t failures, locked_until, at;
};

typedef void store_each_network(const char *network, void *context);

struct store_guess_verbs {
	enum store_status (*get)(struct store *, const struct store_guess_key *,
				 struct store_guesses *);
	enum store_status (*add)(struct store *, const struct store_guess_key *,
				 const struct store_guesses *,
				 int64_t forget_before);
	enum store_status (*forget)(struct store *,
				    const struct store_guess_key *);
	enum store_status (*network_seen)(struct store *, const char *user,
					  const char *network, int64_t now_ms);
	enum store_status (*network_known)(struct store *, const char *user,
					   const char *network, int64_t since,
					   bool *known);
	enum store_status (*networks)(struct store *, const char *user,
				      store_each_network *, void *);
};

/* All 0: none. */
static inline enum store_status
store_guesses_get(struct store *store, const struct store_guess_key *key,
		  struct store_guesses *out)
{
	*out = (struct store_guesses){0};
	return store->guesses->get(store, key, out);
}

/* One more, at least that many then: two at once count as two. What was last
 * added before forget_before does not count. */
static inline enum store_status
store_guesses_add(struct store *store, const struct store_guess_key *key,
		  const struct store_guesses *guesses, int64_t forget_before)
{
	return store->guesses->add(store, key, guesses, forget_before);
}

static inline enum store_status
store_guesses_forget(struct store *store, const struct store_guess_key *key)
{
	return store->guesses->forget(store, key);
}

/* The user signed in from there. Of each user so many are kept, the newest. */
#define STORE_NETWORKS_MAX 16
static inline enum store_status store_network_seen(struct store *store,
						   const char *user,
						   const char *network,
						   int64_t now_ms)
{
	return store->guesses->network_seen(store, user, network, now_ms);
}

/* ... and has since then. user may be nobody's. */
static inline enum store_status store_network_known(struct store *store,
						    const char *user,
						    const char *network,
						    int64_t since, bool *known)
{
	*known = false;
	return store->guesses->network_known(store, user, network, since,
					     known);
}

static inline enum store_status store_networks(struct store *store,
					       const char *user,
					       store_each_network *each,
					       void *context)
{
	return store->guesses->networks(store, user, each, context);
}

#endif
