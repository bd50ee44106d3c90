/*
 * palabrectl - the operator's command line: live things are asked of
 * palabre-pushd on ctl.sock, those of the store are done by palabre-api.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "buf.h"
#include "ctl_commands.h"
#include "mem.h"
#include "palabre_options.h"
#include "running.h"
#include "unix_socket.h"

#define PATIENCE_S 5
#define USAGE_MAX 16384

struct call {
	const struct palabre_options *options;
	int argc;
	char **argv;
	int settings; /* argv[1] up to here, exclusive, are settings */
	char **words; /* behind these; end with NULL */
	struct ctl_call said;
};

/* ---- the store: palabre-api, from where this program is ---- */

static void exec_beside(const char *where, char **arguments)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return;
	self[len] = '\0';
	*strrchr(self, '/') = '\0';

	char *path = xasprintf("%s/%s", self, where);

	execv(path, arguments);
	free(path);
}

static int ask_store(const struct call *call)
{
	int count = 0;
	char **arguments = xcalloc((size_t)call->argc + 4, sizeof(*arguments));

	arguments[count++] = "palabre-api";
	for (int at = 1; at < call->settings; at++)
		arguments[count++] = call->argv[at];
	arguments[count++] = "admin";
	for (char **word = call->words; *word != NULL; word++)
		arguments[count++] = *word;
	if (call->said.json)
		arguments[count++] = "--json";

	exec_beside("palabre-api", arguments);
	exec_beside("../fcgi-app/palabre-api", arguments);
	fprintf(stderr, "palabrectl: palabre-api: %s\n", strerror(errno));
	free(arguments);
	return 2;
}

/* ---- palabre-pushd: a word on a line, a JSON object back ---- */

/* Blocking, but not for ever. */
static int ctl_connect(const char *path)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = unix_socket_connect(path);

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* What palabre-pushd answers to word, for the caller to free; or NULL and
 * errno, which is EAGAIN when it is silent. */
static char *ctl_ask(const char *path, const char *word)
{
	int fd = ctl_connect(path);
	FILE *stream = fd >= 0 ? fdopen(fd, "r+") : NULL;
	char *line = NULL;
	size_t size = 0;

	if (stream == NULL)
		return NULL;
	fprintf(stream, "%s\n", word);
	fflush(stream);
	errno = EAGAIN; /* an end of file sets nothing */
	if (getline(&line, &size, stream) <= 0) {
		free(line);
		line = NULL;
	}
	int saved = errno;

	fclose(stream);
	errno = saved;
	return line;
}

static int ask_pushd(const struct call *call)
{
	static const char good[] = "{\"ok\":true";
	const char *path = call->options->ctl_socket;
	char *line = ctl_ask(path, call->said.command->name);

	if (line == NULL) {
		fprintf(stderr, "palabrectl: palabre-pushd at %s: %s\n", path,
			errno == EAGAIN ? "no answer" : strerror(errno));
		return 2;
	}
	fputs(line, stdout);
	int status = strncmp(line, good, sizeof(good) - 1) == 0 ? 0 : 1;

	free(line);
	return status;
}

static int ctl_run(const struct call *call)
{
	static int (*const ask[])(const struct call *call) = {
		[CTL_STORE] = ask_store,
		[CTL_PUSHD] = ask_pushd,
	};

	return ask[call->said.command->place](call);
}

/* ---- what was said ---- */

static char *make_usage(void)
{
	struct buf out;

	buf_init(&out, USAGE_MAX);
	buf_adds(&out, "Usage: palabrectl [--config FILE] [--set key=value]... "
		       "COMMAND [--json]\n\n");
	ctl_commands_help(&out);
	buf_adds(
		&out,
		"\n"
		"  --json                         one value of JSON on standard"
		" output, for\n"
		"                                 programs\n"
		"  --check-config, --sample-config, --help, --version\n"
		"\n"
		"Exit status: 0 done, 1 refused or not as it should be, 2 "
		"could not be\n"
		"tried.");
	return buf_take(&out);
}

static int run_words(struct call *call)
{
	char *wrong = ctl_call_read(&call->said, call->words);
	int status = 2;

	if (wrong == NULL)
		status = ctl_run(call);
	else
		fprintf(stderr, "palabrectl: %s\n", wrong);
	free(wrong);
	return status;
}

int main(int argc, char **argv)
{
	struct palabre_options options;
	char *usage = make_usage();
	int rest;

	argv = running_arguments(&argc, argv);

	int status = palabre_options_read(&options, usage, argc, argv, &rest);

	if (status > 0) {
		status = 2;
	} else if (status < 0 && rest >= argc) {
		fprintf(stderr, "%s\n", usage);
		status = 2;
	} else if (status < 0) {
		struct call call = {.options = &options,
				    .argc = argc,
				    .argv = argv,
				    .settings = rest,
				    .words = argv + rest};
		status = run_words(&call);
	}
	palabre_options_done(&options);
	free(usage);
	return status;
}
