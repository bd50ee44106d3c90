#include "mongo_db.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "mem.h"

/* No operation begins later in its verb; and so long a way to the server may
 * take, and an answer. One that does not come is waited for three times: for
 * the answer, for a sign of life on that connection, and on a new one, before
 * the driver gives up its second try. */
#define LATE_MS 600
/* Nor later in a row of verbs that read. */
#define READ_LATE_MS 1000
#define CONNECT_MS 300
#define ANSWER_MS 700
/* Of verbs that take as long as they take. */
#define UNHURRIED_MS 60000
#define UNHURRIED_CONNECT_MS 5000
/* After a failure nobody tries for so long. */
#define REST_MS 500

static const char *const names[] = {
	[IN_META] = "meta",
	[IN_USER] = "user",
	[IN_SESSION] = "session",
	[IN_GUESS] = "guess",
	[IN_CONVERSATION] = "conversation",
	[IN_MESSAGE] = "message",
	[IN_CHANGE] = "change",
	[IN_EVENT] = "event",
	[IN_FILE] = "file",
	[IN_LINK] = "link",
	[IN_REPORT] = "report",
	[IN_AUDIT] = "audit",
	[IN_ADDRESS_BLOCK] = "address_block",
	[IN_USER_BLOCK] = "user_block",
	[IN_ERASURE] = "erasure",
	[IN_ERASED] = "erased",
	[IN_WORK] = "work",
};
_Static_assert(COUNT_OF(names) == MONGO_COLLECTIONS, "each has a name");

const char *mongo_collection_name(enum mongo_collection in)
{
	return names[in];
}

/* ---- the connection ---- */

void mongo_db_init(struct mongo_db *db, const struct store_config *config,
		   char *error, size_t error_size)
{
	char *lobby = store_config_get(config, "lobby");

	*db = (struct mongo_db){
		.lobby = lobby == NULL || strcmp(lobby, "off") != 0,
		.random = config->random,
		.error = error,
		.error_size = error_size,
	};
	id_floor(0, db->newest);
	if (config->watch != NULL)
		db->watch = *config->watch;
	free(lobby);
}

/* Cursors of the verb under way look at the client that they were made with,
 * also to be closed: it stays until the end. */
static void db_set_aside(struct mongo_db *db)
{
	db->aside =
		xrealloc(db->aside, (db->aside_count + 1) * sizeof(*db->aside));
	db->aside[db->aside_count++] = db->client;
}

static void db_end_aside(struct mongo_db *db)
{
	while (db->aside_count > 0)
		mongoc_client_destroy(db->aside[--db->aside_count]);
	free(db->aside);
	db->aside = NULL;
}

void mongo_db_close(struct mongo_db *db)
{
	for (size_t i = 0; i < COUNT_OF(db->collections); i++) {
		mongoc_collection_destroy(db->collections[i]);
		db->collections[i] = NULL;
	}
	if (db->client != NULL)
		db_set_aside(db);
	db->client = NULL;
	db->prepared = false;
}

void mongo_db_done(struct mongo_db *db)
{
	mongo_db_close(db);
	db_end_aside(db);
	mongoc_uri_destroy(db->uri);
	free(db->name);
	free(db->reactions);
}

/* Each write says its concern itself (a second one would be sent beside it),
 * and what is read is the primary's newest. */
static void db_forget_wishes(mongoc_client_t *client)
{
	mongoc_write_concern_t *write = mongoc_write_concern_new();
	mongoc_read_concern_t *read = mongoc_read_concern_new();
	mongoc_read_prefs_t *from = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);

	mongoc_client_set_write_concern(client, write);
	mongoc_client_set_read_concern(client, read);
	mongoc_client_set_read_prefs(client, from);
	mongoc_write_concern_destroy(write);
	mongoc_read_concern_destroy(read);
	mongoc_read_prefs_destroy(from);
}

/* What the promises rest on is not for the URI to say. */
static mongoc_client_t *db_client_new(const struct mongo_db *db)
{
	mongoc_uri_t *uri = mongoc_uri_copy(db->uri);
	int connect_ms = db->patient ? UNHURRIED_CONNECT_MS : CONNECT_MS;
	int answer_ms = db->patient ? UNHURRIED_MS : ANSWER_MS;
	bson_error_t error;

	mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS,
				       connect_ms);
	mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS,
				       answer_ms);
	mongoc_uri_set_option_as_int32(uri, MONGOC_URI_HEARTBEATFREQUENCYMS,
				       500);
	mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE,
				      true);
	mongoc_uri_set_appname(uri, "palabre");
	mongoc_client_t *client =
		mongoc_client_new_from_uri_with_error(uri, &error);

	mongoc_uri_destroy(uri);
	if (client == NULL)
		return NULL;
	mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
	db_forget_wishes(client);
	return client;
}

static bool db_connect(struct mongo_db *db)
{
	mongoc_init();
	mongoc_log_set_handler(NULL, NULL); /* what fails, verbs say */
	db->client = db_client_new(db);
	if (db->client == NULL) {
		db->retry_at_ms = clock_mono_ms() + REST_MS;
		mongo_refuse(db, "has a name that cannot be looked up");
		return false;
	}
	for (size_t i = 0; i < COUNT_OF(names); i++)
		db->collections[i] = mongoc_client_get_collection(
			db->client, db->name, names[i]);
	return true;
}

bool mongo_db_ready(struct mongo_db *db)
{
	int64_t now_ms = clock_mono_ms();

	if (db->failed)
		return false;
	if (!db->patient &&
	    (now_ms - db->begun_ms >= LATE_MS ||
	     (db->read_ms != 0 && now_ms - db->read_ms >= READ_LATE_MS))) {
		mongo_refuse(db, "is too slow");
		return false;
	}
	return db->client != NULL || db_connect(db);
}

