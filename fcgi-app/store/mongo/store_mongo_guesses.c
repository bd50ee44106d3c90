/* Who guesses at passwords, and from where somebody signed in lately. */
#include "store_mongo.h"

#define HASH(name, hash) BYTES(name, (hash).bytes, sizeof((hash).bytes))

static enum store_status guesses_get(struct store *store,
				     const struct store_guess_key *key,
				     struct store_guesses *out)
{
	struct store_guess_hash hash = store_guess_hash(key);
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bson_t row;

	if (mongo_find_one(db, IN_GUESS, DOC(HASH("_id", hash)), NULL, &row)) {
		out->failures = mongo_read_int(&row, "failures");
		out->locked_until = mongo_read_int(&row, "lockedUntil");
		out->at = mongo_read_int(&row, "at");
		bson_destroy(&row);
	}
	return mongo_end(db, STORE_OK);
}

/* Counted by the server, so that two wrong passwords at once count as two:
 * first one that is new enough, then one that counts anew. Two who add the
 * first at once meet each other at the second, and count again. */
static enum store_status guesses_add(struct store *store,
				     const struct store_guess_key *key,
				     const struct store_guesses *guesses,
				     int64_t forget_before)
{
	struct store_guess_hash hash = store_guess_hash(key);
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	const struct mongo_field *set =
		DOC(INT("failures", guesses->failures),
		    INT("lockedUntil", guesses->locked_until),
		    INT("at", guesses->at));
	bool done = false;

	for (int tries = 0; tries < 3 && !done; tries++) {
		done = mongo_update(db, IN_GUESS,
				    DOC(HASH("_id", hash),
					SUB("at", INT("$gte", forget_before)),
					SUB("failures",
					    INT("$gte", guesses->failures))),
				    DOC(SUB("$inc", INT("failures", 1)),
					SUB("$set",
					    INT("lockedUntil",
						guesses->locked_until),
					    INT("at", guesses->at)))) ||
		       mongo_upsert(
			       db, IN_GUESS,
			       DOC(HASH("_id", hash),
				   ARRAY("$or",
					 SUB("", SUB("at", INT("$lt",
							       forget_before))),
					 SUB("", SUB("failures",
						     INT("$lt",
							 guesses->failures))))),
			       DOC(FIELDS("$set", set)));
	}
	return mongo_end(db, STORE_OK);
}

static enum store_status guesses_forget(struct store *store,
					const struct store_guess_key *key)
{
	struct store_guess_hash hash = store_guess_hash(key);
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	mongo_delete(db, IN_GUESS, DOC(HASH("_id", hash)));
	return mongo_end(db, STORE_OK);
}

/* ---- networks ---- */

static enum store_status network_seen(struct store *store, const char *user,
				      const char *network, int64_t now_ms)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	if (!mongo_update(
		    db, IN_USER,
		    DOC(ID("_id", user), TEXT("networks.network", network)),
		    DOC(SUB("$max", INT("networks.$.at", now_ms)))))
		mongo_update(db, IN_USER,
			     DOC(ID("_id", user),
				 SUB("networks.network", TEXT("$ne", network))),
			     DOC(SUB("$push",
				     SUB("networks",
					 ARRAY("$each",
					       SUB("", TEXT("network", network),
						   INT("at", now_ms))),
					 SUB("$sort", INT("at", 1)),
					 INT("$slice", -STORE_NETWORKS_MAX)))));
	return mongo_end(db, STORE_OK);
}

static enum store_status network_known(struct store *store, const char *user,
				       const char *network, int64_t since,
				       bool *known)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);

	*known = mongo_exists(
		db, IN_USER,
		DOC(ID("_id", user),
		    SUB("networks", SUB("$elemMatch", TEXT("network", network),
					SUB("at", INT("$gte", since))))));
	return mongo_end(db, STORE_OK);
}

static enum store_status networks(struct store *store, const char *user,
				  store_each_network *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_items items;
	bson_t row;

	if (mongo_find_one(db, IN_USER, DOC(ID("_id", user)),
			   DOC(INT("networks", 1)), &row)) {
		mongo_items(&row, "networks", &items);
		while (mongo_item(&items))
			each(mongo_read_text(&items.row, "network"), context);
		bson_destroy(&row);
	}
	return mongo_end(db, STORE_OK);
}

const struct store_guess_verbs mongo_guess_verbs = {
	.get = guesses_get,
	.add = guesses_add,
	.forget = guesses_forget,
	.network_seen = network_seen,
	.network_known = network_known,
	.networks = networks,
};
