#include "ctl_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "unix_socket.h"

/* Blocking, but not for ever. */
static int ctl_connect(const char *path, int64_t patience_ms)
{
	struct timeval patience = {
		.tv_sec = patience_ms / 1000,
		.tv_usec = patience_ms % 1000 * 1000,
	};
	int fd = unix_socket_connect(path);

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

char *ctl_ask(const char *path, const char *word, int64_t patience_ms)
{
	int fd = ctl_connect(path, patience_ms);
	FILE *stream = fd >= 0 ? fdopen(fd, "r+") : NULL;
	char *line = NULL;
	size_t size = 0;

	if (stream == NULL)
		return NULL;
	fprintf(stream, "%s\n", word);
	fflush(stream);
	errno = EAGAIN; /* an end of file sets nothing */
	if (getline(&line, &size, stream) > 0) {
		line[strcspn(line, "\n")] = '\0';
	} else {
		free(line);
		line = NULL;
	}
	int saved = errno;

	fclose(stream);
	errno = saved;
	return line;
}
