#include "daemons.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_options.h"
#include "unix_socket.h"

#define NAME "palabre-pushd"
#define PATIENCE_MS 5000
#define WORDS_MAX 1024

struct daemon {
	int pid;	     /* 0: nobody knows who there is */
	char *notify_socket; /* NULL: it cannot be read */
};

struct daemons {
	struct daemon *list;
	size_t count;
};

/* ---- what /proc says of a process (proc(5)) ---- */

/* Words that end with NUL each; the list ends with NULL and is freed with
 * free_words(). NULL: it cannot be read. */
static char **read_words(int pid, const char *name)
{
	char *path = xasprintf("/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "re");
	char **words = NULL, *word = NULL;
	size_t size = 0, count = 0;

	free(path);
	if (file == NULL)
		return NULL;
	words = xcalloc(WORDS_MAX + 1, sizeof(*words));
	while (count < WORDS_MAX && getdelim(&word, &size, '\0', file) > 0)
		words[count++] = xstrdup(word);
	free(word);
	fclose(file);
	return words;
}

static void free_words(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}

static bool is_pushd(int pid)
{
	char *path = xasprintf("/proc/%d/stat", pid), line[512] = "";
	FILE *file = fopen(path, "re");

	free(path);
	if (file == NULL)
		return false;
	bool read = fgets(line, sizeof(line), file) != NULL;
	const char *name = strchr(line, '('), *end = strrchr(line, ')');

	fclose(file);
	return read && name != NULL && end != NULL && end > name &&
	       (size_t)(end - name - 1) == strlen(NAME) &&
	       strncmp(name + 1, NAME, strlen(NAME)) == 0 &&
	       strncmp(end, ") Z", 3) != 0;
}

/* ---- whose it is ---- */

/* As it is seen from where that process is; the caller frees it. */
static char *path_of(int pid, const char *path)
{
	return *path == '/' ? xstrdup(path)
			    : xasprintf("/proc/%d/cwd/%s", pid, path);
}

/* A relative --config is one of that process's directory. */
static void settle_config(int pid, char **words)
{
	for (size_t i = 0; words[i] != NULL && words[i + 1] != NULL; i++) {
		if (strcmp(words[i], "--config") != 0)
			continue;
		char *path = path_of(pid, words[i + 1]);

		free(words[i + 1]);
		words[i + 1] = path;
	}
}

static bool is_same_store(int pid, const char *theirs, const char *ours)
{
	const char *their_path = strchr(theirs, ':');
	const char *our_path = strchr(ours, ':');
	struct stat one, other;

	if (strcmp(theirs, ours) == 0)
		return true;
	if (their_path == NULL || our_path == NULL)
		return false;
	char *path = path_of(pid, their_path + 1);
	bool same = stat(path, &one) == 0 && stat(our_path + 1, &other) == 0 &&
		    one.st_dev == other.st_dev && one.st_ino == other.st_ino;

	free(path);
	return same;
}

/* False: it serves another store. */
static bool may_serve(int pid, const struct palabre_options *ours,
		      struct daemon *out)
{
	char *nothing[] = {NULL};
	char **words = read_words(pid, "cmdline");
	char **environment = read_words(pid, "environ");
	struct palabre_options theirs = {0};
	bool may = true;

	*out = (struct daemon){.pid = pid};
	if (words != NULL && words[0] != NULL)
		settle_config(pid, words);
	if (words != NULL && words[0] != NULL &&
	    palabre_options_of(&theirs, words,
			       environment != NULL ? environment : nothing)) {
		may = is_same_store(pid, theirs.store, ours->store);
		out->notify_socket = path_of(pid, theirs.notify_socket);
	}
	palabre_options_done(&theirs);
	free_words(words);
	free_words(environment);
	return may;
}

static void add_daemon(struct daemons *out, struct daemon daemon)
{
	out->list = xrealloc(out->list, (out->count + 1) * sizeof(*out->list));
	out->list[out->count++] = daemon;
}

static void daemons_find(struct daemons *out,
			 const struct palabre_options *ours)
{
	DIR *all = opendir("/proc");
	struct dirent *entry;
	struct daemon found;

	*out = (struct daemons){0};
	if (all == NULL || access("/proc/self/stat", R_OK) != 0)
		add_daemon(out, (struct daemon){0});
	while (all != NULL && (entry = readdir(all)) != NULL) {
		int pid = atoi(entry->d_name);

		if (pid <= 0 || !is_pushd(pid))
			continue;
		if (may_serve(pid, ours, &found))
			add_daemon(out, found);
		else
			free(found.notify_socket);
	}
	if (all != NULL)
		closedir(all);
}

static void daemons_done(struct daemons *daemons)
{
	for (size_t i = 0; i < daemons->count; i++)
		free(daemons->list[i].notify_socket);
	free(daemons->list);
	*daemons = (struct daemons){0};
}

/* ---- telling ---- */

enum told { TOLD, TOLD_NOBODY, TOLD_UNHEARD };

static enum told tell_at(const char *path, const struct buf *frames)
{
	int fd = unix_socket_connect(path);

	if (fd < 0)
		return errno == ENOENT || errno == ECONNREFUSED ||
				       errno == ENOTDIR
			       ? TOLD_NOBODY
			       : TOLD_UNHEARD;
	close(fd);

	struct notify_client *notify = notify_client_new(path, "admin");

	buf_add(notify_out(notify), frames->data, frames->len);
	bool taken = notify_confirm(notify, PATIENCE_MS);

	notify_client_free(notify);
	return taken ? TOLD : TOLD_UNHEARD;
}

/* One that lives has to hear it, wherever it listens. */
static bool hears(const struct daemon *daemon, const char *where,
		  enum told told_there, const struct buf *frames)
{
	if (daemon->notify_socket == NULL)
		return false;
	if (strcmp(daemon->notify_socket, where) == 0)
		return told_there == TOLD;
	return tell_at(daemon->notify_socket, frames) == TOLD;
}

static char *say_unheard(const struct daemon *daemon)
{
	if (daemon->pid == 0)
		return xstrdup("nobody knows whether palabre-pushd runs");
	return xasprintf("palabre-pushd (process %d) has not confirmed it",
			 daemon->pid);
}

char *daemons_tell(const struct palabre_options *options,
		   const struct buf *frames)
{
	const char *where = options->notify_socket;
	enum told told = tell_at(where, frames);
	struct daemons daemons;
	char *wrong = NULL;

	daemons_find(&daemons, options);
	for (size_t i = 0; wrong == NULL && i < daemons.count; i++) {
		const struct daemon *daemon = &daemons.list[i];

		if (!hears(daemon, where, told, frames))
			wrong = say_unheard(daemon);
	}
	if (wrong == NULL && told == TOLD_UNHEARD)
		wrong = xasprintf("palabre-pushd at %s has not confirmed it",
				  where);
	daemons_done(&daemons);
	return wrong;
}
