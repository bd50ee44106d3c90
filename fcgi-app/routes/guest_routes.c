/* POST /api/auth/guest: in with a name and no account. */
#include "routes.h"

#include "address_block.h"
#include "guest.h"
#include "request.h"
#include "response.h"
#include "session_answer.h"

static void refuse_guest(struct response *response,
			 const struct guest_refusal *why)
{
	if (why->status != STORE_OK)
		response_store_error(response, why->status);
	else if (why->retry_s > 0)
		response_refuse_for(response, why->refusal, why->retry_s);
	else
		response_refuse_as(response, why->refusal, why->field,
				   why->words);
}

void route_auth_guest(struct app *app, const struct request *request,
		      struct response *response)
{
	const struct session_origin from = session_origin_of(request);
	struct store_user user;
	struct store_session session;
	struct guest_refusal why;

	if (address_block_has(app, request->address, false, request->now_ms)) {
		response_refuse(response, REFUSAL_BLOCKED);
		return;
	}
	if (!guest_come(app, request->body, &from, NULL, &user, &session,
			&why)) {
		refuse_guest(response, &why);
		return;
	}
	session_answer(app, request, 201, &user, &session, response);
	store_session_done(&session);
	store_user_done(&user);
}
