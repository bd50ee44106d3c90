/* The old chat's database is another one than the store's, asked in its own
 * way: by whoever waits for as long as it takes. */
#include "store_mevn.h"

#include <ctype.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_bson.h"
#include "store_backend.h"
#include "store_mongo.h"
#include "text.h"

#define NAME_DEFAULT "test" /* as Mongoose has it */
#define CONNECT_MS 5000
#define ANSWER_MS 60000
#define TEXTS_MAX 4 /* of one row */

struct mevn_mongo {
	struct mevn base;
	mongoc_client_t *client;
	mongoc_collection_t *users, *messages;
};

static struct mevn_mongo *mevn_mongo(struct mevn *old)
{
	return (struct mevn_mongo *)old;
}

/* ---- the connection ---- */

static void set_times(mongoc_uri_t *uri)
{
	if (!mongoc_uri_has_option(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS))
		mongoc_uri_set_option_as_int32(
			uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, CONNECT_MS);
	if (!mongoc_uri_has_option(uri, MONGOC_URI_SOCKETTIMEOUTMS))
		mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS,
					       ANSWER_MS);
	mongoc_uri_set_appname(uri, "palabre import");
}

static bool connect_to(struct mevn_mongo *old, const mongoc_uri_t *uri)
{
	const char *name = mongoc_uri_get_database(uri);

	mongoc_init();
	old->client = mongoc_client_new_from_uri_with_error(uri, NULL);
	if (old->client == NULL)
		return false;
	mongoc_client_set_error_api(old->client, MONGOC_ERROR_API_VERSION_2);
	if (name == NULL || *name == '\0')
		name = NAME_DEFAULT;
	old->users = mongoc_client_get_collection(old->client, name, "users");
	old->messages =
		mongoc_client_get_collection(old->client, name, "messages");
	return true;
}

static void mevn_mongo_free(struct mevn *base)
{
	struct mevn_mongo *old = mevn_mongo(base);

	mongoc_collection_destroy(old->users);
	mongoc_collection_destroy(old->messages);
	mongoc_client_destroy(old->client);
	free(old);
}

static struct mevn *mevn_mongo_open(const struct store_config *config,
				    char **error)
{
	mongoc_uri_t *uri;
	struct mevn_mongo *old;

	mongoc_log_set_handler(NULL, NULL); /* what fails is said */
	uri = mongoc_uri_new_with_error(config->uri, NULL);
	if (uri == NULL) {
		*error = xstrdup(MONGO_URI_UNREADABLE);
		return NULL;
	}
	old = xcalloc(1, sizeof(*old));
	set_times(uri);
	if (!connect_to(old, uri)) {
		*error = xstrdup("MongoDB has a name that cannot be looked up");
		mevn_mongo_free(&old->base);
		old = NULL;
	}
	mongoc_uri_destroy(uri);
	return old != NULL ? &old->base : NULL;
}

/* ---- one row ---- */

