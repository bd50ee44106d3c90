/*
 * replay - runs a fuzz harness over files and folders of seeds, for compilers
 * without libFuzzer: the corpus as plain regression tests.
 *
 * Each seed runs whole and cut at every length up to 256 bytes, so a harness
 * sees truncation even where nobody wrote a seed for it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mem.h"

#define SEED_MAX (4 * 1024 * 1024)
#define CUTS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long runs;

static void run(const uint8_t *data, size_t size)
{
	/* A copy of exactly that size: ASan sees a read past its end. */
	uint8_t *copy = xmalloc(size);

	if (size > 0)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	runs++;
}

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rbe");

	if (file == NULL) {
		perror(path);
		return 1;
	}
	uint8_t *data = xmalloc(SEED_MAX);
	size_t size = fread(data, 1, SEED_MAX, file);

	fclose(file);
	for (size_t cut = 0; cut < size && cut < CUTS_MAX; cut++)
		run(data, cut);
	run(data, size);
	free(data);
	return 0;
}

static int replay(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int status = 0;

	if (dir == NULL)
		return replay_file(path);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		char *name = xasprintf("%s/%s", path, entry->d_name);

		status |= replay_file(name);
		free(name);
	}
	closedir(dir);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= replay(argv[i]);
	printf("%lu runs\n", runs);
	return runs == 0 ? 1 : status;
}
