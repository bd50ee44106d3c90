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

enum store_status store_position(struct store *store, char out[ID_SIZE])
{
	int64_t margin = store->events->margin_ms;
	enum store_status status = store_newest(store, out);
	int64_t at;

	if (status != STORE_OK || margin == 0)
		return status;
	at = time_of(out);
	id_floor(at > margin ? at - margin : 0, out);
	return status;
}
