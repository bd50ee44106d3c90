#include "session_answer.h"

#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "crypt.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "request.h"
#include "response.h"
#include "text.h"
#include "token.h"
#include "user_view.h"

#define DAY_MS INT64_C(86400000)
#define AGENT_MAX 256 /* bytes kept of a User-Agent */

static char *short_agent(const char *agent)
{
	size_t len = strlen(agent);

	if (!text_valid(agent, len) || strcmp(agent, SESSION_LINE) == 0)
		return xstrdup("");
	if (len > AGENT_MAX) {
		len = AGENT_MAX;
		while (len > 0 && ((unsigned char)agent[len] & 0xc0) == 0x80)
			len--;
	}
	return xstrndup(agent, len);
}

/* A guest has a day: nobody comes back after it, and their name is free. */
int64_t session_until(const struct app *app, enum store_role role,
		      int64_t now_ms)
{
	int64_t days = role == ROLE_GUEST ? 1 : app->options->token_days;

	return now_ms + days * DAY_MS;
}

struct session_origin session_origin_of(const struct request *request)
{
	return (struct session_origin){
		.agent = request->agent,
		.address = request->address,
		.now_ms = request->now_ms,
	};
}

void session_describe(const struct app *app, const struct session_origin *from,
		      enum store_role role, struct store_session *out)
{
	*out = (struct store_session){
		.created_at = from->now_ms,
		.last_used = from->now_ms,
		.expires_at = session_until(app, role, from->now_ms),
		.agent = from->line ? xstrdup(SESSION_LINE)
				    : short_agent(from->agent),
		.address = xstrdup(from->address),
	};
}

char *session_token(struct app *app, const struct store_session *session,
		    int64_t now_ms)
{
	struct token_claims claims = {
		.issued_at = now_ms,
		.expires_at = session->expires_at,
	};

	memcpy(claims.user, session->user_id, ID_SIZE);
	memcpy(claims.session, session->id, ID_SIZE);
	return token_make(app->keys, &claims);
}

void session_answer(struct app *app, const struct request *request, int status,
		    const struct store_user *user,
		    const struct store_session *session,
		    struct response *response)
{
	struct json_object *body = json_new_object();
	char *token = session_token(app, session, request->now_ms);

	json_put_string(body, "token", token);
	json_put_time(body, "expiresAt", session->expires_at);
	json_put(body, "user", user_view_own(user, true));
	response_json(response, status, body);
	crypt_wipe(token, strlen(token));
	free(token);
}
