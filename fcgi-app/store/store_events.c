#include "store_events.h"

#include <stdlib.h>
#include <string.h>

/* The milliseconds that it begins with. */
static int64_t time_of(const char position[ID_SIZE])
{
	char text[13];

	memcpy(text, position, 12);
	text[12] = '\0';
	return strtoll(text, NULL, 16);
}

enum store_status store_position(struct store *store, int64_t now_ms,
				 char out[ID_SIZE])
{
	int64_t margin = store->events->margin_ms;
	enum store_status status = store_newest(store, out);

	if (status == STORE_OK && margin > 0 && time_of(out) > now_ms - margin)
		id_floor(now_ms > margin ? now_ms - margin : 0, out);
	return status;
}
