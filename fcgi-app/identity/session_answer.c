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

	if (!text_valid(agent, len))
		return xstrdup("");
	if (len > AGENT_MAX) {
		len = AGENT_MAX;
		while (len > 0 && ((unsigned char)agent[len] & 0xc0) == 0x80)
			len--;
	}
	return xstrndup(agent, len);
}

int64_t session_until(const struct app *app, int64_t now_ms)
{
	return now_ms + app->options->token_days * DAY_MS;
}

void session_describe(const struct app *app, const struct request *request,
		      struct store_session *out)
{
	*out = (struct store_session){
		.created_at = request->now_ms,
		.last_used = request->now_ms,
		.expires_at = session_until(app, request->now_ms),
		.agent = short_agent(request->agent),
		.address = xstrdup(request->address),
	};
}

void session_answer(struct app *app, const struct request *request, int status,
		    const struct store_user *user,
		    const struct store_session *session,
		    struct response *response)
{
	struct token_claims claims = {
		.issued_at = request->now_ms,
		.expires_at = session->expires_at,
	};
	struct json_object *body = json_new_object();

	memcpy(claims.user, user->id, ID_SIZE);
	memcpy(claims.session, session->id, ID_SIZE);

	char *token = token_make(app->keys, &claims);

	json_put_string(body, "token", token);
	json_put_time(body, "expiresAt", session->expires_at);
	json_put(body, "user", user_view_own(user, true));
	response_json(response, status, body);
	crypt_wipe(token, strlen(token));
	free(token);
}
