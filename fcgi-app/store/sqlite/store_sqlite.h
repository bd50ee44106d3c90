/*
 * store_sqlite - the SQLite backend: what its files share. Each verb is in the
 * file of its subject, whose table ends it; none of this leaves the folder.
 *
 * Verbs begin and end as sqlite_db.h says, and look at nothing in between but
 * what their queries found.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "palabre_limits.h"
#include "sqlite_columns.h"
#include "sqlite_query.h"
#include "sqlite_span.h"
#include "store_backend.h"
#include "store_user_keys.h"

/* When what is due, as clock_mono_ms(): store_sqlite_keep.c. */
struct sqlite_keep {
	int64_t tick_ms, frames; /* of the log, at the last look */
	int64_t copied_at, restart_at, patience_ms, say_at, events_at;
	int64_t search_at;
	size_t indexing;  /* messages at once */
	int64_t merge_at; /* by the clock */
	bool merging;
};

struct store_sqlite {
	struct store base;
	struct sqlite_db db;
	struct sqlite_keep keep;
};

static inline struct sqlite_db *store_sqlite_db(struct store *store)
{
	return &((struct store_sqlite *)store)->db;
}

static inline struct sqlite_db *sqlite_begin(struct store *store,
					     enum sqlite_access access)
{
	struct sqlite_db *db = store_sqlite_db(store);

	sqlite_span_verb(db, access);
	return db;
}

static inline enum store_status sqlite_end_found(struct sqlite_db *db,
						 bool found)
{
	return sqlite_end(db, found ? STORE_OK : STORE_NOT_FOUND);
}

/* A verb that gives ids: sql has the viewer's id and the limit as its
 * parameters. */
enum store_status sqlite_each_id(struct store *store, const char *sql,
				 const struct store_viewer *viewer,
				 size_t limit, store_each_id *each,
				 void *context);

/* ---- what one subject asks of another ---- */

/* False: there is none. */
bool sqlite_user_find(struct sqlite_db *db, const char *id,
		      struct store_user *out);
/* What is sought as words, as JSON, each once: every name is asked for each of
 * them. False: nothing to seek by, or more words than a name has. The caller
 * frees *out. */
bool sqlite_words_of(const char *text, char **out);
/* Of user u, and ?1: these words, or NULL for anybody. */
#define SQLITE_HAS_WORDS                                                       \
	"(?1 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?1)"               \
	"  WHERE instr(u.name_seek, value) = 0"                                \
	"  AND instr(u.display_seek, value) = 0))"
/* Which field belongs to somebody other than id ("": to anybody), or takes the
 * shape of their username; NULL: none. */
const char *sqlite_user_taken(struct sqlite_db *db, const char *id,
			      const struct user_keys *keys, int64_t now_ms);
/* A living user who is not disabled and, unless hash is NULL, has that
 * password. */
bool sqlite_user_verified(struct sqlite_db *db, const char *id,
			  const char *hash);
/* As store_user_add(), within a verb. */
enum store_status sqlite_user_insert(struct sqlite_db *db,
				     struct store_user *user,
				     const char **field);

/* A session that has its id. */
void sqlite_session_insert(struct sqlite_db *db, struct store_session *session);

/* Forget a guest who lives no more, unless it is id, whose name has that shape
 * (NULL: of nobody). */
void sqlite_guest_make_way(struct sqlite_db *db, const char *id,
			   const char *name_shape, int64_t now_ms);

/* Does one user block another? */
bool sqlite_is_blocked(struct sqlite_db *db, const char *blocker,
		       const char *blocked);

/* As a direct conversation that is not there yet will have it. */
int sqlite_blocks_of(struct sqlite_db *db, const struct sqlite_conversation *c);

/* A message by its id, in the columns of its conversation and then its own. */
#define SQLITE_FOUND_MESSAGE CONVERSATION_COLUMN_COUNT
struct query sqlite_message_query(struct sqlite_db *db, const char *id);
/* A row as the viewer sees it. */
void sqlite_message_seen(struct query *q, int at,
			 const struct sqlite_conversation *c,
			 const struct store_viewer *viewer,
			 struct store_message *out);

