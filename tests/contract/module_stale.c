/* A module of another version of Palabre, which is not to be believed. */
#include "store_module.h"

STORE_MODULE_EXPORT const struct store_backend STORE_MODULE_SYMBOL = {
	.version = STORE_BACKEND_VERSION + 1,
	.scheme = "stale:",
};
