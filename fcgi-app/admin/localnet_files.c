#include "localnet_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_type.h"
#include "mem.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "store.h"
#include "store_owner.h"

#define PIECE 65536

/* Where the file is now: at its old path below the folder of the store, or at
 * what is behind any of its slashes. Nothing outside of that folder. */
static char *find_path(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	while (path != NULL) {
		char *here = xasprintf("%s/%s", folder, path);
		char *real = realpath(here, NULL);

		free(here);
		if (real != NULL && strncmp(real, folder, len) == 0 &&
		    real[len] == '/')
			return real;
		free(real);
		path = strchr(path, '/');
		path = path != NULL ? path + 1 : NULL;
	}
	return NULL;
}

/* As whoever called: the old files are theirs. */
static int open_file(const struct localnet_files *f, const char *old_path)
{
	char *path, *wrong;
	int fd = -1;
	struct stat status;

	store_owner_return();
	path = find_path(f->folder, old_path);
	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		fd = -1;
	}
	wrong = store_owner_borrow(f->import->admin->options);
	free(wrong);
	free(path);
	return fd;
}

static enum upload_status copy_bytes(struct upload *upload, int fd)
{
	enum upload_status status = UPLOAD_OK;
	char *piece = xmalloc(PIECE);
	ssize_t len;

	while (status == UPLOAD_OK && (len = read(fd, piece, PIECE)) != 0) {
		if (len > 0)
			status = upload_write(upload, piece, (size_t)len);
		else if (errno != EINTR)
			status = UPLOAD_FAILED;
	}
	free(piece);
	return status;
}

static void add_file(const struct localnet_files *f,
		     const struct localnet_line *line, const char *owner,
		     const struct upload_facts *facts, char id[ID_SIZE])
{
	struct store_file file = {
		.name = file_type_name(line->name),
		.mime = (char *)facts->mime,
		.size = facts->size,
		.width = facts->width,
		.height = facts->height,
		.created_at = f->import->now_ms,
	};

	memcpy(file.owner, owner, ID_SIZE);
	memcpy(file.hash, facts->hash, sizeof(file.hash));
	if (admin_import_goes_on(
		    f->import,
		    store_file_add(f->import->admin->store, &file, INT64_MAX)))
		memcpy(id, file.id, ID_SIZE);
	free(file.name);
}

const char *localnet_file_take(const struct localnet_files *f,
			       const struct localnet_line *line,
			       const char *owner, struct upload **upload,
			       char id[ID_SIZE])
{
	enum upload_status status = UPLOAD_OK;
	struct upload_facts facts;
	int fd = open_file(f, line->path);

	if (fd < 0)
		return "its file is not there: only its name was kept";
	*upload = upload_new(f->import->admin->options->file_dir, LIMIT_FILE,
			     &status);
	if (status == UPLOAD_OK)
		status = copy_bytes(*upload, fd);
	if (status == UPLOAD_OK)
		status = upload_look(*upload, &facts);
	if (status == UPLOAD_OK)
		status = upload_keep(*upload, facts.hash);
	close(fd);
	if (status == UPLOAD_EMPTY)
		return "its file is empty: only its name was kept";
	if (status == UPLOAD_TOO_LARGE)
		return "its file is too large: only its name was kept";
	if (status == UPLOAD_OK)
		add_file(f, line, owner, &facts, id);
	else
		admin_import_fail(f->import, "%s: %s",
				  f->import->admin->options->file_dir,
				  strerror(errno));
	return NULL;
}
