#include "store_settings.h"

#include "crypt.h"
#include "palabre_options.h"
#include "store_mevn.h"

static char *look_up(const void *settings, const char *key)
{
	return options_get(palabre_option_table, settings, key);
}

struct store *store_of_settings(const struct palabre_options *options,
				char **error)
{
	return store_watched_of_settings(options, NULL, error);
}

struct store *store_watched_of_settings(const struct palabre_options *options,
					const struct store_watch *watch,
					char **error)
{
	const struct store_config config = {
		.uri = options->store,
		.random = crypt_random,
		.setting = look_up,
		.settings = options,
		.watch = watch,
	};

	return store_new(&config, error);
}

struct mevn *mevn_of_settings(const struct palabre_options *options,
			      const char *uri, char **error)
{
	const struct store_config config = {
		.uri = uri,
		.random = crypt_random,
		.setting = look_up,
		.settings = options,
	};

	return mevn_open(&config, error);
}
