/* What a command says: a line, and with --json one value of it all. Names and
 * texts of people cannot do anything to the terminal. */
#include "admin.h"

#include <stdarg.h>
#include <stdlib.h>

#include "json.h"
#include "mem.h"
#include "store.h"
#include "text.h"

/* key: of it in JSON; NULL: it is not there. */
static void say(struct admin *admin, const char *key, const char *format,
		va_list values)
{
	char *line = text_harmless_print(format, values);

	if (admin->json == NULL)
		fprintf(admin->out, "%s\n", line);
	else if (key != NULL)
		json_put_string(admin->json, key, line);
	free(line);
}

int admin_line(struct admin *admin, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(admin, NULL, format, values);
	va_end(values);
	return 0;
}

int admin_done(struct admin *admin, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(admin, "message", format, values);
	va_end(values);
	return 0;
}

int admin_fail(struct admin *admin, int code, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	char *line = text_harmless_print(format, values);

	va_end(values);
	fprintf(admin->err, "%s\n", line);
	if (admin->json != NULL)
		json_put_string(admin->json, "error", line);
	free(line);
	return code;
}

int admin_fail_store(struct admin *admin, const char *name,
		     enum store_status status)
{
	static const struct {
		enum store_status status;
		const char *line;
	} rows[] = {
		{STORE_NOT_FOUND, "there is no such user"},
		{STORE_FORBIDDEN, "this is not done to operators"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (rows[i].status == status)
			return admin_fail(admin, 1, "%s: %s", name,
					  rows[i].line);
	}
	return admin_fail(admin, 2, "%s: the store: %s", name,
			  store_error(admin->store));
}

void admin_print_json(struct admin *admin, int code)
{
	size_t len;

	if (admin->json == NULL)
		return;
	json_put_bool(admin->json, "ok", code == 0);
	fprintf(admin->out, "%s\n", json_print(admin->json, &len));
	json_free(admin->json);
	admin->json = NULL;
}
