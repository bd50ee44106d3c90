/*
 * hub_admission - a client's way in and out: its token is looked at by a
 * worker, then it is refused, turned away or in its rooms.
 */
#ifndef HUB_ADMISSION_H
#define HUB_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct hub_admission;
struct hub_base;
struct hub_clients;
struct hub_delivery;
struct hub_presence;
struct hub_recovery;
struct hub_rooms;
struct hub_session_check;
struct hub_sync;
struct hub_typing;
struct hub_users;

struct hub_hello {
	const char *auth; /* JSON object: {"token":...} */
	size_t auth_len;
	const char *query_token; /* "": none */
	const char *address, *agent;
	const char *request_id; /* nginx's; "": none */
	bool line;		/* an old client's; a guest's name may vary */
	bool again;		/* it may be a guest who has that name */
};

struct hub_admission_parts {
	struct hub_base *base;
	struct hub_clients *clients;
	struct hub_delivery *delivery;
	struct hub_presence *presence;
	struct hub_recovery *recovery;
	struct hub_rooms *rooms;
	struct hub_session_check *check;
	struct hub_sync *sync;
	struct hub_typing *typing;
	struct hub_users *users;
};

struct hub_admission *
hub_admission_new(const struct hub_admission_parts *parts);
/* All clients must be gone. NULL: no-op. */
void hub_admission_free(struct hub_admission *admission);

/* As hub_client_connect() and hub_client_gone(). */
void hub_admission_connect(struct hub_admission *admission,
			   struct client *client,
			   const struct hub_hello *hello);
void hub_admission_leave(struct hub_admission *admission, struct client *client,
			 const char *reason);

/* Drops those turned away whose moment has come. */
void hub_admission_tick(struct hub_admission *admission);

#endif
