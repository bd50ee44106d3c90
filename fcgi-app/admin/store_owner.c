#include "store_owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

static int become(uid_t uid, gid_t gid)
{
	const struct passwd *user = getpwuid(uid);
	int groups = user != NULL ? initgroups(user->pw_name, gid)
				  : setgroups(0, NULL);

	return groups != 0 || setgid(gid) != 0 ? -1 : setuid(uid);
}

char *store_owner_become(const char *uri)
{
	const char *path = strchr(uri, ':');
	struct stat file;

	if (geteuid() != 0 || path == NULL || stat(path + 1, &file) != 0 ||
	    file.st_uid == 0 || become(file.st_uid, file.st_gid) == 0)
		return NULL;
	return xasprintf("cannot become user %d, whose it is: %s",
			 (int)file.st_uid, strerror(errno));
}
