#include "store_module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

#define STRING_OF(symbol) #symbol
#define NAME_OF(symbol) STRING_OF(symbol)
#define SCHEME_MAX 32

/* The name of the scheme, without its variant ("mongodb+srv:"), which becomes
 * part of a path. */
static bool read_name(const char *uri, char out[SCHEME_MAX])
{
	size_t len = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789");

	if (len == 0 || len >= SCHEME_MAX || strchr(":+", uri[len]) == NULL ||
	    uri[len] == '\0')
		return false;
	memcpy(out, uri, len);
	out[len] = '\0';
	return true;
}

static char *path_in(const char *dir, const char *name)
{
	return xasprintf("%s/palabre-store-%s.so", dir, name);
}

/* Beside the program, as in the tree that it was built in. NULL: not there. */
static char *path_beside(const char *name)
{
	char program[PATH_MAX], *path;
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len <= 0)
		return NULL;
	program[len] = '\0';
	*strrchr(program, '/') = '\0';
	path = path_in(program, name);
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *module_path(const struct store_config *config, const char *name)
{
	char *dir = store_config_get(config, "module_dir");
	bool given = dir != NULL && *dir != '\0';
	char *path = given ? path_in(dir, name) : path_beside(name);

	free(dir);
	return path != NULL ? path : path_in(STORE_MODULES, name);
}

/* libmongoc would count in a file of its process's number, which nobody reads,
 * and say so on stderr where one that was killed has left the same. It looks
 * when it is loaded. */
static void *load_quietly(const char *path)
{
	setenv("MONGOC_DISABLE_SHM", "1", 1);
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/* NULL: *error. Never unloaded: what it has made lives on. */
static const struct store_backend *open_module(const char *path, char **error)
{
	void *module = load_quietly(path);
	const struct store_backend *backend =
		module != NULL ? dlsym(module, NAME_OF(STORE_MODULE_SYMBOL))
			       : NULL;

	if (backend == NULL) {
		*error = xasprintf("cannot load %s: %s", path, dlerror());
		return NULL;
	}
	if (backend->version != STORE_BACKEND_VERSION) {
		*error = xasprintf("%s is of another version of Palabre (%u; "
				   "this one is %u)",
				   path, backend->version,
				   STORE_BACKEND_VERSION);
		return NULL;
	}
	return backend;
}

const struct store_backend *store_module_load(const struct store_config *config,
					      char **error)
{
	const struct store_backend *backend = NULL;
	char name[SCHEME_MAX];
	char *path;

	if (!read_name(config->uri, name)) {
		*error = xstrdup("the store is not named by a scheme (try "
				 "sqlite:PATH)");
		return NULL;
	}
	path = module_path(config, name);
	if (access(path, F_OK) == 0)
		backend = open_module(path, error);
	else
		*error = xasprintf("no store speaks '%s:' (try sqlite:PATH), "
				   "and there is no %s",
				   name, path);
	free(path);
	return backend;
}
