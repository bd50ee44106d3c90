#include "link.h"

#include <stdlib.h>

#include "app.h"
#include "mem.h"
#include "palabre_options.h"
#include "response.h"

void link_next(const struct app *app, struct response *response, char *target)
{
	char *value = xasprintf("<%s%s>; rel=\"next\"", app->options->base_path,
				target + 1);

	response_header(response, "Link", value);
	free(value);
	free(target);
}
