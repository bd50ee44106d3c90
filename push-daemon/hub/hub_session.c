#include "hub_session.h"

#include <string.h>

#include "client.h"
#include "hub_base.h"
#include "hub_users.h"
#include "json.h"
#include "mem.h"

bool hub_session_read(struct hub_session *session,
		      const struct json_object *head)
{
	session->token = NULL;
	session->role = "";
	session->again = false;
	session->hides_last_seen = session->hides_receipts = false;
	json_get_bool(head, "hidesReceipts", &session->hides_receipts);
	json_get_bool(head, "hidesLastSeen", &session->hides_last_seen);
	json_get_bool(head, "again", &session->again);
	json_get_string(head, "token", &session->token);
	json_get_string(head, "role", &session->role);
	return json_get_object(head, "user", &session->user) == JSON_FOUND &&
	       json_get_string(session->user, "_id", &session->user_id) ==
		       JSON_FOUND &&
	       id_valid(session->user_id) &&
	       json_get_string(head, "sessionId", &session->session_id) ==
		       JSON_FOUND &&
	       json_get_int(head, "expiresAt", &session->expires_ms) ==
		       JSON_FOUND &&
	       json_get_string(head, "asOf", &session->as_of) == JSON_FOUND &&
	       id_valid(session->as_of);
}

void hub_session_give(const struct hub_session *session, struct client *client,
		      struct user *user)
{
	const char *status_text = "", *username = "", *avatar = "";

	client->user = user;
	client->since_ms = client->active_ms = hub_base_wall_ms(client->base);
	user->guest = strcmp(session->role, "guest") == 0;
	user->hides_last_seen = session->hides_last_seen;
	user->hides_receipts = session->hides_receipts;
	client->session_id = xstrdup(session->session_id);
	memcpy(client->as_of, session->as_of, ID_SIZE);
	client->expires_ms = session->expires_ms;
	client->state = CLIENT_READY;
	TAILQ_INSERT_TAIL(&user->clients, client, of_user);
	json_get_string(session->user, "statusText", &status_text);
	hub_users_set_status(user, status_text);
	json_get_string(session->user, "username", &username);
	json_get_string(session->user, "avatar", &avatar);
	hub_users_set_name(user, username, avatar);
}

void hub_session_tell(const struct hub_session *session, struct client *client)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "token", session->token);
	json_put_time(body, "expiresAt", session->expires_ms);
	json_put(body, "user", json_ref(session->user));
	if (session->again)
		json_put_bool(body, "again", true);
	client_send_event(client, "guest", body);
}
