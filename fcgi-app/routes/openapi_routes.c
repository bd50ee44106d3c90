/*
 * openapi_routes - GET /api/openapi.json: docs/openapi.json, as it was when
 * this program was built.
 */
#include "json_text.h"
#include "response.h"
#include "routes.h"

static const unsigned char description[] = {
#include "openapi_text.h"
};

void route_openapi(struct app *app, const struct request *request,
		   struct response *response)
{
	(void)app;
	(void)request;
	buf_add(&response_body(response, 200)->buf, description,
		sizeof(description));
}
