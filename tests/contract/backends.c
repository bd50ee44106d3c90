#include "backends.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mongoc/mongoc.h>

#include "crypt.h"
#include "ids.h"
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

/* ---- MongoDB: a database of its own on the server of the environment ---- */

#define MONGODB_SERVER "PALABRE_TEST_MONGODB_URI"

static char *mongodb_make_uri(void)
{
	const char *server = getenv(MONGODB_SERVER);
	char name[ID_SIZE];
	const char *hosts, *rest;

	if (server == NULL) {
		fprintf(stderr, "%s names no server to test with\n",
			MONGODB_SERVER);
		exit(1);
	}
	hosts = strstr(server, "://");
	assert(hosts != NULL);
	hosts += strlen("://");
	rest = strchr(hosts, '?');
	id_new(0, crypt_random, name);
	return xasprintf("%.*s/palabre_%s%s",
			 (int)(hosts - server + (long)strcspn(hosts, "/?")),
			 server, name, rest != NULL ? rest : "");
}

static void mongodb_destroy(const char *text)
{
	mongoc_uri_t *uri = mongoc_uri_new(text);
	mongoc_client_t *client;
	mongoc_database_t *database;

	mongoc_init();
	client = mongoc_client_new_from_uri(uri);
	database = mongoc_client_get_database(client,
					      mongoc_uri_get_database(uri));
	mongoc_database_drop(database, NULL);
	mongoc_database_destroy(database);
	mongoc_client_destroy(client);
	mongoc_uri_destroy(uri);
}

static const char *const memory_subjects[] = {"directory", "users", NULL};

/* Modules are built beside the tests, which run there, or beside the program
 * that they are of. */
const struct backend backends[] = {
	{"sqlite", NULL, NULL, sqlite_make_uri, sqlite_destroy},
	{"memory", memory_subjects, ".", memory_make_uri, memory_destroy},
	{"mongodb", NULL, "../../fcgi-app", mongodb_make_uri, mongodb_destroy},
};
const size_t backend_count = COUNT_OF(backends);
