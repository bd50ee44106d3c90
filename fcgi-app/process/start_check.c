#include "start_check.h"

#include <stdio.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"
#include "palabre_options.h"
#include "store.h"
#include "store_copy.h"
#include "store_settings.h"
#include "token.h"

static char *check_keys(const struct palabre_options *options)
{
	char *error = NULL;

	token_keys_free(token_keys_load(options->key_file, &error));
	return error;
}

/* Whatever log_level says: ./run reads it. */
static void start_check_say(const char *words)
{
	fprintf(stderr, "palabre-api: %s\n", words);
}

/* One that is refused is left: whoever ends the copy need not wait for it. */
static char *take_up(struct store *store)
{
	char *error = NULL;
	bool half;

	if (store_copy_serve(store, &half) != STORE_OK)
		error = xstrdup(store_error(store));
	else if (half)
		error = xstrdup(STORE_COPY_HALF);
	if (error != NULL)
		store_leave(store);
	return error;
}

static char *check_store(const struct palabre_options *options)
{
	char *error = NULL;
	struct store *store = store_of_settings(options, &error);

	if (store != NULL) {
		store_say_to(store, start_check_say);
		error = store_prepare(store);
		if (error == NULL)
			error = take_up(store);
	}
	store_free(store);
	if (error == NULL)
		return NULL;
	char *shown = store_uri_shown(options->store);
	char *line = xasprintf("store %s: %s", shown, error);

	free(shown);
	free(error);
	return line;
}

char *start_check(const struct palabre_options *options)
{
	if (!crypt_init())
		return xstrdup("no randomness");

	char *error = palabre_options_check_sockets(options);

	if (error == NULL)
		error = token_keys_ensure(options->key_file);
	if (error == NULL)
		error = check_keys(options);
	return error != NULL ? error : check_store(options);
}

char *start_check_end(const struct palabre_options *options)
{
	char *error = NULL;
	struct store *store = store_of_settings(options, &error);

	if (store != NULL && store_leave(store) != STORE_OK)
		error = xstrdup(store_error(store));
	store_free(store);
	return error;
}

char *start_check_again(const struct palabre_options *options,
			const struct palabre_options *before)
{
	char *error = palabre_options_check_sockets(options);

	if (error == NULL)
		error = check_keys(options);
	if (error != NULL || strcmp(options->store, before->store) == 0)
		return error;
	return check_store(options);
}
