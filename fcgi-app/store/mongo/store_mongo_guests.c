#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_block.h"
#include "mongo_durable.h"

#define SWEEP_MS 2000

/* ---- they come ---- */

/* The guest whom an earlier call with this session made. */
static bool find_again(struct mongo_db *db, struct store_user *user,
		       struct store_session *session)
{
	bson_t row;
	char id[ID_SIZE];
	bool found;

	if (!mongo_find_one(db, IN_SESSION, DOC(ID("_id", session->id)), NULL,
			    &row))
		return false;
	mongo_read_id(&row, "user", id);
	found = mongo_durable(db, IN_USER,
			      DOC(ID("_id", id), INT("role", ROLE_GUEST),
				  TEXT("username", user->username)),
			      "createdAt");
	if (found) {
		memcpy(user->id, id, ID_SIZE);
		memcpy(session->user_id, id, ID_SIZE);
		session->expires_at = mongo_read_int(&row, "expiresAt");
	}
	bson_destroy(&row);
	return found;
}

static enum store_status guest_come(struct store *store,
				    struct store_user *user,
				    struct store_session *session,
				    const char **field)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	user->role = ROLE_GUEST;
	if (session->id[0] != '\0' && find_again(db, user, session))
		return mongo_end(db, STORE_OK);
	if (session->id[0] == '\0')
		id_new(session->created_at, db->random, session->id);

	enum store_status status =
		mongo_session_sign_up(db, user, session, field);

	/* The same call may have come twice at once. */
	if (status == STORE_TAKEN && find_again(db, user, session))
		status = STORE_OK;
	return mongo_end(db, status);
}

/* ---- and go ---- */

bool mongo_guest_lives(struct mongo_db *db, const char *id, int64_t now_ms)
{
	return mongo_exists(
		db, IN_SESSION,
		DOC(ID("user", id), SUB("expiresAt", INT("$gt", now_ms))));
}

/* Unless they live: who comes has the session first, and none comes back. What
 * a crash leaves of their blocks says nothing. */
static bool forget_gone(struct mongo_db *db, const char *id, int64_t now_ms)
{
	if (mongo_guest_lives(db, id, now_ms) || db->failed ||
	    !mongo_delete(db, IN_USER,
			  DOC(ID("_id", id), INT("role", ROLE_GUEST))))
		return false;
	mongo_blocks_end(db, id);
	return true;
}

void mongo_guest_make_way(struct mongo_db *db, const char *id,
			  const char *name_shape, int64_t now_ms)
{
	bson_t row;
	char gone[ID_SIZE];

	if (name_shape == NULL ||
	    !mongo_find_one(db, IN_USER,
			    DOC(TEXT("nameShape", name_shape),
				INT("role", ROLE_GUEST),
				SUB("_id", ID("$ne", id))),
			    DOC(INT("_id", 1)), &row))
		return;
	mongo_read_id(&row, "_id", gone);
	bson_destroy(&row);
	forget_gone(db, gone, now_ms);
}

static size_t look_for_guests(struct mongo_db *db, const char *behind,
			      size_t limit, char out[][ID_SIZE])
{
	struct mongo_rows rows =
		mongo_find(db, IN_USER,
			   &(struct mongo_find){
				   .filter = DOC(INT("role", ROLE_GUEST),
						 SUB("_id", ID("$gt", behind))),
				   .fields = DOC(INT("_id", 1)),
				   .sort = DOC(INT("_id", 1)),
				   .limit = limit,
			   });
	size_t count = 0;

	while (mongo_next(&rows))
		mongo_read_id(rows.row, "_id", out[count++]);
	return count;
}

/* Housekeeping has more to do: the next sweep goes on from there. */
static bool is_late(const struct mongo_db *db)
{
	return clock_mono_ms() - db->begun_ms >= SWEEP_MS;
}

static enum store_status guest_sweep(struct store *store, int64_t now_ms,
				     size_t limit, size_t *count)
{
	char(*guests)[ID_SIZE] = xcalloc(limit, ID_SIZE);
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	char *behind = ((struct store_mongo *)store)->guests_behind;
	size_t forgotten = 0, found = limit;
	bool late = false;

	mongo_unhurried(db);
	if (behind[0] == '\0')
		id_floor(0, behind);
	while (found == limit && found > 0 && forgotten < limit && !late) {
		found = look_for_guests(db, behind, limit, guests);
		for (size_t i = 0; i < found && forgotten < limit && !late;
		     i++) {
			forgotten += forget_gone(db, guests[i], now_ms);
			memcpy(behind, guests[i], ID_SIZE);
			late = is_late(db);
		}
	}
	if (!late)
		behind[0] = '\0';
	free(guests);
	enum store_status status = mongo_end(db, STORE_OK);

	if (status == STORE_OK)
		*count = forgotten;
	return status;
}

const struct store_guest_verbs mongo_guest_verbs = {
	.come = guest_come,
	.sweep = guest_sweep,
};
