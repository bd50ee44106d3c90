#include "store.h"

#include <assert.h>
#include <string.h>

#include "mem.h"
#include "store_backend.h"
#include "store_mevn.h"
#include "store_module.h"

/* Those that are built in; others are modules. */
static const struct store_backend *const backends[] = {
	&store_sqlite,
};

static const struct store_backend *backend_inside(const char *uri)
{
	for (size_t i = 0; i < COUNT_OF(backends); i++) {
		const char *scheme = backends[i]->scheme;

		if (strncmp(uri, scheme, strlen(scheme)) == 0)
			return backends[i];
	}
	return NULL;
}

/* A password may hold any sign that should have been escaped. */
char *store_uri_shown(const char *uri)
{
	const char *hosts = strstr(uri, "://");
	const char *at = hosts != NULL ? strrchr(hosts, '@') : NULL;
	const char *rest;

	if (hosts == NULL)
		return xstrdup(uri);
	hosts += strlen("://");
	rest = at != NULL ? at + 1 : hosts;
	return xasprintf("%.*s%s%.*s", (int)(hosts - uri), uri,
			 at != NULL ? "...@" : "", (int)strcspn(rest, "?"),
			 rest);
}

const char *store_uri_path(const char *uri)
{
	const struct store_backend *inside = backend_inside(uri);

	return inside != NULL && inside->backup != NULL
		       ? uri + strlen(inside->scheme)
		       : NULL;
}

static const struct store_backend *
find_backend(const struct store_config *config, char **error)
{
	const struct store_backend *inside = backend_inside(config->uri);

	return inside != NULL ? inside : store_module_load(config, error);
}

struct mevn *mevn_open(const struct store_config *config, char **error)
{
	const struct store_backend *backend = find_backend(config, error);
	struct mevn *old;

	if (backend == NULL)
		return NULL;
	if (backend->mevn == NULL) {
		*error = xasprintf("%s is not what the old chat kept its data "
				   "in: that is mongodb://...",
				   backend->scheme);
		return NULL;
	}
	old = backend->mevn->open(config, error);
	if (old != NULL)
		old->verbs = backend->mevn;
	return old;
}

struct store *store_new(const struct store_config *config, char **error)
{
	const struct store_backend *backend = find_backend(config, error);

	if (backend == NULL)
		return NULL;
	struct store *store =
		backend->new (config, strchr(config->uri, ':') + 1, error);

	if (store != NULL)
		store->backend = backend;
	return store;
}

void store_free(struct store *store)
{
	if (store != NULL)
		store->backend->free(store);
}

void store_say_to(struct store *store, store_say *say)
{
	store->say = say;
}

char *store_prepare(struct store *store)
{
	return store->backend->prepare(store);
}

const char *store_error(const struct store *store)
{
	return store->error;
}

const char *store_notice(const struct store *store)
{
	return store->notice;
}

void store_room(struct store *store, struct store_room *out)
{
	*out = (struct store_room){-1, -1, -1};
	if (store->backend->room != NULL)
		store->backend->room(store, out);
}

enum store_status store_epoch(struct store *store, char out[ID_SIZE])
{
	return store->backend->epoch(store, out);
}

enum store_status store_try_write(struct store *store)
{
	return store->backend->try_write(store);
}

enum store_status store_batch_begin(struct store *store)
{
	return store->backend->batch_begin(store);
}

enum store_status store_batch_commit(struct store *store)
{
	return store->backend->batch_commit(store);
}

void store_batch_rollback(struct store *store)
{
	store->backend->batch_rollback(store);
}

enum store_status store_read_begin(struct store *store)
{
	return store->backend->read_begin(store);
}

void store_read_end(struct store *store)
{
	store->backend->read_end(store);
}

enum store_status store_leave(struct store *store)
{
	return store->backend->leave(store);
}

enum store_status store_keep(struct store *store, int64_t now_ms,
			     int64_t *again_ms)
{
	store->notice[0] = '\0';
	return store->backend->keep(store, now_ms, again_ms);
}

bool store_is_file(const struct store *store)
{
	return store->backend->backup != NULL;
}

char *store_backup(struct store *store, const char *path,
		   store_progress *progress, void *context)
{
	return store->backend->backup(store, path, progress, context);
}

char *store_restore(struct store *store, const struct store_restore *how,
		    char **kept)
{
	return store->backend->restore(store, how, kept);
}

enum store_status store_verify(struct store *store, int64_t *checked,
			       store_each_problem *problem, void *context)
{
	store->notice[0] = '\0';
	return store->backend->verify(store, checked, problem, context);
}

/* ---- sending: the target is decided before a backend is asked ---- */

enum store_status store_send(struct store *store,
			     const struct store_viewer *viewer,
			     const struct store_send *send,
			     struct store_sent *out)
{
	const char *target = send->conversation;
	char direct[ID_SIZE];

	*out = (struct store_sent){.duplicate = false};
	assert((send->to != NULL) + (send->conversation != NULL) +
		       (send->client != NULL) ==
	       1);
	if (send->client != NULL) {
		if (!id_valid(send->client))
			return STORE_NOT_FOUND;
		id_direct(send->client, ID_SERVER, direct);
		target = direct;
	} else if (send->to != NULL) {
		if (!id_valid(send->to))
			return STORE_NOT_FOUND;
		id_direct(viewer->id, send->to, direct);
		target = direct;
	}

	enum store_status status =
		store->messages->send(store, viewer, send, target, out);

	if (status != STORE_OK)
		store_sent_done(out);
	return status;
}
