#include "processes.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "palabre_options.h"
#include "store.h"

#define WORDS_MAX 1024
#define PATIENCE_MS 1000
#define PAUSE_MS 20

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

/* One that is over has none. */
static bool read_stat(int pid, char name[16], int *parent)
{
	char *path = xasprintf("/proc/%d/stat", pid), line[512] = "", state;
	FILE *file = fopen(path, "re");

	free(path);
	if (file == NULL)
		return false;
	bool read = fgets(line, sizeof(line), file) != NULL;
	const char *begin = strchr(line, '('), *end = strrchr(line, ')');

	fclose(file);
	if (!read || begin == NULL || end == NULL || end <= begin ||
	    end - begin > 16 || sscanf(end, ") %c %d", &state, parent) != 2 ||
	    state == 'Z')
		return false;
	snprintf(name, 16, "%.*s", (int)(end - begin - 1), begin + 1);
	return true;
}

static bool has_name(int pid, const char *wanted)
{
	char name[16];
	int parent;

	return read_stat(pid, name, &parent) && strcmp(name, wanted) == 0;
}

/* ---- whose it is ---- */

static bool read_mounts(const char *pid, char out[64])
{
	char *path = xasprintf("/proc/%s/ns/mnt", pid);
	ssize_t len = readlink(path, out, 63);

	free(path);
	out[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* In a container, say, where the same path is another file
 * (mount_namespaces(7)). */
static bool is_elsewhere(int pid)
{
	char text[16], theirs[64], ours[64];

	snprintf(text, sizeof(text), "%d", pid);
	return read_mounts(text, theirs) && read_mounts("self", ours) &&
	       strcmp(theirs, ours) != 0;
}

/* As it is seen from where that process is; the caller frees it. */
static char *path_of(int pid, const char *path)
{
	if (*path != '/')
		return xasprintf("/proc/%d/cwd/%s", pid, path);
	return is_elsewhere(pid) ? xasprintf("/proc/%d/root%s", pid, path)
				 : xstrdup(path);
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

/* A path is looked up where that process is; a database has the same name from
 * everywhere. */
static bool is_same_store(int pid, const char *theirs, const char *ours)
{
	const char *their_path = store_uri_path(theirs);
	const char *our_path = store_uri_path(ours);
	struct stat one, other;

	if (their_path == NULL || our_path == NULL)
		return strcmp(theirs, ours) == 0;
	if (strcmp(theirs, ours) == 0 && !is_elsewhere(pid))
		return true;
	char *path = path_of(pid, their_path);
	bool same = stat(path, &one) == 0 && stat(our_path, &other) == 0 &&
		    one.st_dev == other.st_dev && one.st_ino == other.st_ino;

	free(path);
	return same;
}

/* As palabrectl starts them: behind the settings. */
static bool is_command(char **words)
{
	for (char **word = words; word != NULL && *word != NULL; word++) {
		if (strcmp(*word, "admin") == 0)
			return true;
	}
	return false;
}

enum serving { SERVES_OURS, SERVES_ANOTHER, SERVES_UNKNOWN };

static enum serving what_serves(int pid, const struct palabre_options *ours,
				struct process *out)
{
	char *nothing[] = {NULL};
	char **words = read_words(pid, "cmdline");
	char **environment = read_words(pid, "environ");
	struct palabre_options theirs = {0};
	enum serving serving = SERVES_UNKNOWN;

	*out = (struct process){
		.pid = pid,
		.command = is_command(words),
	};
	if (words != NULL && words[0] != NULL)
		settle_config(pid, words);
	if (words != NULL && words[0] != NULL &&
	    palabre_options_of(&theirs, words,
			       environment != NULL ? environment : nothing)) {
		serving = is_same_store(pid, theirs.store, ours->store)
				  ? SERVES_OURS
				  : SERVES_ANOTHER;
		out->notify_socket = path_of(pid, theirs.notify_socket);
	}
	palabre_options_done(&theirs);
	free_words(words);
	free_words(environment);
	return serving;
}

/* One that is just ending has no words any more, and one whose settings are
 * wrong is about to end: who says nothing is given time to be gone. False: it
 * is gone or serves another store. */
static bool may_serve(int pid, const char *name,
		      const struct palabre_options *ours, struct process *out)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	enum serving serving = what_serves(pid, ours, out);

	for (int waited = 0; serving == SERVES_UNKNOWN && waited < PATIENCE_MS;
	     waited += PAUSE_MS) {
		nanosleep(&pause, NULL);
		if (!has_name(pid, name))
			return false;
		serving = what_serves(pid, ours, out);
	}
	return serving != SERVES_ANOTHER;
}

static void add_process(struct processes *out, struct process process)
{
	out->list = xrealloc(out->list, (out->count + 1) * sizeof(*out->list));
	out->list[out->count++] = process;
}

void processes_find(struct processes *out, const char *name,
		    const struct palabre_options *ours)
{
	DIR *all = opendir("/proc");
	struct dirent *entry;
	struct process found;

	*out = (struct processes){0};
	if (all == NULL || access("/proc/self/stat", R_OK) != 0)
		add_process(out, (struct process){0});
	while (all != NULL && (entry = readdir(all)) != NULL) {
		int pid = atoi(entry->d_name);

		if (pid <= 0 || pid == getpid() || !has_name(pid, name))
			continue;
		if (may_serve(pid, name, ours, &found) &&
		    read_stat(pid, (char[16]){0}, &found.parent))
			add_process(out, found);
		else
			free(found.notify_socket);
	}
	if (all != NULL)
		closedir(all);
}

void processes_leave_commands(struct processes *processes)
{
	size_t kept = 0;

	for (size_t i = 0; i < processes->count; i++) {
		if (processes->list[i].command)
			free(processes->list[i].notify_socket);
		else
			processes->list[kept++] = processes->list[i];
	}
	processes->count = kept;
}

static const struct process *find_process(const struct processes *processes,
					  int pid)
{
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->list[i].pid == pid)
			return &processes->list[i];
	}
	return NULL;
}

const struct process *processes_leader(const struct processes *processes)
{
	const struct process *at =
		processes->count > 0 ? &processes->list[0] : NULL;

	for (const struct process *up = at; up != NULL && up->pid > 0;
	     up = find_process(processes, up->parent))
		at = up;
	return at != NULL && at->pid > 0 ? at : NULL;
}

size_t processes_left(const struct processes *processes)
{
	size_t left = 0;

	for (size_t i = 0; i < processes->count; i++) {
		char name[16];
		int parent;

		left += read_stat(processes->list[i].pid, name, &parent) &&
			parent == processes->list[i].parent;
	}
	return left;
}

void processes_done(struct processes *processes)
{
	for (size_t i = 0; i < processes->count; i++)
		free(processes->list[i].notify_socket);
	free(processes->list);
	*processes = (struct processes){0};
}
