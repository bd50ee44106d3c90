#include "hub_renewal.h"

#include <stdlib.h>

#include "api_queue.h"
#include "client.h"
#include "hub_delivery.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"

bool hub_renewal_take(const struct hub_delivery *delivery,
		      struct client *client, const struct api_result *result)
{
	const char *session_id;
	int64_t expires_ms;

	if (json_get_string(result->head, "sessionId", &session_id) !=
		    JSON_FOUND ||
	    json_get_int(result->head, "expiresAt", &expires_ms) !=
		    JSON_FOUND ||
	    hub_delivery_may_be_over(delivery, result->sent_ms,
				     client->user->id, session_id))
		return false;
	free(client->session_id);
	client->session_id = xstrdup(session_id);
	client->expires_ms = expires_ms;
	client->renew_ms = 0;
	return true;
}
