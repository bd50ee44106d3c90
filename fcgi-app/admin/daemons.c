#include "daemons.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "notify_client.h"
#include "palabre_options.h"
#include "processes.h"
#include "unix_socket.h"

#define PATIENCE_MS 5000

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

	struct notify_client *notify =
		notify_client_new(path, "admin", NULL, NULL);

	buf_add(notify_out(notify), frames->data, frames->len);
	bool taken = notify_confirm(notify, PATIENCE_MS);

	notify_client_free(notify);
	return taken ? TOLD : TOLD_UNHEARD;
}

/* One that lives has to hear it, wherever it listens. */
static bool hears(const struct process *daemon, const char *where,
		  enum told told_there, const struct buf *frames)
{
	if (daemon->notify_socket == NULL)
		return false;
	if (strcmp(daemon->notify_socket, where) == 0)
		return told_there == TOLD;
	return tell_at(daemon->notify_socket, frames) == TOLD;
}

static char *say_unheard(const struct process *daemon)
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
	struct processes daemons;
	char *wrong = NULL;

	processes_find(&daemons, "palabre-pushd", options);
	for (size_t i = 0; wrong == NULL && i < daemons.count; i++) {
		const struct process *daemon = &daemons.list[i];

		if (!hears(daemon, where, told, frames))
			wrong = say_unheard(daemon);
	}
	if (wrong == NULL && told == TOLD_UNHEARD)
		wrong = xasprintf("palabre-pushd at %s has not confirmed it",
				  where);
	processes_done(&daemons);
	return wrong;
}

bool daemons_run(const struct palabre_options *options)
{
	int fd = unix_socket_connect(options->notify_socket);
	struct processes daemons;

	if (fd >= 0) {
		close(fd);
		return true;
	}
	processes_find(&daemons, "palabre-pushd", options);
	bool any = daemons.count > 0;

	processes_done(&daemons);
	return any;
}
