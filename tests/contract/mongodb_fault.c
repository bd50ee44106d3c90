#include "mongodb_fault.h"

#include <stdlib.h>
#include <string.h>

#include <mongoc/mongoc.h>

#include "crypt.h"
#include "mem.h"

static void run_on(const struct contract *c, const char *database,
		   const char *json)
{
	char *text = xstrdup(json);
	mongoc_uri_t *uri = mongoc_uri_new(c->uri);
	mongoc_client_t *client = mongoc_client_new_from_uri(uri);
	bson_error_t error;
	bson_t *command;

	for (char *at = text; *at != '\0'; at++) {
		if (*at == '\'')
			*at = '"';
	}
	command = bson_new_from_json((const uint8_t *)text, -1, &error);
	if (command == NULL)
		fail_msg("%s: %s", text, error.message);
	if (!mongoc_client_command_simple(
		    client,
		    database != NULL ? database : mongoc_uri_get_database(uri),
		    command, NULL, NULL, &error))
		fail_msg("%s: %s", text, error.message);
	bson_destroy(command);
	mongoc_client_destroy(client);
	mongoc_uri_destroy(uri);
	free(text);
}

void mongodb_run(const struct contract *c, const char *json)
{
	run_on(c, NULL, json);
}

void mongodb_run_admin(const struct contract *c, const char *json)
{
	run_on(c, "admin", json);
}

char *mongodb_uri_with(const struct contract *c, const char *user,
		       const char *options)
{
	static const char scheme[] = "mongodb://";
	const char *rest = c->uri + strlen(scheme);

	return xasprintf("%s%s%s%s%s", scheme, user, rest,
			 strchr(rest, '?') != NULL ? "&" : "?", options);
}

static char *setting(const void *settings, const char *key)
{
	(void)settings;
	if (strcmp(key, "module_dir") == 0)
		return xstrdup("../../fcgi-app");
	return strcmp(key, "mongodb_unfinished") == 0 ? xstrdup("") : NULL;
}

struct store *mongodb_open(const char *uri)
{
	const struct store_config config = {
		.uri = uri,
		.random = crypt_random,
		.setting = setting,
	};
	char *error = NULL;
	struct store *store = store_new(&config, &error);

	if (store == NULL)
		fail_msg("%s", error);
	return store;
}
