/* The store as a whole, from the command line: a copy of it, and back to one.
 */
#include "admin.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "processes.h"
#include "store.h"
#include "store_owner.h"

#define SHOW_EVERY_MS 200
#define MIB (1024.0 * 1024.0)

/* ---- progress ---- */

struct showing {
	struct admin *admin;
	bool terminal;
	int64_t next_ms, total;
};

static volatile sig_atomic_t stopped;

static void note_stop(int number)
{
	stopped = number;
}

/* What is half made goes when it is interrupted. */
static void take_signals(void)
{
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note_stop};

	for (size_t i = 0; i < COUNT_OF(fatal); i++)
		sigaction(fatal[i], &action, NULL);
}

static bool show(int64_t done, int64_t total, void *context)
{
	struct showing *showing = context;
	int64_t now = clock_mono_ms();

	showing->total = total;
	if (showing->terminal && (now >= showing->next_ms || done == total)) {
		fprintf(showing->admin->err,
			"\r%.1f of %.1f MiB, %d %% \033[K%s",
			(double)done / MIB, (double)total / MIB,
			total > 0 ? (int)(100 * done / total) : 100,
			done == total ? "\r\033[K" : "");
		fflush(showing->admin->err);
		showing->next_ms = now + SHOW_EVERY_MS;
	}
	return stopped == 0;
}

static struct showing show_on(struct admin *admin)
{
	take_signals();
	return (struct showing){.admin = admin,
				.terminal = isatty(fileno(admin->err))};
}

static int refuse(struct admin *admin, int status, char *line)
{
	admin_fail(admin, status, "%s", line);
	free(line);
	return status;
}

/* ---- a copy of it ---- */

/* Under another name until it is whole. */
static char *make_copy(struct admin *admin, const char *file,
		       struct showing *showing)
{
	char *part = xasprintf("%s.part", file);
	char *error = store_backup(admin->store, part, show, showing);

	if (error == NULL && rename(part, file) != 0) {
		error = xasprintf("%s: %s", file, strerror(errno));
		unlink(part);
	}
	free(part);
	return error;
}

int admin_backup(struct admin *admin, char **words)
{
	const char *file = words[0];
	struct showing showing = show_on(admin);

	if (store_read_begin(admin->store) != STORE_OK)
		return refuse(admin, 2, xstrdup(store_error(admin->store)));
	store_owner_return();
	char *error = access(file, F_OK) == 0
			      ? xasprintf("%s is there already", file)
			      : make_copy(admin, file, &showing);

	store_read_end(admin->store);
	if (error != NULL)
		return refuse(admin, 1, error);
	if (admin->json != NULL)
		json_put_int(admin->json, "bytes", showing.total);
	return admin_done(admin, "%s: a copy of the store, %.1f MiB", file,
			  (double)showing.total / MIB);
}

/* ---- back to one ---- */

static char *leave_root(void *context)
{
	const struct showing *showing = context;

	return store_owner_become(showing->admin->options->store);
}

static bool is_sound(struct store *copy, void *context)
{
	const struct showing *showing = context;

	return admin_verify(copy, showing->admin->err) == 0;
}

char *admin_find_server(struct admin *admin)
{
	struct processes servers;
	char *error = NULL;

	processes_find(&servers, "palabre-api", admin->options);
	const struct process *leader = processes_leader(&servers);

	if (leader != NULL)
		error = xasprintf(
			"palabre-api (process %d) runs: stop it first",
			leader->pid);
	processes_done(&servers);
	return error;
}

int admin_restore(struct admin *admin, char **words)
{
	struct showing showing = show_on(admin);
	const struct store_restore how = {
		.from = words[0],
		.opened = leave_root,
		.progress = show,
		.accept = is_sound,
		.context = &showing,
	};
	char *kept = NULL;

	store_owner_return();
	char *error = admin_find_server(admin);

	if (error == NULL)
		error = store_restore(admin->store, &how, &kept);
	if (error != NULL)
		return refuse(admin, 1, error);
	if (admin->json != NULL)
		json_put_string(admin->json, "kept", kept);
	if (kept != NULL)
		admin_done(admin, "%s: is the store now; what it was is %s",
			   words[0], kept);
	else
		admin_done(admin, "%s: is the store now; there was none before",
			   words[0]);
	free(kept);
	return 0;
}
