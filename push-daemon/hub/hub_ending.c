#include "hub_ending.h"

#include <stddef.h>
#include <string.h>

#include "hub_clients.h"
#include "hub_rooms.h"
#include "hub_users.h"
#include "json.h"
#include "network.h"
#include "room.h"

static void end_client(struct client *client, const char *reason)
{
	struct json_object *body;

	if (client->state != CLIENT_READY)
		return;
	body = json_new_object();
	json_put_string(body, "reason", reason);
	client_ref(client);
	client_send_event(client, "session-expired", body);
	if (client->state == CLIENT_READY) {
		client->state = CLIENT_CLOSING;
		client->close_reason = "session_ended";
		client->ops->close(client);
	}
	client_unref(client);
}

bool hub_ending_covers(const struct hub_ending *ending, const char *session_id)
{
	return (ending->session_id == NULL ||
		strcmp(session_id, ending->session_id) == 0) &&
	       (ending->except == NULL ||
		strcmp(session_id, ending->except) != 0);
}

static void end_if_covered(struct client *client, void *context)
{
	const struct hub_ending *ending = context;

	if (hub_ending_covers(ending, client->session_id))
		end_client(client, ending->reason);
}

void hub_ending_apply(struct hub_users *users, const struct hub_ending *ending)
{
	struct user *user = hub_users_find(users, ending->user_id);
	struct hub_ending applied = *ending;

	if (user != NULL)
		hub_users_each_client(user, end_if_covered, &applied);
}

struct leaving {
	const struct hub_rooms *rooms;
	const char *network, *reason;
};

static void end_if_from(struct client *client, void *context)
{
	const struct leaving *leaving = context;
	char network[NETWORK_SIZE];

	if (client->state != CLIENT_READY)
		return;
	network_of(client->address, network);
	if (strcmp(network, leaving->network) == 0 &&
	    !hub_rooms_has(leaving->rooms, ROOM_OPERATOR, client))
		end_client(client, leaving->reason);
}

void hub_ending_network(struct hub_clients *clients,
			const struct hub_rooms *rooms, const char *network,
			const char *reason)
{
	struct leaving leaving = {rooms, network, reason};

	hub_clients_each(clients, end_if_from, &leaving);
}

void hub_ending_drop(struct client *client, const char *reason)
{
	if (client->state != CLIENT_READY)
		return;
	client->state = CLIENT_CLOSING;
	client->close_reason = reason;
	client->ops->drop(client);
}

/* Its edge gets another token, where the client does not do so itself. */
static void look_for_renewal(struct client *client, int64_t wall_ms)
{
	bool known = client->renew_ms != 0;

	if (client->ops->renew == NULL || client->state != CLIENT_READY ||
	    wall_ms < client->renew_ms)
		return;
	client->renew_ms = wall_ms + (client->expires_ms - wall_ms) / 2;
	if (known)
		client->ops->renew(client);
}

static void end_if_expired(struct client *client, void *context)
{
	const int64_t *wall_ms = context;

	if (client->expires_ms <= *wall_ms)
		end_client(client, "expired");
	else
		look_for_renewal(client, *wall_ms);
}

void hub_ending_expire(struct hub_clients *clients, int64_t wall_ms)
{
	hub_clients_each(clients, end_if_expired, &wall_ms);
}
