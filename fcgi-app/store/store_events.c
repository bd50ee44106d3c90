#include "store_events.h"

enum store_status store_position(struct store *store, int64_t now_ms,
				 char out[ID_SIZE])
{
	int64_t margin = store->events->margin_ms;
	enum store_status status = store_newest(store, out);

	if (status == STORE_OK && margin > 0 && id_time(out) > now_ms - margin)
		id_floor(now_ms > margin ? now_ms - margin : 0, out);
	return status;
}
