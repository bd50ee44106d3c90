#include "origins.h"

#include <string.h>
#include <strings.h>

static bool is_listed(const char *list, const char *origin)
{
	static const char space[] = " \t";
	size_t len = strlen(origin);

	while (*(list += strspn(list, space)) != '\0') {
		size_t word = strcspn(list, space);

		if (word == len && strncasecmp(list, origin, len) == 0)
			return true;
		list += word;
	}
	return false;
}

bool origins_allow(const char *allowed, const char *origin, const char *host)
{
	const char *authority = strstr(origin, "://");

	return is_listed(allowed, origin) ||
	       (authority != NULL && strcasecmp(authority + 3, host) == 0);
}
