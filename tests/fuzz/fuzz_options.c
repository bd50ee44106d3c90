/* palabre.conf as an operator edits it: what is taken can be given back, and
 * is taken again. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem.h"
#include "options.h"
#include "palabre_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *read_file(struct palabre_options *options, const uint8_t *data,
		       size_t size)
{
	int fd = memfd_create("palabre.conf", MFD_CLOEXEC);
	bool written = fd >= 0 && write(fd, data, size) == (ssize_t)size;
	char *path = xasprintf("/proc/self/fd/%d", fd);
	char *error;

	assert(written);
	error = options_read_file(palabre_option_table, options, path);
	free(path);
	close(fd);
	return error;
}

static void check_value(struct palabre_options *options, const char *key)
{
	char *value = options_get(palabre_option_table, options, key);
	char *error =
		options_set(palabre_option_table, options, key, value, "again");

	assert(error == NULL);
	free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct palabre_options options = {0};

	options_init(palabre_option_table, &options);

	char *error = read_file(&options, data, size);

	for (const struct option_spec *spec = palabre_option_table;
	     error == NULL && spec->key != NULL; spec++)
		check_value(&options, spec->key);
	options_expand(palabre_option_table, &options, "/dir");
	options_done(palabre_option_table, &options);
	free(error);
	return 0;
}
