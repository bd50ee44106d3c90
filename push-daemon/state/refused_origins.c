#include "refused_origins.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 60000

bool refused_origins_tell(struct refused_origins *origins, const char *origin,
			  int64_t now_ms)
{
	struct refused_origin *first = &origins->all[0];

	for (int i = 0; i < REFUSED_ORIGINS; i++) {
		struct refused_origin *one = &origins->all[i];

		if (one->until > now_ms &&
		    strncmp(one->origin, origin, REFUSED_ORIGIN_SIZE - 1) == 0)
			return false;
		if (one->until < first->until)
			first = one;
	}
	if (first->until > now_ms)
		return false;
	snprintf(first->origin, REFUSED_ORIGIN_SIZE, "%s", origin);
	first->until = now_ms + AGAIN_MS;
	return true;
}
