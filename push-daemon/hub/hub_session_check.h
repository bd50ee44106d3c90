/*
 * hub_session_check - asks the workers which sessions of the clients still
 * live: when a REVOKE frame may have been missed, for it is in no answer to
 * `recent` (what it ended is gone from the store); and every half minute, for
 * one may be missed without anybody's knowing. In the first case also whom
 * their users do not see, for a HIDE frame is in no such answer either; and
 * behind each HIDE, of which workers may send two in another order than that in
 * which they were written.
 */
#ifndef HUB_SESSION_CHECK_H
#define HUB_SESSION_CHECK_H

struct client;
struct hub_base;
struct hub_presence;
struct hub_session_check;
struct hub_users;

struct hub_session_check *hub_session_check_new(const struct hub_base *base,
						struct hub_users *users,
						struct hub_presence *presence);
/* No client may be left, no call under way. NULL: no-op. */
void hub_session_check_free(struct hub_session_check *check);

/* Its session is looked up from now on ... */
void hub_session_check_begin(const struct hub_session_check *check,
			     struct client *client);
/* ... and was found; that it has ended since may have been missed. */
void hub_session_check_add(struct hub_session_check *check,
			   struct client *client);
void hub_session_check_remove(struct hub_session_check *check,
			      struct client *client);

/* An end may have been missed: of any session, and any HIDE; of this
 * client's session. */
void hub_session_check_all(struct hub_session_check *check);
void hub_session_check_one(struct hub_session_check *check,
			   struct client *client);
/* A HIDE of this user's came. */
void hub_session_check_hidden(struct hub_session_check *check,
			      const char *user_id);

void hub_session_check_tick(struct hub_session_check *check);

#endif
