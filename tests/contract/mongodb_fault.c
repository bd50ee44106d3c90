#include "mongodb_fault.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mongoc/mongoc.h>

#include "crypt.h"
#include "mem.h"

static void run_on(const char *server, const char *database, const char *json)
{
	char *text = xstrdup(json);
	mongoc_uri_t *uri = mongoc_uri_new(server);
	mongoc_client_t *client;
	bson_error_t error;
	bson_t *command;

	mongoc_init();
	client = mongoc_client_new_from_uri(uri);
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
	run_on(c->uri, NULL, json);
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
	return strcmp(key, "module_dir") == 0 ? xstrdup("../../fcgi-app")
					      : NULL;
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

/* ---- a server of one's own ---- */

#define SERVER_PROGRAM "PALABRE_TEST_MONGODB_SERVER"

static void become_server(const struct mongodb_server *server, const char *port)
{
	char *log = xasprintf("%s/log", server->folder);
	char *data = xasprintf("%s/data", server->folder);
	const char *program = getenv(SERVER_PROGRAM);
	int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (program != NULL)
		execl(program, program, "--host", "127.0.0.1", "--port", port,
		      "--storage-path", data, "--sync-on-commit",
		      "--cache-size", "64M", "--log-file-max", "1MB",
		      "--enable-test-commands", NULL);
	_exit(1);
}

/* What it says on its way up; NULL: not yet. */
static char *read_address(const struct mongodb_server *server)
{
	static const char word[] = " listening on ";
	char *path = xasprintf("%s/log", server->folder);
	FILE *file = fopen(path, "re");
	char line[1000], *address = NULL;

	while (file != NULL && address == NULL &&
	       fgets(line, sizeof(line), file) != NULL) {
		const char *at = strstr(line, word);

		if (at != NULL && strchr(at, '\n') != NULL)
			address = xstrndup(at + strlen(word),
					   strcspn(at + strlen(word), "\n"));
	}
	if (file != NULL)
		fclose(file);
	free(path);
	return address;
}

static void server_run(struct mongodb_server *server, const char *port)
{
	char *address = NULL, *log = xasprintf("%s/log", server->folder);

	unlink(log);
	free(log);
	server->pid = fork();
	if (server->pid == 0)
		become_server(server, port);
	for (int tries = 0; address == NULL && tries < 1000; tries++) {
		if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
			fail_msg("%s names no server that runs",
				 SERVER_PROGRAM);
		usleep(20000);
		address = read_address(server);
	}
	assert_non_null(address);
	free(server->address);
	server->address = address;
}

void mongodb_server_start(struct mongodb_server *server)
{
	const char *parent = getenv("TMPDIR");

	*server = (struct mongodb_server){
		.folder = xasprintf("%s/palabre-mongodb-XXXXXX",
				    parent != NULL ? parent : "/tmp"),
	};
	assert_non_null(mkdtemp(server->folder));
	server_run(server, "0");
}

void mongodb_server_start_again(struct mongodb_server *server)
{
	char *port = xstrdup(strrchr(server->address, ':') + 1);

	server_run(server, port);
	free(port);
}

void mongodb_server_kill(struct mongodb_server *server)
{
	if (server->pid == 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

void mongodb_server_hang(struct mongodb_server *server)
{
	int status;

	kill(server->pid, SIGSTOP);
	assert_int_equal(waitpid(server->pid, &status, WUNTRACED), server->pid);
	assert_true(WIFSTOPPED(status));
}

static int remove_one(const char *path, const struct stat *status, int what,
		      struct FTW *where)
{
	(void)status;
	(void)what;
	(void)where;
	return remove(path);
}

void mongodb_server_done(struct mongodb_server *server)
{
	mongodb_server_kill(server);
	nftw(server->folder, remove_one, 10, FTW_DEPTH | FTW_PHYS);
	free(server->folder);
	free(server->address);
}

void mongodb_server_run(const struct mongodb_server *server, const char *json)
{
	char *uri = xasprintf("mongodb://%s/", server->address);

	run_on(uri, "admin", json);
	free(uri);
}
