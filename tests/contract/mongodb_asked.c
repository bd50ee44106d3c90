#include "mongodb_asked.h"

#include <dlfcn.h>
#include <string.h>

#include <mongoc/mongoc.h>

#include "mem.h"

#define ASKED_MAX 100

static struct {
	bool listening;
	size_t count;
	bson_t *command[ASKED_MAX];
} asked;

/* ---- in front of the driver ---- */

static void *driver(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	assert_non_null(function);
	return function;
}

static void keep(bson_t *command)
{
	if (asked.listening && asked.count < ASKED_MAX)
		asked.command[asked.count++] = command;
	else
		bson_destroy(command);
}

mongoc_cursor_t *
mongoc_collection_find_with_opts(mongoc_collection_t *collection,
				 const bson_t *filter, const bson_t *opts,
				 const mongoc_read_prefs_t *prefs)
{
	mongoc_cursor_t *(*find)(mongoc_collection_t *, const bson_t *,
				 const bson_t *, const mongoc_read_prefs_t *) =
		driver("mongoc_collection_find_with_opts");
	bson_t *command = bson_new();

	BSON_APPEND_UTF8(command, "find",
			 mongoc_collection_get_name(collection));
	BSON_APPEND_DOCUMENT(command, "filter", filter);
	bson_concat(command, opts);
	keep(command);
	return find(collection, filter, opts, prefs);
}

bool mongoc_client_read_command_with_opts(mongoc_client_t *client,
					  const char *name,
					  const bson_t *command,
					  const mongoc_read_prefs_t *prefs,
					  const bson_t *opts, bson_t *reply,
					  bson_error_t *error)
{
	bool (*run)(mongoc_client_t *, const char *, const bson_t *,
		    const mongoc_read_prefs_t *, const bson_t *, bson_t *,
		    bson_error_t *) =
		driver("mongoc_client_read_command_with_opts");

	keep(bson_copy(command));
	return run(client, name, command, prefs, opts, reply, error);
}

bool mongoc_client_write_command_with_opts(mongoc_client_t *client,
					   const char *name,
					   const bson_t *command,
					   const bson_t *opts, bson_t *reply,
					   bson_error_t *error)
{
	bool (*run)(mongoc_client_t *, const char *, const bson_t *,
		    const bson_t *, bson_t *, bson_error_t *) =
		driver("mongoc_client_write_command_with_opts");

	keep(bson_copy(command));
	return run(client, name, command, opts, reply, error);
}

/* ---- what the server says of it ---- */

static const char *name_of(const bson_t *command)
{
	bson_iter_t iter;

	assert_true(bson_iter_init(&iter, command) && bson_iter_next(&iter));
	return bson_iter_key(&iter);
}

/* Is a stage of that name anywhere in it? */
static bool has_stage(bson_iter_t *iter, const char *stage)
{
	while (bson_iter_next(iter)) {
		bson_iter_t child;

		if (strcmp(bson_iter_key(iter), "stage") == 0 &&
		    BSON_ITER_HOLDS_UTF8(iter) &&
		    strcmp(bson_iter_utf8(iter, NULL), stage) == 0)
			return true;
		if ((BSON_ITER_HOLDS_DOCUMENT(iter) ||
		     BSON_ITER_HOLDS_ARRAY(iter)) &&
		    bson_iter_recurse(iter, &child) && has_stage(&child, stage))
			return true;
	}
	return false;
}

static void assert_no_stage(const bson_t *reply, const char *stage,
			    const char *words)
{
	bson_iter_t iter, plan;

	assert_true(bson_iter_init(&iter, reply) &&
		    bson_iter_find_descendant(&iter, "queryPlanner.winningPlan",
					      &plan));
	bson_iter_t child;

	assert_true(bson_iter_recurse(&plan, &child));
	if (has_stage(&child, stage))
		fail_msg("%s in the plan of %s", stage, words);
}

static int64_t number_in(const bson_t *reply, const char *path)
{
	bson_iter_t iter, found;

	assert_true(bson_iter_init(&iter, reply) &&
		    bson_iter_find_descendant(&iter, path, &found));
	return bson_iter_as_int64(&found);
}

struct explainer {
	mongoc_client_t *client;
	char *name; /* of the database */
};

static void explain(const struct explainer *to, const bson_t *command,
		    bson_t *reply)
{
	bson_t *ask = bson_new();
	bson_t plain = BSON_INITIALIZER;
	bson_error_t error;

	/* What is durable is no matter of how it is found. */
	bson_copy_to_excluding_noinit(command, &plain, "writeConcern", NULL);
	BSON_APPEND_DOCUMENT(ask, "explain", &plain);
	BSON_APPEND_UTF8(ask, "verbosity", "executionStats");
	if (!mongoc_client_command_simple(to->client, to->name, ask, NULL,
					  reply, &error))
		fail_msg("%s", error.message);
	bson_destroy(&plain);
	bson_destroy(ask);
}

static void look_at(const struct explainer *to, const bson_t *command,
		    bool bounded)
{
	const char *name = name_of(command);
	char *words;
	bson_t reply;

	if (strcmp(name, "find") != 0 && strcmp(name, "count") != 0 &&
	    strcmp(name, "update") != 0 && strcmp(name, "distinct") != 0)
		return;
	words = bson_as_relaxed_extended_json(command, NULL);
	explain(to, command, &reply);
	assert_no_stage(&reply, "COLLSCAN", words);
	assert_no_stage(&reply, "SORT", words);
	if (bounded && strcmp(name, "find") == 0 &&
	    number_in(&reply, "executionStats.totalDocsExamined") >
		    number_in(&reply, "executionStats.nReturned") + 1)
		fail_msg("too many documents are looked at for %s", words);
	bson_destroy(&reply);
	bson_free(words);
}

void mongodb_asked_begin(void)
{
	asked.listening = true;
}

size_t mongodb_asked_count(void)
{
	return asked.count;
}

void mongodb_asked_assert_well(const struct contract *c, bool bounded)
{
	mongoc_uri_t *uri = mongoc_uri_new(c->uri);
	struct explainer to = {
		.client = mongoc_client_new_from_uri(uri),
		.name = xstrdup(mongoc_uri_get_database(uri)),
	};

	asked.listening = false;
	assert_true(asked.count > 0 && asked.count < ASKED_MAX);
	for (size_t i = 0; i < asked.count; i++) {
		look_at(&to, asked.command[i], bounded);
		bson_destroy(asked.command[i]);
	}
	asked.count = 0;
	mongoc_client_destroy(to.client);
	mongoc_uri_destroy(uri);
	free(to.name);
}
