#include "preview_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "handover.h"
#include "image.h"
#include "unix_socket.h"

/* It gives a picture 3 s, and has to be loaded for the first one. So many wait
 * for it at most: the workers that are left serve the others. */
#define PREVIEW_WAIT_MS 4000
#define PREVIEW_FULL_MS 1000 /* for a place among those that wait */

/* "WIDTH HEIGHT\n", or "-\n". */
static bool preview_is_made(int connection)
{
	struct pollfd pollfd = {connection, POLLIN, 0};
	char first;

	return poll(&pollfd, 1, PREVIEW_WAIT_MS) == 1 &&
	       recv(connection, &first, 1, 0) == 1 && first >= '1' &&
	       first <= '9';
}

/* -1: nobody is there, or too many are before us. */
static int preview_connect(const char *socket_path)
{
	const struct timespec pause = {0, 10 * 1000 * 1000};
	int64_t late = clock_mono_ms() + PREVIEW_FULL_MS;
	int connection;

	while ((connection = unix_socket_connect(socket_path)) < 0 &&
	       errno == EAGAIN && clock_mono_ms() < late)
		nanosleep(&pause, NULL);
	return connection;
}

static bool preview_ask(const char *socket_path, int picture, int copy)
{
	int connection = preview_connect(socket_path);
	bool made = connection >= 0 &&
		    handover_send(connection, picture, copy) &&
		    preview_is_made(connection);

	if (connection >= 0)
		close(connection);
	return made;
}

bool preview_make(const char *socket_path, const char *dir,
		  const char hash[FILE_HASH_SIZE])
{
	char picture_path[FILE_PLACE_MAX], path[FILE_PLACE_MAX];
	char tmp[FILE_PLACE_MAX];
	bool made = false;

	if (!file_place(dir, hash, false, picture_path) ||
	    !file_place(dir, hash, true, path))
		return false;
	if (access(path, R_OK) == 0)
		return true;

	int picture = open(picture_path, O_RDONLY | O_CLOEXEC);
	int copy = picture >= 0 ? file_place_tmp(dir, tmp) : -1;

	if (copy >= 0) {
		made = preview_ask(socket_path, picture, copy) &&
		       (link(tmp, path) == 0 || errno == EEXIST);
		unlink(tmp);
		close(copy);
	}
	if (picture >= 0)
		close(picture);
	return made;
}

const char *preview_mime(const char *dir, const char hash[FILE_HASH_SIZE])
{
	char path[FILE_PLACE_MAX];
	uint8_t head[16];
	int fd = file_place(dir, hash, true, path)
			 ? open(path, O_RDONLY | O_CLOEXEC)
			 : -1;
	ssize_t len = fd >= 0 ? read(fd, head, sizeof(head)) : 0;

	if (fd >= 0)
		close(fd);
	return image_mime(image_type(head, len > 0 ? (size_t)len : 0));
}
