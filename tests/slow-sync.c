/*
 * slow-sync - a disk whose syncs take so many milliseconds as the file says
 * that PALABRE_TEST_SYNC names, for programs that are started with LD_PRELOAD.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_as_told(void)
{
	const char *path = getenv("PALABRE_TEST_SYNC");
	FILE *file = path != NULL ? fopen(path, "re") : NULL;
	long ms = 0;

	if (file == NULL)
		return;
	if (fscanf(file, "%ld", &ms) == 1 && ms > 0) {
		const struct timespec wait = {ms / 1000, ms % 1000 * 1000000};

		nanosleep(&wait, NULL);
	}
	fclose(file);
}

#define SHOWN __attribute__((visibility("default")))

SHOWN int fsync(int fd)
{
	wait_as_told();
	return (int)syscall(SYS_fsync, fd);
}

SHOWN int fdatasync(int fd)
{
	wait_as_told();
	return (int)syscall(SYS_fdatasync, fd);
}
