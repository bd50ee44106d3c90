#include "operator_do.h"

#include "app.h"
#include "request.h"
#include "response.h"

bool operator_do(struct app *app, const struct request *request,
		 struct response *response, const struct store_deed *deed)
{
	const struct store_viewer viewer = store_viewer_of(&request->user);
	struct store_deed dated = *deed;

	dated.now_ms = request->now_ms;

	enum store_status status =
		store_operator_act(app->store, &viewer, &dated);

	if (status != STORE_OK)
		response_store_error(response, status);
	return status == STORE_OK;
}
