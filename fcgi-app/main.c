/*
 * palabre-api - the supervisor and its workers, and what an operator does
 * with the settings and the store.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "log.h"
#include "mem.h"
#include "nginx_config.h"
#include "page_constants.h"
#include "palabre_options.h"
#include "supervisor.h"

static const char usage[] =
	"Usage: palabre-api [--config FILE] [--set key=value]... [COMMAND]\n"
	"\n"
	"Without a command: serve until SIGTERM; SIGHUP reads the settings "
	"again.\n"
	"\n"
	"  nginx-config --output DIR   write nginx's configuration there\n"
	"  page-constants              what the pages have to know, as a "
	"module\n"
	"  admin ...                   what palabrectl does to the store\n"
	"\n"
	"  --check-config              check the settings\n"
	"  --sample-config             print every setting with its default\n"
	"  --help, --version";

struct arguments {
	int argc;
	char **argv;
};

/* NULL and *status when there is nothing more to do. */
static struct palabre_options *read_options(const struct arguments *arguments,
					    int *rest, int *status)
{
	struct palabre_options *options = xcalloc(1, sizeof(*options));

	*status = palabre_options_read(options, usage, arguments->argc,
				       arguments->argv, rest);
	if (*status < 0)
		return options;
	palabre_options_done(options);
	free(options);
	return NULL;
}

static struct palabre_options *read_again(void *context)
{
	int rest, status;

	return read_options(context, &rest, &status);
}

static int main_serve(const struct arguments *arguments,
		      struct palabre_options *options)
{
	struct supervisor_config config = {
		.read_options = read_again,
		.context = (void *)arguments,
	};

	return supervisor_run(&config, options);
}

static int run_command(const struct palabre_options *options, char **words)
{
	static const struct {
		const char *name;
		int (*run)(const struct palabre_options *options, char **words);
	} commands[] = {
		{"nginx-config", nginx_config_main},
		{"page-constants", page_constants_main},
		{"admin", admin_main},
	};

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(words[0], commands[i].name) == 0)
			return commands[i].run(options, words + 1);
	}
	fprintf(stderr, "palabre-api: %s: no such command; see --help\n",
		words[0]);
	return 1;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {argc, argv};
	int rest, status;
	struct palabre_options *options =
		read_options(&arguments, &rest, &status);

	if (options == NULL)
		return status;
	if (rest >= argc)
		return main_serve(&arguments, options);
	log_init("palabre-api", (enum log_level)options->log_level,
		 options->log_format == 1);
	status = run_command(options, argv + rest);
	palabre_options_done(options);
	free(options);
	return status;
}
