#include "hub_renewal.h"

#include <stdlib.h>

#include "client.h"
#include "hub_delivery.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"

bool hub_renewal_take(const struct hub_delivery *delivery,
		      struct client *client, const struct json_object *head)
{
	const char *session_id;
	int64_t expires_ms, as_of_ms;

	if (json_get_string(head, "sessionId", &session_id) != JSON_FOUND ||
	    json_get_int(head, "expiresAt", &expires_ms) != JSON_FOUND ||
	    json_get_int(head, "asOf", &as_of_ms) != JSON_FOUND ||
	    hub_delivery_may_be_over(delivery, as_of_ms, client->user->id,
				     session_id))
		return false;
	free(client->session_id);
	client->session_id = xstrdup(session_id);
	client->expires_ms = expires_ms;
	return true;
}
