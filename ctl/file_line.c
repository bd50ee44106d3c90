#include "file_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypt.h"
#include "mem.h"
#include "screen.h"

#define FILE_MAX ((size_t)2 * 1024 * 1024)

/* Another name where there is such a file already: nothing is overwritten. */
static int file_line_create(const char *dir, const char *name, char **path)
{
	for (int n = 1; n < 100; n++) {
		*path = n == 1 ? xasprintf("%s/%s", dir, name)
			       : xasprintf("%s/%d-%s", dir, n, name);

		int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			      0600);

		if (fd >= 0 || errno != EEXIST)
			return fd;
		free(*path);
	}
	*path = xstrdup(name);
	return -1;
}

void file_line_keep(const char *dir, const struct line_file *file)
{
	const char *name = strrchr(file->name, '/');
	size_t room = strlen(file->base64) / 4 * 3 + 3;
	char *bytes = xmalloc(room), *path = NULL, *line;
	long len = crypt_unbase64(file->base64, bytes, room);

	name = name != NULL ? name + 1 : file->name;
	if (*name == '\0' || *name == '.')
		name = "file";

	int fd = len < 0 ? -1 : file_line_create(dir, name, &path);
	bool kept = fd >= 0 && write(fd, bytes, (size_t)len) == len;

	line = xasprintf(kept ? "kept as %s" : "%s could not be kept",
			 path != NULL ? path : name);
	screen_show(line);
	if (fd >= 0)
		close(fd);
	free(line);
	free(path);
	free(bytes);
}

static void file_line_send_bytes(struct line_link *link, const char *path,
				 const char *bytes, size_t len)
{
	const char *name = strrchr(path, '/');
	char *base64 = crypt_base64(bytes, len);
	char *line = xasprintf("__FILE__|%s|application/octet-stream|%zu|%s",
			       name != NULL ? name + 1 : path, len, base64);

	line_link_send(link, line);
	free(line);
	free(base64);
}

const char *file_line_path(const char *line)
{
	static const char command[] = "/file ";

	if (strncmp(line, command, strlen(command)) != 0)
		return NULL;
	line += strlen(command);
	return line[strspn(line, "0123456789 ")] != '\0' ? line : NULL;
}

void file_line_send(struct line_link *link, const char *path)
{
	FILE *file = fopen(path, "re");
	char *bytes = xmalloc(FILE_MAX + 1), *problem = NULL;
	size_t len = file != NULL ? fread(bytes, 1, FILE_MAX + 1, file) : 0;

	if (file == NULL || ferror(file))
		problem = xasprintf("%s: %s", path, strerror(errno));
	else if (len == 0 || len > FILE_MAX)
		problem =
			xasprintf("%s: a file may have 1 byte to 2 MiB", path);
	if (problem != NULL)
		screen_show(problem);
	else
		file_line_send_bytes(link, path, bytes, len);
	if (file != NULL)
		fclose(file);
	free(problem);
	free(bytes);
}
