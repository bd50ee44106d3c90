#include "routes.h"

#include "app.h"
#include "clock.h"
#include "ids.h"
#include "json.h"
#include "notify_client.h"
#include "palabre_options.h"
#include "response.h"
#include "store.h"

/* A commit costs a sync of the disk, and anybody may ask: so often, no more. */
#define WRITE_EVERY_MS 1000

static bool health_store_is_up(struct app *app)
{
	int64_t now = clock_mono_ms();
	char epoch[ID_SIZE];

	if (now < app->wrote_until)
		return store_epoch(app->store, epoch) == STORE_OK;
	if (store_try_write(app->store) != STORE_OK)
		return false;
	app->wrote_until = clock_mono_ms() + WRITE_EVERY_MS;
	return true;
}

void route_health(struct app *app, const struct request *request,
		  struct response *response)
{
	bool store_up = health_store_is_up(app);
	struct json_object *body = json_new_object();

	(void)request;
	json_put_string(body, "status", store_up ? "ok" : "unavailable");
	json_put_string(body, "store", store_up ? "up" : "down");
	json_put_string(body, "push",
			notify_alive(app->notify) ? "up" : "down");
	json_put_bool(body, "guests", app->options->guests);
	json_put_bool(body, "registration",
		      app->options->registration != REGISTRATION_CLOSED);
	json_put_string(body, "contact", app->options->contact);
	json_put_string(body, "version", PACKAGE_VERSION);
	response_json(response, store_up ? 200 : 503, body);
	if (!store_up)
		response_header(response, "Retry-After", "2");
}
