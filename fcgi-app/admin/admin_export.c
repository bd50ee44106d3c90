/* Everything of one person, from the command line. */
#include "admin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "export.h"
#include "palabre_options.h"
#include "store.h"
#include "store_owner.h"

/* For nobody else to read. The store is its owner's, the file the caller's.
 * -1: it was said why. */
static int open_as_caller(struct admin *admin, const char *file)
{
	char *wrong;
	int fd, error;

	store_owner_return();
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	error = errno;
	wrong = store_owner_become(admin->options);
	if (wrong != NULL || fd < 0) {
		admin_fail(admin, 2, "%s: %s", file,
			   fd < 0 ? strerror(error) : wrong);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(wrong);
	return fd;
}

int admin_user_export(struct admin *admin, char **words)
{
	const char *name = words[0], *file = words[1];
	struct store_user user = {0};
	int code = admin_find_user(admin, name, &user), fd;

	if (code != 0)
		return code;
	fd = open_as_caller(admin, file);
	if (fd < 0) {
		code = 2;
		goto out;
	}

	const struct export_job job = {
		.file_dir = admin->options->file_dir,
		.now_ms = clock_now_ms(),
		.fd = fd,
	};
	enum export_status status = export_write(admin->store, &user, &job);

	if (status == EXPORT_OK && fsync(fd) != 0)
		status = EXPORT_FAILED;
	if (status == EXPORT_OK) {
		admin_done(admin, "%s is in %s", name, file);
	} else {
		code = admin_fail(admin, 2, "%s: %s", file,
				  status == EXPORT_STORE
					  ? store_error(admin->store)
					  : strerror(errno));
		/* Half of it is nothing. */
		if (ftruncate(fd, 0) == 0)
			unlink(file);
	}
	close(fd);
out:
	store_user_done(&user);
	return code;
}