/* An ObjectId, or one that is written down. */
static void read_id(const bson_t *row, const char *name, char out[ID_SIZE])
{
	const char *text = mongo_read_text(row, name);

	mongo_read_id(row, name, out);
	if (text == NULL || strlen(text) != ID_LEN)
		return;
	for (size_t i = 0; i < ID_SIZE; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	if (!id_valid(out))
		out[0] = '\0';
}

/* False: it says not when. */
static bool read_time(const bson_t *row, const char *name, int64_t *out)
{
	bson_iter_t iter;

	*out = 0;
	if (!bson_iter_init_find(&iter, row, name))
		return false;
	if (BSON_ITER_HOLDS_DATE_TIME(&iter))
		*out = bson_iter_date_time(&iter);
	else if (BSON_ITER_HOLDS_NUMBER(&iter))
		*out = bson_iter_as_int64(&iter);
	if (*out < 0)
		*out = 0;
	return *out > 0;
}

/* Seconds are what an ObjectId begins with. */
static int64_t time_of_id(const char *id)
{
	char seconds[9] = "";

	memcpy(seconds, id, strlen(id) < 8 ? 0 : 8);
	return (int64_t)strtoll(seconds, NULL, 16) * 1000;
}

/* Texts of a row that are not as they should be, as they will be. */
struct repairs {
	char *texts[TEXTS_MAX];
	size_t count;
};

static const char *read_text(const bson_t *row, const char *name,
			     struct repairs *repairs)
{
	bson_iter_t iter;
	const char *text;
	uint32_t len;

	if (!bson_iter_init_find(&iter, row, name) ||
	    !BSON_ITER_HOLDS_UTF8(&iter))
		return "";
	text = bson_iter_utf8(&iter, &len);
	if (text_valid(text, len))
		return text;
	repairs->texts[repairs->count] = text_repair(text, len);
	return repairs->texts[repairs->count++];
}

static void repairs_done(struct repairs *repairs)
{
	while (repairs->count > 0)
		free(repairs->texts[--repairs->count]);
}

/* ---- rows ---- */

typedef bool each_row(const bson_t *row, void *each, void *context);

struct reading {
	mongoc_collection_t *in;
	bson_t *filter, *opts; /* destroyed by it */
	each_row *row;
	void *each, *context;
};

/* The driver names servers, never credentials; one line. */
static void say(struct mevn *old, const bson_error_t *error)
{
	snprintf(old->error, sizeof(old->error), "MongoDB: %.490s",
		 error->message);
	for (char *at = old->error; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ')
			*at = ' ';
	}
}

static bool read_rows(struct mevn *old, const struct reading *reading)
{
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(
		reading->in, reading->filter, reading->opts, NULL);
	const bson_t *row;
	bson_error_t error;
	bool failed;

	while (mongoc_cursor_next(cursor, &row) &&
	       reading->row(row, reading->each, reading->context))
		;
	failed = mongoc_cursor_error(cursor, &error);
	if (failed)
		say(old, &error);
	mongoc_cursor_destroy(cursor);
	bson_destroy(reading->filter);
	bson_destroy(reading->opts);
	return !failed;
}

/* ---- the verbs ---- */

/* A pointer to a function is given in what it points from. */
struct each_of {
	mevn_each_user *user;
	mevn_each_place *place;
	mevn_each_message *message;
};

static bool give_user(const bson_t *row, void *each, void *context)
{
	const struct each_of *to = each;
	struct repairs repairs = {.count = 0};
	struct mevn_user user = {
		.email = read_text(row, "email", &repairs),
		.username = read_text(row, "username", &repairs),
		.password = read_text(row, "password", &repairs),
		.avatar = read_text(row, "avatar", &repairs),
	};
	bool more;

	user.repaired = repairs.count > 0;
	read_id(row, "_id", user.id);
	if (!read_time(row, "createdAt", &user.created_at))
		user.created_at = time_of_id(user.id);
	read_time(row, "lastSeen", &user.last_seen);
	more = to->user(&user, context);
	repairs_done(&repairs);
	return more;
}

static bool mevn_mongo_users(struct mevn *old, mevn_each_user *each,
			     void *context)
{
	return read_rows(old, &(struct reading){
				      .in = mevn_mongo(old)->users,
				      .filter = mongo_bson(DOC()),
				      .opts = mongo_bson(
					      DOC(SUB("sort", INT("_id", 1)))),
				      .row = give_user,
				      .each = &(struct each_of){.user = each},
				      .context = context,
			      });
}

static bool give_place(const bson_t *row, void *each, void *context)
{
	const struct each_of *to = each;
	struct mevn_place place;

	mongo_read_id(row, "_id", place.id);
	read_id(row, "sender", place.sender);
	read_id(row, "recipient", place.recipient);
	place.dated = read_time(row, "createdAt", &place.at);
	if (!place.dated)
		place.at = time_of_id(place.id);
	return to->place(&place, context);
}

static bool mevn_mongo_places(struct mevn *old, mevn_each_place *each,
			      void *context)
{
	return read_rows(
		old,
		&(struct reading){
			.in = mevn_mongo(old)->messages,
			.filter = mongo_bson(DOC()),
			.opts = mongo_bson(DOC(
				SUB("projection", INT("sender", 1),
				    INT("recipient", 1), INT("createdAt", 1)))),
			.row = give_place,
			.each = &(struct each_of){.place = each},
			.context = context,
		});
}

static enum mevn_status status_of(const bson_t *row)
{
	const char *status = mongo_read_text(row, "status");

	if (status != NULL && strcmp(status, "read") == 0)
		return MEVN_READ;
	return status != NULL && strcmp(status, "received") == 0 ? MEVN_RECEIVED
								 : MEVN_SENT;
}

static bool give_message(const bson_t *row, void *each, void *context)
{
	const struct each_of *to = each;
	struct repairs repairs = {.count = 0};
	struct mevn_message message = {
		.content = read_text(row, "content", &repairs),
		.status = status_of(row),
		.edited = mongo_read_bool(row, "edited"),
		.deleted = mongo_read_bool(row, "deleted"),
	};
	bool more;

	message.repaired = repairs.count > 0;
	mongo_read_id(row, "_id", message.id);
	more = to->message(&message, context);
	repairs_done(&repairs);
	return more;
}

static bool mevn_mongo_messages(struct mevn *old, const char *const *ids,
				size_t count, mevn_each_message *each,
				void *context)
{
	return read_rows(
		old, &(struct reading){
			     .in = mevn_mongo(old)->messages,
			     .filter = mongo_bson(
				     DOC(SUB("_id", IDS("$in", ids, count)))),
			     .opts = mongo_bson(DOC()),
			     .row = give_message,
			     .each = &(struct each_of){.message = each},
			     .context = context,
		     });
}

const struct mevn_verbs mongo_mevn_verbs = {
	.open = mevn_mongo_open,
	.free = mevn_mongo_free,
	.users = mevn_mongo_users,
	.places = mevn_mongo_places,
	.messages = mevn_mongo_messages,
};
