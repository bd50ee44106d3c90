/*
 * store_mongo - the MongoDB backend: what its files share. Each verb is in the
 * file of its subject, whose table ends it; none of this leaves the folder.
 *
 * Verbs begin and end as mongo_db.h says. What is in which collection, and who
 * mends what a crash left between two writes, is at the top of mongo_schema.c.
 */
#ifndef STORE_MONGO_H
#define STORE_MONGO_H

#include "mongo_clock.h"
#include "mongo_query.h"
#include "palabre_limits.h"
#include "store_user_keys.h"

/* When what is due, as clock_mono_ms(): store_mongo_keep.c. */
#define MONGO_ROUNDS_MAX 8
struct mongo_keep {
	int64_t due[MONGO_ROUNDS_MAX], say_at;
};

struct store_mongo {
	struct store base;
	struct mongo_db db;
	struct mongo_keep keep;
	/* Behind whom guests are looked at next; "": from the first on. */
	char guests_behind[ID_SIZE];
};

static inline struct mongo_db *store_mongo_db(struct store *store)
{
	return &((struct store_mongo *)store)->db;
}

/* A verb of a store that is there: it is looked at once a connection. */
struct mongo_db *mongo_begin(struct store *store, enum mongo_access access);

/* ---- users ---- */

/* All of a user's row, and what of it others may see (no email, no hash). */
void mongo_user_read(const bson_t *row, struct store_user *out);
extern const struct mongo_field mongo_user_shown[]; /* a projection */
void mongo_user_shown_read(const bson_t *row, struct store_user *out);

/* False: there is none. */
bool mongo_user_find(struct mongo_db *db, const char *id,
		     struct store_user *out);
/* A living user who is not disabled and, unless hash is NULL, has that
 * password. */
bool mongo_user_verified(struct mongo_db *db, const char *id, const char *hash);
/* The condition of a user whose session that one is, which was opened when
 * their sessions had been ended so many times. */
#define MONGO_SIGNED_IN(session, ended)                                        \
	ARRAY("$or",                                                           \
	      SUB("", IF((ended) == 0, NOTHING("sessionsEnded")),              \
		  IF((ended) != 0, INT("sessionsEnded", ended))),              \
	      SUB("", ID("sessionKept", session)))
/* Their user, who is not disabled. */
bool mongo_user_signed_in(struct mongo_db *db, const char *id,
			  const char *session, int64_t ended,
			  struct store_user *out);

/* Which field belongs to somebody other than id ("": to anybody), or takes the
 * shape of their username; NULL: none. */
const char *mongo_user_taken(struct mongo_db *db, const char *id,
			     const struct user_keys *keys, int64_t now_ms);
/* The field that the last write to a user shares with somebody; NULL: none. */
const char *mongo_user_duplicate(const struct mongo_db *db);
/* As store_user_add(), within a verb, with that id. */
enum store_status mongo_user_insert(struct mongo_db *db,
				    struct store_user *user, const char *id,
				    const char **field);
/* A condition of users: each word of the text is in one of their names. False:
 * nothing to seek by, or more words than a name has. Either way out is for
 * bson_destroy(). */
bool mongo_words(const char *text, bson_t *out);

/* ---- sessions and guests ---- */

/* As store_register(), within a verb, of a session that has its id. */
enum store_status mongo_session_sign_up(struct mongo_db *db,
					struct store_user *user,
					struct store_session *session,
					const char **field);

/* Has the guest a session that lives? */
bool mongo_guest_lives(struct mongo_db *db, const char *id, int64_t now_ms);
/* Forget a guest who lives no more, unless it is id, whose name has that shape
 * (NULL: of nobody). */
void mongo_guest_make_way(struct mongo_db *db, const char *id,
			  const char *name_shape, int64_t now_ms);

/* ---- messages ---- */

struct mongo_conversation;

/* Gives a row as the viewer sees it, with what was pending in it done. */
bool mongo_message_give(struct mongo_db *db, const struct mongo_conversation *c,
			const struct store_viewer *viewer, const bson_t *row,
			store_each_message *each, void *context);

/* ---- the tables of verbs: each in store_mongo_SUBJECT.c; and verbs that have
 * a file of their own ---- */

extern const struct store_user_verbs mongo_user_verbs;
extern const struct store_account_verbs mongo_account_verbs;
extern const struct store_guess_verbs mongo_guess_verbs;
extern const struct store_session_verbs mongo_session_verbs;
extern const struct store_guest_verbs mongo_guest_verbs;
extern const struct store_conversation_verbs mongo_conversation_verbs;
extern const struct store_message_verbs mongo_message_verbs;
extern const struct store_own_verbs mongo_own_verbs;
extern const struct store_event_verbs mongo_event_verbs;
extern const struct store_group_verbs mongo_group_verbs;
extern const struct store_import_verbs mongo_import_verbs;
extern const struct store_copy_verbs mongo_copy_verbs;
extern const struct mevn_verbs mongo_mevn_verbs;
extern const struct store_operator_verbs mongo_operator_verbs;
extern const struct store_report_verbs mongo_report_verbs;
extern const struct store_block_verbs mongo_block_verbs;
extern const struct store_erase_verbs mongo_erase_verbs;
extern const struct store_file_verbs mongo_file_verbs;

enum store_status mongo_user_list(struct store *,
				  const struct store_user_query *,
				  store_each_user *, void *, int64_t *total);
enum store_status mongo_user_accounts(struct store *,
				      const struct store_user_query *,
				      store_each_user *, void *);
enum store_status mongo_send(struct store *, const struct store_viewer *,
			     const struct store_send *,
			     const char *conversation, struct store_sent *);
enum store_status mongo_change(struct store *, const struct store_viewer *,
			       const char *id, const struct store_edit *,
			       struct store_change *);
enum store_status mongo_react(struct store *, const struct store_viewer *,
			      const char *id, const struct store_reaction *,
			      struct store_change *);
enum store_status mongo_search(struct store *, const struct store_viewer *,
			       struct store_search *, store_each_message *,
			       void *);
enum store_status mongo_files(struct store *, const struct store_viewer *,
			      const char *conversation,
			      const struct store_showing *,
			      store_each_message *, void *);
enum store_status mongo_seek(struct store *, const struct store_viewer *,
			     const char *conversation, int64_t at_ms,
			     int64_t *seq);
enum store_status mongo_mark(struct store *, const struct store_viewer *,
			     const char *id, const struct store_reach *,
			     int64_t now_ms, struct store_read_marks *);
enum store_status mongo_verify(struct store *, int64_t *checked,
			       store_each_problem *, void *);
enum store_status mongo_lobby_trim(struct store *, size_t limit, size_t *count);

enum store_status mongo_keep(struct store *, int64_t now_ms, int64_t *again_ms);

#endif