/* ---- failures ---- */

/* Codes of a server that is not the one to ask, or not any more (the
 * specification of server discovery and monitoring). */
static bool is_of_another_server(uint32_t code)
{
	static const uint32_t codes[] = {91,	189,   10058, 10107,
					 11600, 11602, 13435, 13436};

	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}

static bool is_of_the_way(const bson_error_t *error)
{
	return error->domain == MONGOC_ERROR_STREAM ||
	       error->domain == MONGOC_ERROR_SERVER_SELECTION ||
	       error->domain == MONGOC_ERROR_CLIENT ||
	       (error->domain == MONGOC_ERROR_SERVER &&
		is_of_another_server(error->code));
}

void mongo_refuse(struct mongo_db *db, const char *why, ...)
{
	va_list values;
	char *text;

	va_start(values, why);
	text = xvasprintf(why, values);
	va_end(values);
	db->failed = true;
	snprintf(db->error, db->error_size, "MongoDB %s", text);
	free(text);
}

/* The driver names servers, never credentials; one line. */
static void db_say(struct mongo_db *db, const bson_error_t *error)
{
	snprintf(db->error, db->error_size, "MongoDB: %s", error->message);
	for (char *at = db->error; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ')
			*at = ' ';
	}
}

void mongo_db_fail(struct mongo_db *db, const bson_error_t *error,
		   const bson_t *reply, bool wrote)
{
	db->failed = true;
	db->unknown = wrote &&
		      (error->domain == MONGOC_ERROR_STREAM ||
		       error->domain == MONGOC_ERROR_WRITE_CONCERN ||
		       (reply != NULL &&
			mongoc_error_has_label(reply, "RetryableWriteError")));
	db_say(db, error);
	if (!is_of_the_way(error))
		return;
	/* A server that is not there is told of no end of sessions. */
	if (db->client != NULL)
		mongoc_client_reset(db->client);
	mongo_db_close(db);
	db->retry_at_ms = clock_mono_ms() + REST_MS;
}

bool mongo_look_again(struct mongo_db *db)
{
	if (!db->unknown || clock_mono_ms() - db->begun_ms >= LATE_MS)
		return false;
	db->unknown = db->failed = false;
	db->retry_at_ms = 0;
	return mongo_db_ready(db);
}

/* ---- who watches: a batch, or a verb that is in none ---- */

static int64_t db_clock(const struct mongo_db *db)
{
	return db->watch.timed != NULL ? clock_mono_us() : 0;
}

static void db_tell(const struct mongo_db *db, enum store_time what,
		    int64_t took_us)
{
	if (db->watch.timed != NULL)
		db->watch.timed(what, took_us, db->watch.context);
}

/* Unless it would wait in vain. */
static void db_enter(struct mongo_db *db)
{
	db->committing = db->durable = false;
	db->commit_us = 0;
	db->span_us = db_clock(db);
	if (db->watch.enter == NULL)
		return;
	db->entered = db->watch.enter(db->watch.context);
	if (!db->entered)
		mongo_refuse(db, "does not answer");
}

static void db_leave(struct mongo_db *db, bool done)
{
	if (db->entered)
		db->watch.leave(db->durable && done, db->watch.context);
	db->entered = false;
	if (db->committing)
		db_tell(db, STORE_TIME_COMMIT, db->commit_us);
	db_tell(db, STORE_TIME_WRITE, db_clock(db) - db->span_us);
}

void mongo_db_commit(struct mongo_db *db)
{
	if (db->entered && !db->committing)
		db->watch.commit(db->watch.context);
	db->committing = true;
}

void mongo_db_committed(struct mongo_db *db, int64_t took_us, bool done)
{
	db->commit_us += took_us;
	db->durable = db->durable || done;
}

/* ---- verbs ---- */

bool mongo_db_rests(const struct mongo_db *db)
{
	return clock_mono_ms() < db->retry_at_ms;
}

void mongo_db_begin(struct mongo_db *db, enum mongo_access access)
{
	assert(!db->in_verb); /* a callback called a verb */
	db->in_verb = true;
	db->access = access;
	db->unknown = false;
	db->duplicate[0] = '\0';
	db->verb_us = db_clock(db);
	db->begun_ms = clock_mono_ms();
	/* What failed last is why, until it is tried again. */
	db->failed = mongo_db_rests(db);
	if (!db->in_batch)
		db->committing = false;
	if (!db->failed && access == ACCESS_WRITE && !db->in_batch)
		db_enter(db);
}

void mongo_unhurried(struct mongo_db *db)
{
	if (!db->patient)
		mongo_db_close(db);
	db->patient = true;
}

enum store_status mongo_end(struct mongo_db *db, enum store_status status)
{
	assert(db->in_verb);
	db->in_verb = false;
	db_end_aside(db);
	if (db->access == ACCESS_READ)
		db_tell(db, STORE_TIME_READ, db_clock(db) - db->verb_us);
	else if (!db->in_batch)
		db_leave(db, !db->failed);
	if (db->failed)
		db->batch_lost = db->in_batch;
	return db->failed ? STORE_UNAVAILABLE : status;
}

bool mongo_db_batch_begin(struct mongo_db *db)
{
	assert(!db->in_verb && !db->in_batch);
	db->failed = mongo_db_rests(db);
	if (!db->failed)
		db_enter(db);
	db->in_batch = !db->failed;
	db->batch_lost = false;
	return db->in_batch;
}

bool mongo_db_batch_end(struct mongo_db *db, bool keep)
{
	bool done = db->in_batch && keep && !db->batch_lost;

	if (db->in_batch)
		db_leave(db, done);
	db->in_batch = false;
	return done;
}
