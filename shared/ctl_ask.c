#include "ctl_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unix_socket.h"

char *ctl_ask(const char *path, const char *word, int64_t patience_ms)
{
	int fd = unix_socket_connect_waiting(path, patience_ms);
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
