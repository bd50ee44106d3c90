#include "store_owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "palabre_options.h"
#include "store.h"

/* False: nobody, or root. */
static bool find_owner(const char *path, struct stat *file)
{
	char *directory = xstrdup(path);
	char *slash = strrchr(directory, '/');
	bool found = stat(directory, file) == 0;

	if (slash != NULL)
		*slash = '\0';
	found = found || (slash != NULL && stat(directory, file) == 0);
	free(directory);
	return found && file->st_uid != 0;
}

static int become(const struct stat *file)
{
	const struct passwd *user = getpwuid(file->st_uid);
	int groups = user != NULL ? initgroups(user->pw_name, file->st_gid)
				  : setgroups(0, NULL);

	return groups != 0 || setgid(file->st_gid) != 0 ? -1
							: setuid(file->st_uid);
}

static int borrow(const struct stat *file)
{
	return setegid(file->st_gid) != 0 ? -1 : seteuid(file->st_uid);
}

static char *leave_root(const struct palabre_options *options,
			int how(const struct stat *file))
{
	const char *path = store_uri_path(options->store);
	struct stat file;

	if (path == NULL)
		path = options->key_file;
	if (geteuid() != 0 || !find_owner(path, &file) || how(&file) == 0)
		return NULL;
	return xasprintf("cannot become user %d, whose it is: %s",
			 (int)file.st_uid, strerror(errno));
}

char *store_owner_become(const struct palabre_options *options)
{
	return leave_root(options, become);
}

char *store_owner_borrow(const struct palabre_options *options)
{
	return leave_root(options, borrow);
}

void store_owner_return(void)
{
	if (getuid() == 0 && geteuid() != 0 &&
	    (seteuid(0) != 0 || setegid(0) != 0))
		abort();
}
