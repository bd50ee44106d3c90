#include "store_mongo.h"

#include <string.h>

static void session_read(const bson_t *row, struct store_session *out)
{
	*out = (struct store_session){
		.created_at = mongo_read_int(row, "createdAt"),
		.last_used = mongo_read_int(row, "lastUsed"),
		.expires_at = mongo_read_int(row, "expiresAt"),
		.agent = mongo_take_text(row, "agent"),
		.address = mongo_take_text(row, "address"),
	};
	mongo_read_id(row, "_id", out->id);
	mongo_read_id(row, "user", out->user_id);
}

/* False: there is one with this id already. ended: how often those of the user
 * were. */
static bool insert_session(struct mongo_db *db, const char *user,
			   struct store_session *session, int64_t ended,
			   bool opening)
{
	session->last_used = session->created_at;
	return mongo_insert(
		db, IN_SESSION,
		DOC(ID("_id", session->id), ID("user", user),
		    INT("createdAt", session->created_at),
		    INT("lastUsed", session->last_used),
		    INT("expiresAt", session->expires_at),
		    TEXT("agent", session->agent ? session->agent : ""),
		    TEXT("address", session->address ? session->address : ""),
		    IF(ended > 0, INT("ended", ended)),
		    IF(opening, BOOL("opening", true))));
}

static bool delete_session(struct mongo_db *db, const char *id)
{
	return mongo_delete(db, IN_SESSION, DOC(ID("_id", id)));
}

/* Nobody else sweeps them: who signs in leaves no old ones behind. */
static void delete_expired(struct mongo_db *db,
			   const struct store_session *session)
{
	mongo_delete_all(
		db, IN_SESSION,
		DOC(ID("user", session->user_id),
		    SUB("expiresAt", INT("$lte", session->created_at))));
}

/* How their sessions stand: how many times all were ended, but for one. */
struct standing {
	int64_t ended;
	char kept[ID_SIZE]; /* "": none was */
};

static void read_standing(struct mongo_db *db, const char *user,
			  struct standing *out)
{
	bson_t row;

	*out = (struct standing){.kept = ""};
	if (!mongo_find_one(db, IN_USER, DOC(ID("_id", user)),
			    DOC(INT("sessionsEnded", 1), INT("sessionKept", 1)),
			    &row))
		return;
	out->ended = mongo_read_int(&row, "sessionsEnded");
	mongo_read_id(&row, "sessionKept", out->kept);
	bson_destroy(&row);
}

/* Whoever changes the password ends the sessions with that, and deletes them
 * then. So one that is opened is there before the password is looked at, and is
 * nobody's until it was right; how often they were ended is read before. */
static enum store_status session_open(struct store *store,
				      struct store_session *session,
				      const char *verified)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	struct standing standing;

	read_standing(db, session->user_id, &standing);
	if (!mongo_user_verified(db, session->user_id, verified))
		return mongo_end(db, STORE_NOT_FOUND);
	delete_expired(db, session);
	id_new(session->created_at, db->random, session->id);
	insert_session(db, session->user_id, session, standing.ended, true);
	if (mongo_user_verified(db, session->user_id, verified) &&
	    mongo_update(db, IN_SESSION, DOC(ID("_id", session->id)),
			 DOC(SUB("$unset", INT("opening", 1)))))
		return mongo_end(db, STORE_OK);
	delete_session(db, session->id);
	return mongo_end(db, STORE_NOT_FOUND);
}

static void read_user_of(struct mongo_db *db, const char *session,
			 char out[ID_SIZE])
{
	bson_t row;

	if (mongo_find_one(db, IN_SESSION, DOC(ID("_id", session)),
			   DOC(INT("user", 1)), &row)) {
		mongo_read_id(&row, "user", out);
		bson_destroy(&row);
	}
}

/* The session comes first: without its user it is none, and a name is never
 * taken by somebody who got no answer. One that is there, of an earlier call
 * that got no further, is gone on with. */
enum store_status mongo_session_sign_up(struct mongo_db *db,
					struct store_user *user,
					struct store_session *session,
					const char **field)
{
	char id[ID_SIZE];

	id_new(user->created_at, db->random, id);
	bool first = insert_session(db, id, session, 0, false);

	if (!first)
		read_user_of(db, session->id, id);

	enum store_status status = mongo_user_insert(db, user, id, field);

	if (status == STORE_OK)
		memcpy(session->user_id, id, ID_SIZE);
	else if (first)
		delete_session(db, session->id);
	return status;
}

static enum store_status sign_up(struct store *store, struct store_user *user,
				 struct store_session *session,
				 const char **field)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	id_new(session->created_at, db->random, session->id);

	enum store_status status =
		mongo_end(db, mongo_session_sign_up(db, user, session, field));

	if (status != STORE_OK)
		session->id[0] = '\0';
	return status;
}

static bool find_living(struct mongo_db *db, const char *id, int64_t now_ms,
			struct store_session *out, int64_t *ended)
{
	bson_t row;
	bool found = mongo_find_one(db, IN_SESSION,
				    DOC(ID("_id", id),
					SUB("expiresAt", INT("$gt", now_ms)),
					NOTHING("opening")),
				    NULL, &row);

	if (found) {
		session_read(&row, out);
		*ended = mongo_read_int(&row, "ended");
		bson_destroy(&row);
	}
	return found;
}

static enum store_status session_get(struct store *store, const char *id,
				     int64_t now_ms, struct store_session *out,
				     struct store_user *user)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	int64_t ended;
	bool found = find_living(db, id, now_ms, out, &ended) &&
		     mongo_user_signed_in(db, out->user_id, id, ended, user);

	return mongo_end_found(db, found);
}

static enum store_status session_touch(struct store *store, const char *id,
				       int64_t now_ms, int64_t expires_at)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	bool found = mongo_update(db, IN_SESSION, DOC(ID("_id", id)),
				  DOC(SUB("$set", INT("lastUsed", now_ms),
					  INT("expiresAt", expires_at))));

	return mongo_end_found(db, found);
}

static enum store_status session_end(struct store *store, const char *user_id,
				     const char *id)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	int64_t ended = mongo_delete_all(
		db, IN_SESSION,
		DOC(ID("user", user_id), IF(id != NULL, ID("_id", id))));

	return mongo_end_found(db, ended > 0 || id == NULL);
}

#define LIVES(standing)                                                        \
	ARRAY("$or",                                                           \
	      SUB("", IF((standing)->ended == 0, NOTHING("ended")),            \
		  IF((standing)->ended != 0,                                   \
		     INT("ended", (standing)->ended))),                        \
	      SUB("", ID("_id", (standing)->kept)))

static enum store_status session_list(struct store *store, const char *user_id,
				      int64_t now_ms, size_t limit,
				      store_each_session *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct standing standing;
	struct store_session session;
	struct mongo_rows rows;

	read_standing(db, user_id, &standing);
	rows = mongo_find(
		db, IN_SESSION,
		&(struct mongo_find){
			.filter = DOC(ID("user", user_id),
				      SUB("expiresAt", INT("$gt", now_ms)),
				      NOTHING("opening"), LIVES(&standing)),
			.sort = DOC(INT("lastUsed", -1), INT("_id", -1)),
			.limit = limit,
		});
	while (mongo_next(&rows)) {
		session_read(rows.row, &session);
		each(&session, context);
		store_session_done(&session);
	}
	return mongo_end(db, STORE_OK);
}

const struct store_session_verbs mongo_session_verbs = {
	.sign_up = sign_up,
	.open = session_open,
	.get = session_get,
	.touch = session_touch,
	.end = session_end,
	.list = session_list,
};
