/*
 * palabrectl - the operator's command line: live things are asked of
 * palabre-pushd on ctl.sock and of palabre-api on api.sock, those of the store
 * are done by `palabre-api admin`.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "chat.h"
#include "crypt.h"
#include "ctl_ask.h"
#include "ctl_commands.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "rest_ask.h"
#include "running.h"
#include "status.h"

#define PATIENCE_MS 5000
#define USAGE_MAX 16384
#define COMPLETION_MAX 65536

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

static int ask_pushd(const struct call *call)
{
	static const char good[] = "{\"ok\":true";
	const char *path = call->options->ctl_socket;
	char *line = ctl_ask(path, call->said.command->name, PATIENCE_MS);

	if (line == NULL) {
		fprintf(stderr, "palabrectl: palabre-pushd at %s: %s\n", path,
			errno == EAGAIN ? "no answer" : strerror(errno));
		return 2;
	}
	puts(line);
	int status = strncmp(line, good, sizeof(good) - 1) == 0 ? 0 : 1;

	free(line);
	return status;
}

/* ---- palabre-api: what it tells who watches it ---- */

static int ask_api(const struct call *call)
{
	const char *path = call->options->api_socket;
	bool shown = strcmp(call->said.command->name, "status") == 0;
	int status = 0;
	const struct rest_question question = {
		.socket = path,
		.method = "GET",
		.path = shown || call->said.json ? "/api/operator/figures"
						 : "/api/metrics",
	};
	char *body = rest_ask(&question, &status);

	if (body == NULL) {
		fprintf(stderr, "palabrectl: palabre-api at %s: %s\n", path,
			errno == EAGAIN ? "no answer" : strerror(errno));
		return 2;
	}
	int code = status == 200 ? 0 : 1;

	if (shown && !call->said.json)
		code = status_show(body, stdout);
	else
		fputs(body, stdout);
	if (call->said.json)
		puts("");
	free(body);
	return code;
}

/* ---- the chat: as somebody who signs in, but without their password ---- */

/* What this program answers to `token issue` with the same settings. */
static FILE *ask_token(const struct call *call, pid_t *child)
{
	int count = 0, ends[2];
	char **arguments =
		xcalloc((size_t)call->settings + 4, sizeof(*arguments));

	for (int at = 0; at < call->settings; at++)
		arguments[count++] = call->argv[at];
	arguments[count++] = "token";
	arguments[count++] = "issue";
	arguments[count++] = call->said.words[0];
	if (pipe(ends) != 0)
		abort();
	*child = fork();
	if (*child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv("/proc/self/exe", arguments);
		_exit(2);
	}
	free(arguments);
	close(ends[1]);
	return fdopen(ends[0], "r");
}

static int run_chat(const struct call *call)
{
	pid_t child;
	FILE *stream;
	char *token = NULL;
	size_t size = 0;
	int state = 0;
	ssize_t len;

	if (call->said.json) {
		fprintf(stderr, "palabrectl: chat: it says nothing in JSON\n");
		return 2;
	}
	stream = ask_token(call, &child);
	len = getline(&token, &size, stream);

	fclose(stream);
	waitpid(child, &state, 0);

	int status = WIFEXITED(state) ? WEXITSTATUS(state) : 2;

	if (status == 0 && len > 1) {
		token[len - 1] = '\0';
		status = chat_run(call->options, call->said.words[0], token);
	}
	if (token != NULL)
		crypt_wipe(token, size);
	free(token);
	return status;
}

/* ---- by ourselves ---- */

static void put_setting(struct json_object *all, const struct option_spec *spec,
			const char *text)
{
	if (spec->kind == OPTION_NUMBER)
		json_put_int(all, spec->key, strtoll(text, NULL, 10));
	else if (spec->kind == OPTION_SWITCH)
		json_put_bool(all, spec->key, strcmp(text, "on") == 0);
	else
		json_put_string(all, spec->key, text);
}

static int show_config(const struct call *call)
{
	struct json_object *all = json_new_object();
	size_t len;

	for (const struct option_spec *spec = palabre_option_table;
	     spec->key != NULL; spec++) {
		char *text = options_get(palabre_option_table, call->options,
					 spec->key);

		put_setting(all, spec, text);
		if (!call->said.json)
			printf("%s = %s\n", spec->key, text);
		free(text);
	}
	if (call->said.json)
		puts(json_print(all, &len));
	json_free(all);
	return 0;
}

static int show_completion(const struct call *call)
{
	const char *shell = call->said.words[0];
	struct buf out;

	buf_init(&out, COMPLETION_MAX);
	bool known = ctl_commands_completion(&out, shell);

	if (known)
		fputs(out.data, stdout);
	else
		fprintf(stderr, "palabrectl: %s: a shell is bash or zsh\n",
			shell);
	buf_done(&out);
	return known ? 0 : 1;
}

static int do_here(const struct call *call)
{
	static const struct {
		const char *name;
		int (*run)(const struct call *call);
	} rows[] = {
		{"config", show_config},
		{"completion", show_completion},
		{"chat", run_chat},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i].name, call->said.command->name) == 0)
			return rows[i].run(call);
	}
	abort(); /* a row of ctl_commands without one here */
}

static int ctl_run(const struct call *call)
{
	static int (*const ask[])(const struct call *call) = {
		[CTL_HERE] = do_here,
		[CTL_STORE] = ask_store,
		[CTL_PUSHD] = ask_pushd,
		[CTL_API] = ask_api,
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
