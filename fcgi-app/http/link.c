#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "buf.h"
#include "mem.h"
#include "palabre_options.h"
#include "response.h"

#define ESCAPED_MAX 65536

void link_next(const struct app *app, struct response *response, char *target)
{
	char *value = xasprintf("<%s%s>; rel=\"next\"", app->options->base_path,
				target + 1);

	response_header(response, "Link", value);
	free(value);
	free(target);
}

char *link_escape(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	struct buf out;

	buf_init(&out, ESCAPED_MAX);
	for (; *text != '\0'; text++)
		buf_addf(&out, strchr(plain, *text) != NULL ? "%c" : "%%%02X",
			 (unsigned char)*text);
	return buf_take(&out);
}
