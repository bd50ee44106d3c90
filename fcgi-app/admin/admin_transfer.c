/* All of a store into another one, of another backend, from the command line.
 * A URI may have a password in it, so none is ever said. */
#include "admin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "store.h"
#include "store_copy.h"
#include "store_owner.h"
#include "store_settings.h"

#define SHOW_EVERY_MS 200

struct transfer {
	struct admin *admin;
	struct store *from, *to;
	bool terminal;
	int64_t next_ms, done;
};

/* Each record is gone through twice: copied, and compared. */
static bool show(int64_t done, int64_t total, void *context)
{
	struct transfer *t = context;
	int64_t now = clock_mono_ms();

	t->done = done;
	if (t->terminal && now >= t->next_ms) {
		fprintf(t->admin->err, "\r%" PRId64 " of %" PRId64 " \033[K",
			done, total);
		fflush(t->admin->err);
		t->next_ms = now + SHOW_EVERY_MS;
	}
	return true;
}

/* Whichever is a file says whose program this is to be. */
static char *become_owner(char **uris)
{
	static const char file[] = "sqlite:";
	bool first = strncmp(uris[0], file, strlen(file)) == 0;

	store_owner_return();
	return store_owner_become(uris[first ? 0 : 1]);
}

static char *find_server(struct admin *admin, char **uris)
{
	const char *served = admin->options->store;

	if (strcmp(uris[0], uris[1]) == 0)
		return xstrdup("these are one and the same store");
	if (strcmp(served, uris[0]) != 0 && strcmp(served, uris[1]) != 0)
		return NULL;
	store_owner_return();
	return admin_find_server(admin);
}

static struct store *open_store(const struct admin *admin, char *uri,
				char **error)
{
	struct palabre_options options = *admin->options;

	options.store = uri;
	return store_of_settings(&options, error);
}

static char *open_both(struct transfer *t, char **uris)
{
	char *error = NULL;

	t->from = open_store(t->admin, uris[0], &error);
	if (t->from != NULL)
		t->to = open_store(t->admin, uris[1], &error);
	if (t->to != NULL)
		error = store_prepare(t->to);
	return error;
}

static char *run(struct transfer *t, char **uris)
{
	char *error = find_server(t->admin, uris);

	if (error == NULL)
		error = become_owner(uris);
	if (error == NULL)
		error = open_both(t, uris);
	if (error == NULL)
		error = store_copy(t->from, t->to, show, t);
	if (t->terminal)
		fputs("\r\033[K", t->admin->err);
	if (t->to != NULL)
		store_leave(t->to);
	return error;
}

int admin_copy(struct admin *admin, char **words)
{
	struct transfer t = {
		.admin = admin,
		.terminal = isatty(fileno(admin->err)),
	};
	char *error = run(&t, words);
	int code = 0;

	if (error != NULL)
		code = admin_fail(admin, 1, "%s", error);
	else if (admin_verify(t.to, admin->err) != 0)
		code = admin_fail(admin, 1, "the copy is not as it should be");
	if (code == 0 && admin->json != NULL)
		json_put_int(admin->json, "records", t.done / 2);
	if (code == 0)
		admin_done(admin,
			   "%" PRId64 " records are in the second store as in "
			   "the first; palabre.conf says which is served",
			   t.done / 2);
	store_free(t.from);
	store_free(t.to);
	free(error);
	return code;
}
