#include "copies.h"

#include <stdlib.h>
#include <string.h>

#include "store_copy.h"

/* ---- another store ---- */

static bool takes_copies(const struct backend *backend)
{
	const char *only = getenv("PALABRE_TEST_STORE");
	bool all = backend->subjects == NULL;

	if (only != NULL && strstr(only, backend->name) == NULL)
		return false;

	for (size_t i = 0; !all && backend->subjects[i] != NULL; i++) {
		if (strcmp(backend->subjects[i], "copy") == 0)
			return true;
	}
	return all;
}

const struct backend *copies_next(const struct backend *backend)
{
	const struct backend *next = backend == NULL ? backends : backend + 1;

	while (next < backends + backend_count && !takes_copies(next))
		next++;
	return next < backends + backend_count ? next : NULL;
}

struct copies_place copies_open(const struct backend *backend)
{
	struct copies_place place = {.backend = backend};
	char *error;

	place.c.uri = backend->make_uri();
	place.c.store = contract_open_on(backend, place.c.uri);
	error = store_prepare(place.c.store);
	if (error != NULL)
		fail_msg("%s", error);
	return place;
}

void copies_close(struct copies_place *place)
{
	store_free(place->c.store);
	place->backend->destroy(place->c.uri);
	free(place->c.uri);
}

/* ---- copies ---- */

static bool go_on(int64_t done, int64_t total, void *context)
{
	const int64_t *patience = context;

	(void)total;
	return done < *patience;
}

static bool accept(struct store *copy, void *context)
{
	(void)context;
	contract_assert_clean(copy);
	return true;
}

static char *try_copy(struct store *from, struct store *to, bool live,
		      bool moves, int64_t patience)
{
	const struct store_copying how = {
		.from = from,
		.to = to,
		.live = live,
		.moves = moves,
		.progress = go_on,
		.accept = accept,
		.context = &patience,
	};
	int64_t records = 0;
	char *error = store_copy(&how, &records);

	if (error == NULL)
		assert_true(records > 0);
	return error;
}

static void assert_half(struct store *store, bool expected)
{
	bool half = !expected;

	assert_ok(store_copy_is_half(store, &half));
	assert_int_equal(half, expected);
}

static void copy_surely(struct store *from, struct store *to, bool live,
			bool moves)
{
	char *error = try_copy(from, to, live, moves, INT64_MAX);

	if (error != NULL)
		fail_msg("%s", error);
	assert_half(to, live);
}

void copies_make(struct store *from, struct store *to)
{
	copy_surely(from, to, false, false);
}

void copies_move(struct store *from, struct store *to)
{
	copy_surely(from, to, false, true);
	assert_half(from, false);
}

void copies_make_live(struct store *from, struct store *to)
{
	copy_surely(from, to, true, true);
}

void copies_assert_refused(struct store *from, struct store *to,
			   int64_t patience, const char *why)
{
	char *error = try_copy(from, to, false, true, patience);

	assert_non_null(error);
	if (strstr(error, why) == NULL)
		fail_msg("%s", error);
	free(error);
}
