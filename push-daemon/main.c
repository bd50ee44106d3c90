/*
 * palabre-pushd - delivers what happens to the sockets it concerns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypt.h"
#include "daemon.h"
#include "log.h"
#include "mem.h"
#include "palabre_options.h"

static const char usage[] =
	"Usage: palabre-pushd [--config FILE] [--set key=value]...\n"
	"\n"
	"Serves Socket.IO on push_socket until SIGTERM.\n"
	"\n"
	"  --check-config              check the settings\n"
	"  --sample-config             print every setting with its default\n"
	"  --help, --version";

/* -1 to go on, else the exit status. */
static int check_sockets(const struct palabre_options *options)
{
	char *error = palabre_options_check_sockets(options);

	if (error == NULL)
		return -1;
	fprintf(stderr, "palabre-pushd: %s\n", error);
	free(error);
	return 1;
}

int main(int argc, char **argv)
{
	struct palabre_options options;
	int rest;
	int status = palabre_options_read(&options, usage, argc, argv, &rest);

	if (status < 0 && rest < argc) {
		fprintf(stderr,
			"palabre-pushd: %s: not understood; see --help\n",
			argv[rest]);
		status = 1;
	}
	if (status < 0)
		status = check_sockets(&options);
	if (status < 0 && !crypt_init()) {
		fputs("palabre-pushd: no source of randomness\n", stderr);
		status = 1;
	}
	if (status < 0) {
		log_init("palabre-pushd", (enum log_level)options.log_level,
			 options.log_format == 1);
		mem_give_back_big();
		status = daemon_run(&options);
	}
	palabre_options_done(&options);
	return status;
}
