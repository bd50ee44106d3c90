#include "admin_transfer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin_stop.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "store.h"
#include "store_copy.h"
#include "store_owner.h"
#include "store_settings.h"

#define SHOW_EVERY_MS 200

static bool show(int64_t done, int64_t total, void *context)
{
	struct admin_transfer *t = context;
	int64_t now = clock_mono_ms();

	if (t->terminal && now >= t->next_ms) {
		fprintf(t->admin->err, "\r%" PRId64 " of %" PRId64 " \033[K",
			done, total);
		fflush(t->admin->err);
		t->next_ms = now + SHOW_EVERY_MS;
	}
	return !admin_stop_asked();
}

static bool accept(struct store *copy, void *context)
{
	const struct admin_transfer *t = context;

	if (t->terminal)
		fputs("\r\033[K", t->admin->err);
	return admin_verify(copy, t->admin->err) == 0;
}

/* ---- both of them ---- */

static void say(const char *words)
{
	fprintf(stderr, "%s\n", words);
}

static struct store *open_store(const struct admin *admin, const char *uri,
				char **error)
{
	struct palabre_options options = *admin->options;
	struct store *store;

	options.store = (char *)uri;
	store = store_of_settings(&options, error);
	if (store != NULL)
		store_say_to(store, say);
	return store;
}

/* A database is held, so that no node uses it meanwhile; one that is not there
 * is not made. */
static char *hold_source(const struct admin_transfer *t)
{
	char epoch[ID_SIZE];

	if (store_epoch(t->from, epoch) != STORE_OK)
		return xstrdup(store_error(t->from));
	return t->live || store_is_file(t->from) ? NULL
						 : store_prepare(t->from);
}

char *admin_transfer_open(struct admin_transfer *t, struct admin *admin,
			  const char *from, const char *to)
{
	char *error = NULL;

	*t = (struct admin_transfer){
		.admin = admin,
		.live = t->live,
		.moves = t->moves,
		.terminal = isatty(fileno(admin->err)),
	};
	t->from = open_store(admin, from, &error);
	if (t->from != NULL)
		t->to = open_store(admin, to, &error);
	if (t->to != NULL)
		error = hold_source(t);
	if (error == NULL && t->to != NULL)
		error = store_prepare(t->to);
	return error;
}

char *admin_transfer_run(struct admin_transfer *t)
{
	const struct store_copying how = {
		.from = t->from,
		.to = t->to,
		.live = t->live,
		.moves = t->moves,
		.progress = show,
		.accept = accept,
		.context = t,
	};
	char *error;

	admin_stop_listen();
	error = store_copy(&how, &t->records);
	if (t->terminal)
		fputs("\r\033[K", t->admin->err);
	return error;
}

void admin_transfer_close(struct admin_transfer *t)
{
	if (t->to != NULL)
		store_leave(t->to);
	if (t->from != NULL && !t->live && !store_is_file(t->from))
		store_leave(t->from);
	store_free(t->from);
	store_free(t->to);
}

/* ---- the command ---- */

/* Whichever is a file says whose program this is to be. */
static char *become_owner(const struct admin *admin, char **uris)
{
	struct palabre_options options = *admin->options;

	options.store = uris[store_uri_path(uris[0]) != NULL ? 0 : 1];
	store_owner_return();
	return store_owner_become(&options);
}

/* However their names are spelled. */
static bool is_same(const char *one, const char *other)
{
	const char *a = store_uri_path(one), *b = store_uri_path(other);
	struct stat first, second;

	if (strcmp(one, other) == 0)
		return true;
	return a != NULL && b != NULL && stat(a, &first) == 0 &&
	       stat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

/* Whatever the configuration of this call is, one may run that serves either of
 * them. Of databases that are spelled otherwise there it is the lease that
 * says so, later. */
static char *find_servers(struct admin_transfer *t, struct admin *admin,
			  char **uris)
{
	struct palabre_options options = *admin->options;
	struct admin of = {.options = &options};
	char *error;

	store_owner_return();
	if (is_same(uris[0], uris[1]))
		return xstrdup("these are one and the same store");
	options.store = uris[0];
	error = admin_find_server(&of);
	t->live = error != NULL;
	free(error);
	options.store = uris[1];
	return admin_find_server(&of);
}

static char *copy(struct admin_transfer *t, struct admin *admin, char **uris)
{
	char *error = admin_transfer_open(t, admin, uris[0], uris[1]);

	if (error == NULL)
		error = admin_transfer_run(t);
	admin_transfer_close(t);
	return error;
}

static void say_done(const struct admin_transfer *t)
{
	struct admin *admin = t->admin;

	if (admin->json != NULL) {
		json_put_int(admin->json, "records", t->records);
		json_put_bool(admin->json, "whole", !t->live);
	}
	if (t->live)
		admin_done(admin,
			   "%" PRId64 " records were copied or compared; the "
			   "second store lacks what changes in the first: stop "
			   "palabre-api and say the same again",
			   t->records);
	else
		admin_done(admin,
			   "%" PRId64 " records are in the second store as in "
			   "the first; palabre.conf says which is served",
			   t->records);
}

int admin_copy(struct admin *admin, char **words)
{
	struct admin_transfer t = {.moves = true};
	char *error = find_servers(&t, admin, words);
	int code = 0;

	if (error == NULL)
		error = become_owner(admin, words);
	if (error == NULL)
		error = copy(&t, admin, words);
	if (error != NULL)
		code = admin_fail(admin, 1, "%s", error);
	else
		say_done(&t);
	free(error);
	return code;
}
