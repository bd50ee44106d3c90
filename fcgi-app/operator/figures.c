#include "figures.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "app.h"
#include "clock.h"
#include "ctl_ask.h"
#include "json.h"
#include "palabre_options.h"
#include "stall.h"

#define PATIENCE_MS 500
#define PUSH_DEPTH 4

static struct json_object *figures_ask_push(const struct app *app)
{
	char *line = ctl_ask(app->options->ctl_socket, "stats", PATIENCE_MS);
	struct json_object *answer = NULL, *stats = NULL;

	if (line != NULL)
		json_parse(line, strlen(line), JSON_OURS(PUSH_DEPTH), &answer);
	if (json_get_object(answer, "stats", &stats) == JSON_FOUND)
		json_ref(stats);
	json_free(answer);
	free(line);
	return stats;
}

/* Not of what is below. */
static int64_t figures_logs(const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	struct stat status;
	int64_t bytes = 0;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		if (fstatat(dirfd(dir), entry->d_name, &status,
			    AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(status.st_mode))
			bytes += status.st_size;
	}
	closedir(dir);
	return bytes;
}

/* Before the first upload there may be no such directory. */
static int64_t figures_files_left(const struct palabre_options *options)
{
	struct statvfs disk;

	if (statvfs(options->file_dir, &disk) != 0 &&
	    statvfs(options->dir, &disk) != 0)
		return -1;
	return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

void figures_read(const struct app *app, struct figures *out)
{

	*out = (struct figures){
		.metrics = app->metrics,
		.mono_ms = clock_mono_ms(),
		.push = figures_ask_push(app),
		.stalled = stall_is_on(app->stall, clock_mono_ms()),
		.logs = figures_logs(app->options->log_dir),
		.files_left = figures_files_left(app->options),
	};
	store_room(app->store, &out->store);
}

void figures_done(struct figures *figures)
{
	json_free(figures->push);
	figures->push = NULL;
}

int64_t figures_push(const struct figures *figures, const char *name)
{
	int64_t number = 0;

	json_get_int(figures->push, name, &number);
	return number;
}
