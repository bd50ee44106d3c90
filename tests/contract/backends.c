#include "backends.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

#define SQLITE_SCHEME "sqlite:"
#define SQLITE_FILE "/palabre.db"

static char *sqlite_make_uri(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder = xasprintf("%s/palabre-store-XXXXXX",
				 parent != NULL ? parent : "/tmp");
	char *made = mkdtemp(folder);
	char *uri;

	assert(made != NULL);
	uri = xasprintf(SQLITE_SCHEME "%s" SQLITE_FILE, made);
	free(folder);
	return uri;
}

static void sqlite_destroy(const char *uri)
{
	const char *path = uri + strlen(SQLITE_SCHEME);
	char *folder = xstrndup(path, strlen(path) - strlen(SQLITE_FILE));
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(folder);
	free(folder);
}

static char *memory_make_uri(void)
{
	return xstrdup("memory:test");
}

static void memory_destroy(const char *uri)
{
	(void)uri;
}

const struct backend backends[] = {
	{"sqlite", NULL, sqlite_make_uri, sqlite_destroy},
	{"memory", "users", memory_make_uri, memory_destroy},
};
const size_t backend_count = COUNT_OF(backends);
