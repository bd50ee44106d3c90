#include "routes.h"

#include "app.h"
#include "ids.h"
#include "json.h"
#include "notify_client.h"
#include "response.h"
#include "store.h"

void route_health(struct app *app, const struct request *request,
		  struct response *response)
{
	char epoch[ID_SIZE];
	bool store_up = store_epoch(app->store, epoch) == STORE_OK;
	struct json_object *body = json_new_object();

	(void)request;
	json_put_string(body, "status", store_up ? "ok" : "unavailable");
	json_put_string(body, "store", store_up ? "up" : "down");
	json_put_string(body, "push",
			notify_alive(app->notify) ? "up" : "down");
	json_put_string(body, "version", PACKAGE_VERSION);
	response_json(response, store_up ? 200 : 503, body);
	if (!store_up)
		response_header(response, "Retry-After", "2");
}
