/* "allowed origins\norigin\nhost": who is let in is listed, or at home. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "origins.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *memory = xstrndup((const char *)data, size);
	char *next = memory;
	const char *allowed = strsep(&next, "\n");
	const char *origin = next != NULL ? strsep(&next, "\n") : "";
	const char *host = next != NULL ? next : "";

	if (origins_allow(allowed, origin, host))
		assert(strcasestr(allowed, origin) != NULL ||
		       strcasestr(origin, host) != NULL);
	free(memory);
	return 0;
}
