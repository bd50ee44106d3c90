/*
 * hub_session - what a worker's answer says of a session: whose it is and how
 * long, given to the client that has it.
 */
#ifndef HUB_SESSION_H
#define HUB_SESSION_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct json_object;
struct user;

/* Texts are borrowed from the answer's head. */
struct hub_session {
	struct json_object *user;
	const char *user_id, *session_id, *as_of, *role;
	const char *token; /* of a guest who has just come; NULL: they know it
			    */
	bool again;	   /* by a line, and not for the first time */
	bool hides_last_seen, hides_receipts;
	int64_t expires_ms;
};

/* False: it lacks what a session must have. */
bool hub_session_read(struct hub_session *session,
		      const struct json_object *head);
/* Makes the client READY, and one of the user's. */
void hub_session_give(const struct hub_session *session, struct client *client,
		      struct user *user);
/* The first that a guest hears: by this token they are the same one again. */
void hub_session_tell(const struct hub_session *session, struct client *client);

#endif