/* The number of a conversation's next change; then its row and event, which
 * fills in its position. */
int64_t sqlite_change_next(struct sqlite_db *db, int64_t n);
void sqlite_change_insert(struct sqlite_db *db, int64_t n, const char *by,
			  int64_t now_ms, struct store_change *change);

/* A file; false: there is none. May the viewer read it? */
bool sqlite_file_find(struct sqlite_db *db, const char *id,
		      struct store_file *out);
bool sqlite_file_readable(struct sqlite_db *db,
			  const struct store_viewer *viewer,
			  const struct store_file *file);

/* A picture that is a file is one that the viewer may read (NOT_FOUND) and that
 * is shown as such (NO_PICTURE): whoever sees theirs may read it from then on.
 */
enum store_status sqlite_file_shows(struct sqlite_db *db,
				    const struct store_viewer *viewer,
				    const char *avatar);

/* Is it a copy of what was reported, which answers to what says so? */
bool sqlite_report_is_copy(struct sqlite_db *db, const char *reply_to,
			   int64_t place);

/* A row of the audit. */
void sqlite_audit_add(struct sqlite_db *db, const char *by,
		      const struct store_deed *deed);

/* ---- the tables of verbs, and verbs too long for the file of theirs ---- */

extern const struct store_user_verbs sqlite_user_verbs;
extern const struct store_account_verbs sqlite_account_verbs;
extern const struct store_guess_verbs sqlite_guess_verbs;
extern const struct store_session_verbs sqlite_session_verbs;
extern const struct store_conversation_verbs sqlite_conversation_verbs;
extern const struct store_group_verbs sqlite_group_verbs;
extern const struct store_guest_verbs sqlite_guest_verbs;
extern const struct store_operator_verbs sqlite_operator_verbs;
extern const struct store_message_verbs sqlite_message_verbs;
extern const struct store_own_verbs sqlite_own_verbs;
extern const struct store_report_verbs sqlite_report_verbs;
extern const struct store_block_verbs sqlite_block_verbs;
extern const struct store_erase_verbs sqlite_erase_verbs;
extern const struct store_event_verbs sqlite_event_verbs;
extern const struct store_file_verbs sqlite_file_verbs;
extern const struct store_import_verbs sqlite_import_verbs;
extern const struct store_copy_verbs sqlite_copy_verbs;

enum store_status sqlite_send(struct store *, const struct store_viewer *,
			      const struct store_send *,
			      const char *conversation, struct store_sent *);
enum store_status sqlite_change(struct store *, const struct store_viewer *,
				const char *id, const struct store_edit *,
				struct store_change *);
enum store_status sqlite_react(struct store *, const struct store_viewer *,
			       const char *id, const struct store_reaction *,
			       struct store_change *);
enum store_status sqlite_search(struct store *, const struct store_viewer *,
				struct store_search *, store_each_message *,
				void *);
/* *more: it wants to go on at once. */
enum store_status sqlite_search_keep(struct store_sqlite *, int64_t now_ms,
				     bool *more);
/* What is to be done of a damaged index. *damaged: it is, and stays so if there
 * is not *more to do at once. */
enum store_status sqlite_search_mend(struct store_sqlite *, int64_t now_ms,
				     bool *damaged, bool *more);
enum store_status sqlite_mark(struct store *, const struct store_viewer *,
			      const char *id, const struct store_reach *,
			      int64_t now_ms, struct store_read_marks *);
enum store_status sqlite_link_make(struct store *, const struct store_viewer *,
				   const char *id, struct store_link *,
				   int64_t now_ms);
enum store_status sqlite_link_end(struct store *, const struct store_viewer *,
				  const char *id);
enum store_status sqlite_keep(struct store *, int64_t now_ms,
			      int64_t *again_ms);
enum store_status sqlite_lobby_trim(struct store *, size_t limit,
				    size_t *count);
char *sqlite_backup(struct store *, const char *path, store_progress *,
		    void *context);
char *sqlite_restore(struct store *, const struct store_restore *, char **kept);
enum store_status sqlite_verify(struct store *, int64_t *checked,
				store_each_problem *, void *);

#endif
