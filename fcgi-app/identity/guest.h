/*
 * guest - somebody comes with a name and no account: over REST, by a socket or
 * by a line.
 */
#ifndef GUEST_H
#define GUEST_H

#include "refusals.h"
#include "store.h"

struct app;
struct json_object;
struct session_origin;

/* Why not: what the store says or, where that is STORE_OK, what is refused. */
struct guest_refusal {
	enum store_status status;
	enum refusal refusal;
	const char *field, *words; /* may be NULL: those of the refusal */
	int64_t retry_s;	   /* 0: not said */
};

/* body: {username, displayName?, avatar?, statusText?}. session_id: NULL, or as
 * store_guest_come() takes it. True: user and session are the caller's. By the
 * line protocol they come under the first of Ann, Ann_2, Ann_3... that is free.
 */
bool guest_come(struct app *app, const struct json_object *body,
		const struct session_origin *from, const char *session_id,
		struct store_user *user, struct store_session *session,
		struct guest_refusal *why);

/* By the line protocol: the guest of that name who came so from the same
 * address is there again, in their session. False: there is none. */
bool guest_come_again(struct app *app, const struct json_object *body,
		      const struct session_origin *from,
		      struct store_user *user, struct store_session *session);

#endif
