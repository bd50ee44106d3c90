/* The store as a whole, from the command line: a copy of it, and back to one.
 */
#include "admin_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin_stop.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "processes.h"
#include "store.h"
#include "store_copy.h"
#include "store_owner.h"

#define SHOW_EVERY_MS 200
#define MIB (1024.0 * 1024.0)

/* ---- progress ---- */

struct showing {
	struct admin *admin;
	bool terminal;
	int64_t next_ms, total;
};

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
	return !admin_stop_asked();
}

static struct showing show_on(struct admin *admin)
{
	admin_stop_listen();
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

/* What came to be there meanwhile stays, where the file system can do that. */
static int name_copy(const char *part, const char *file)
{
	int done = renameat2(AT_FDCWD, part, AT_FDCWD, file, RENAME_NOREPLACE);

	return done != 0 && (errno == EINVAL || errno == ENOSYS)
		       ? rename(part, file)
		       : done;
}

/* Under another name until it is whole. */
static char *make_copy(struct store *store, const char *file,
		       struct showing *showing)
{
	char *part = xasprintf("%s.part", file);
	char *error = store_backup(store, part, show, showing);

	if (error == NULL && name_copy(part, file) != 0) {
		error = xasprintf("%s: %s", file, strerror(errno));
		unlink(part);
	}
	free(part);
	return error;
}

static char *backup_file(struct admin *admin, const char *file,
			 struct showing *showing)
{
	char *error;

	if (store_read_begin(admin->store) != STORE_OK)
		return xstrdup(store_error(admin->store));
	store_owner_return();
	error = access(file, F_OK) == 0
			? xasprintf("%s is there already", file)
			: make_copy(admin->store, file, showing);
	store_read_end(admin->store);
	return error;
}

/* ---- of a database: by way of a file that is a store ---- */

/* A folder of our own: what else there is beside file is somebody's. */
static char *make_way(const char *file, char **error)
{
	char *folder = xasprintf("%s.XXXXXX", file);

	if (mkdtemp(folder) != NULL)
		return folder;
	*error = xasprintf("%s: %s", folder, strerror(errno));
	free(folder);
	return NULL;
}

static void remove_way(const char *folder)
{
	static const char *const ends[] = {"", "-journal", "-wal", "-shm",
					   "-stamp"};

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		char *file = xasprintf("%s/copy%s", folder, ends[i]);

		unlink(file);
		free(file);
	}
	rmdir(folder);
}

static char *backup_by_way(struct admin *admin, const char *file,
			   const char *folder, struct showing *showing)
{
	struct admin_transfer t = {.live = false};
	char *uri = xasprintf("sqlite:%s/copy", folder);
	char *error =
		admin_transfer_open(&t, admin, admin->options->store, uri);

	if (error == NULL)
		error = admin_transfer_run(&t);
	if (error == NULL && store_read_begin(t.to) != STORE_OK)
		error = xstrdup(store_error(t.to));
	else if (error == NULL) {
		error = make_copy(t.to, file, showing);
		store_read_end(t.to);
	}
	admin_transfer_close(&t);
	free(uri);
	return error;
}

static char *backup_database(struct admin *admin, const char *file,
			     struct showing *showing)
{
	char *folder = NULL, *error = NULL;

	store_owner_return();
	if (access(file, F_OK) == 0)
		error = xasprintf("%s is there already", file);
	if (error == NULL)
		error = admin_find_server(admin);
	if (error == NULL)
		folder = make_way(file, &error);
	if (folder != NULL) {
		error = backup_by_way(admin, file, folder, showing);
		remove_way(folder);
	}
	free(folder);
	return error;
}

int admin_backup(struct admin *admin, char **words)
{
	const char *file = words[0];
	struct showing showing = show_on(admin);
	char *error = store_is_file(admin->store)
			      ? backup_file(admin, file, &showing)
			      : backup_database(admin, file, &showing);

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

	return store_owner_become(showing->admin->options);
}

static bool is_sound(struct store *copy, void *context)
{
	const struct showing *showing = context;
	FILE *err = showing->admin->err;
	bool half;

	if (store_copy_is_half(copy, &half) == STORE_OK && half)
		fputs("it " STORE_COPY_HALF "\n", err);
	else
		return admin_verify(copy, err) == 0;
	return false;
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

static char *restore_file(struct admin *admin, const char *file,
			  struct showing *showing, char **kept)
{
	const struct store_restore how = {
		.from = file,
		.opened = leave_root,
		.progress = show,
		.accept = is_sound,
		.context = showing,
	};

	return store_restore(admin->store, &how, kept);
}

/* Into one with nothing in it: what was there is for whoever has it to drop. */
static char *restore_database(struct admin *admin, const char *file)
{
	struct admin_transfer t = {.live = false};
	char *uri = xasprintf("sqlite:%s", file);
	char *error = access(file, R_OK) != 0
			      ? xasprintf("%s: %s", file, strerror(errno))
			      : NULL;

	if (error != NULL) {
		free(uri);
		return error;
	}
	error = admin_transfer_open(&t, admin, uri, admin->options->store);
	if (error == NULL && admin_verify(t.from, admin->err) != 0)
		error = xasprintf("%s is not as it should be", file);
	if (error == NULL)
		error = admin_transfer_run(&t);
	if (error == NULL && store_copy_is_earlier(t.to) != STORE_OK)
		error = xstrdup(store_error(t.to));
	admin_transfer_close(&t);
	free(uri);
	return error;
}

int admin_restore(struct admin *admin, char **words)
{
	struct showing showing = show_on(admin);
	char *kept = NULL;

	store_owner_return();
	char *error = admin_find_server(admin);

	if (error == NULL)
		error = store_is_file(admin->store)
				? restore_file(admin, words[0], &showing, &kept)
				: restore_database(admin, words[0]);
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
