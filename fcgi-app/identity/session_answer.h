/*
 * session_answer - the session of someone who has proven who they are, and the
 * answer {token, expiresAt, user} that carries its token.
 */
#ifndef SESSION_ANSWER_H
#define SESSION_ANSWER_H

#include <stdbool.h>

#include "store.h"

struct app;
struct request;
struct response;

/* From where a session is opened. */
struct session_origin {
	const char *agent, *address;
	int64_t now_ms;
	bool line; /* by the old line protocol, which has no agent */
};
/* The agent of sessions that came so; no browser's is called that. */
#define SESSION_LINE "line"
struct session_origin session_origin_of(const struct request *request);

/* A session that is opened from there, ready for the store but for its user;
 * the caller frees it. */
void session_describe(const struct app *app, const struct session_origin *from,
		      enum store_role role, struct store_session *out);

/* Its token, made now, good until session->expires_at; the caller wipes and
 * frees it. */
char *session_token(struct app *app, const struct store_session *session,
		    int64_t now_ms);

/* With such a token. */
void session_answer(struct app *app, const struct request *request, int status,
		    const struct store_user *user,
		    const struct store_session *session,
		    struct response *response);

/* Until when a session of such a user lives that is used now. */
int64_t session_until(const struct app *app, enum store_role role,
		      int64_t now_ms);

#endif
