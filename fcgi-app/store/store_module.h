/*
 * store_module - a backend that is a shared object of its own, so that nobody
 * carries a library that their store does not need.
 *
 * The module of the scheme NAME is palabre-store-NAME.so in the directory that
 * the setting module_dir names; else beside the program, or in the one of the
 * installation. It brings its own copy of what it needs of ours and exports one
 * symbol.
 *
 * A circle with store and store_backend: the store has it load what no backend
 * of its own opens, and what it loads is a backend.
 */
#ifndef STORE_MODULE_H
#define STORE_MODULE_H

#include "store_backend.h"

#define STORE_MODULE_SYMBOL palabre_store_backend
#define STORE_MODULE_EXPORT __attribute__((visibility("default")))
extern const struct store_backend STORE_MODULE_SYMBOL;

/* The backend of the URI's scheme; it stays for good. NULL: there is none, or
 * none that fits, and *error says so in one line (the caller frees it) without
 * what may be secret in the URI. */
const struct store_backend *store_module_load(const struct store_config *config,
					      char **error);

#endif
