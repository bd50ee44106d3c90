/*
 * store_settings - the store that palabre.conf names.
 */
#ifndef STORE_SETTINGS_H
#define STORE_SETTINGS_H

#include "store.h"

struct mevn;
struct palabre_options;

/* As store_new(): its URI, and what the backend asks of the other settings. */
struct store *store_of_settings(const struct palabre_options *options,
				char **error);
/* The same, watched (store_config). */
struct store *store_watched_of_settings(const struct palabre_options *options,
					const struct store_watch *watch,
					char **error);

/* As mevn_open(), with modules where these settings have them. */
struct mevn *mevn_of_settings(const struct palabre_options *options,
			      const char *uri, char **error);

#endif
