/*
 * session_answer - the session of someone who has proven who they are, and the
 * answer {token, expiresAt, user} that carries its token.
 */
#ifndef SESSION_ANSWER_H
#define SESSION_ANSWER_H

#include "store.h"

struct app;
struct request;
struct response;

/* A session that this request opens, ready for the store but for its user; the
 * caller frees it. */
void session_describe(const struct app *app, const struct request *request,
		      struct store_session *out);

/* A token made now, good until session->expires_at. */
void session_answer(struct app *app, const struct request *request, int status,
		    const struct store_user *user,
		    const struct store_session *session,
		    struct response *response);

/* Until when a session lives that is used now. */
int64_t session_until(const struct app *app, int64_t now_ms);

#endif
