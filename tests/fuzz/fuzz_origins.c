/* "allowed origins\norigin\nhost": who is let in is listed, or at home. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "origins.h"

/* It stands there, its port at its end aside. */
static bool is_within(const char *text, const char *part)
{
	size_t len = strlen(part);

	while (len > 0 && strchr("0123456789", part[len - 1]) != NULL)
		len--;
	if (len > 0 && part[len - 1] == ':')
		len--;
	else
		len = strlen(part);
	char *bare = xstrndup(part, len);
	bool found = strcasestr(text, bare) != NULL;

	free(bare);
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *memory = xstrndup((const char *)data, size);
	char *next = memory;
	const char *allowed = strsep(&next, "\n");
	const char *origin = next != NULL ? strsep(&next, "\n") : "";
	const char *host = next != NULL ? next : "";

	if (origins_listed(allowed, origin))
		assert(is_within(allowed, origin));
	if (origins_same_host(origin, host))
		assert(is_within(origin, host));
	if (origin[0] != '\0' && strpbrk(origin, " \t") == NULL)
		assert(origins_listed(origin, origin));
	free(memory);
	return 0;
}
