/*
 * erase_routes - a person deletes their account, and all that they wrote.
 */
#include "app.h"
#include "erasure.h"
#include "input.h"
#include "json.h"
#include "notify_client.h"
#include "own_password.h"
#include "request.h"
#include "response.h"
#include "routes.h"

/* The rest is done by housekeeping, and told as it goes. */
void route_erase_me(struct app *app, const struct request *request,
		    struct response *response)
{
	const char *id = request->user.id, *password;

	if (!input_text_required(request, response, "password", &password) ||
	    !own_password(app, request, password, response))
		return;

	enum store_status status =
		store_erase_begin(app->store, id, request->now_ms);

	if (status == STORE_FORBIDDEN) {
		response_refuse(response, REFUSAL_LAST_OPERATOR);
		return;
	}
	if (status != STORE_OK) {
		response_store_error(response, status);
		return;
	}
	erasure_announce_begin(notify_out(app->notify), id, request->id);

	struct json_object *body = json_new_object();

	json_put_string(body, "message",
			"Your account is deleted. What you wrote goes now.");
	response_json(response, 200, body);
}
