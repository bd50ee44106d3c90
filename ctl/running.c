#include "running.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define SETTINGS_MAX 256

struct arguments {
	char **argv;
	int argc, room;
};

static void add_setting(struct arguments *to, const char *line)
{
	if (to->argc + 3 > to->room)
		return;
	to->argv[to->argc++] = "--set";
	to->argv[to->argc++] = xstrdup(line);
}

/* What --config says among the flags, or NULL. */
static const char *config_of(int argc, char **argv)
{
	const char *config = NULL;

	for (int at = 1; at + 1 < argc && strncmp(argv[at], "--", 2) == 0;
	     at++) {
		if (strcmp(argv[at], "--config") == 0)
			config = argv[++at];
		else if (strcmp(argv[at], "--set") == 0)
			at++;
	}
	return config;
}

/* The programs may write into that directory, but palabre.conf is of whom the
 * operator trusts: so has this file to be. */
static FILE *open_of_owner(const char *path, const char *config)
{
	struct stat theirs, ours;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &ours) == 0 && stat(config, &theirs) == 0 &&
	    S_ISREG(ours.st_mode) && ours.st_uid == theirs.st_uid)
		return fdopen(fd, "r");
	close(fd);
	return NULL;
}

/* One that was killed leaves the file behind. */
static bool still_runs(const char *first)
{
	int pid;

	return sscanf(first, "# ./run, process %d", &pid) == 1 && pid > 0 &&
	       (kill(pid, 0) == 0 || errno == EPERM);
}

/* Whether there was a ./run that still runs. */
static bool add_lines(struct arguments *to, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	bool runs = getline(&line, &size, file) > 0 && still_runs(line);

	while (runs && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		add_setting(to, line);
	}
	free(line);
	return runs;
}

static void add_running(struct arguments *to, const char *config,
			const char *directory)
{
	char *path = xasprintf("%s/run/settings", directory);
	FILE *file = open_of_owner(path, config);

	if (file != NULL && add_lines(to, file)) {
		char *dir = xasprintf("dir=%s", directory);

		add_setting(to, dir);
		free(dir);
	}
	if (file != NULL)
		fclose(file);
	free(path);
}

char **running_arguments(int *argc, char **argv)
{
	/* To the end, as argv itself is: it is not to be dropped. */
	static char **volatile kept;
	const char *config = config_of(*argc, argv);
	char *directory = config != NULL ? realpath(config, NULL) : NULL;
	struct arguments all = {.room = SETTINGS_MAX};

	if (directory == NULL)
		return argv;
	*strrchr(directory, '/') = '\0';
	all.argv =
		xcalloc((size_t)(SETTINGS_MAX + *argc + 1), sizeof(*all.argv));
	all.argv[all.argc++] = argv[0];
	add_running(&all, config, directory);
	for (int at = 1; at < *argc; at++)
		all.argv[all.argc++] = argv[at];
	*argc = all.argc;
	free(directory);
	kept = all.argv;
	return kept;
}
