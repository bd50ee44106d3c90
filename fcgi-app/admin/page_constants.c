#include "page_constants.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "json.h"
#include "mem.h"
#include "palabre_limits.h"
#include "refusals.h"

static struct json_object *limits(void)
{
	static const struct {
		const char *name;
		int64_t value;
	} all[] = {
		{"content", LIMIT_CONTENT},
		{"usernameMin", LIMIT_USERNAME_MIN},
		{"username", LIMIT_USERNAME},
		{"displayName", LIMIT_DISPLAY_NAME},
		{"statusText", LIMIT_STATUS_TEXT},
		{"passwordMin", LIMIT_PASSWORD_MIN},
		{"password", LIMIT_PASSWORD},
		{"clientId", LIMIT_CLIENT_ID},
		{"page", LIMIT_PAGE},
		{"conversations", LIMIT_CONVERSATIONS},
		{"membersShown", LIMIT_MEMBERS_SHOWN},
		{"pinned", LIMIT_PINNED},
		{"groupTitle", LIMIT_TITLE},
		{"file", LIMIT_FILE},
	};
	struct json_object *object = json_new_object();

	for (size_t i = 0; i < COUNT_OF(all); i++)
		json_put_int(object, all[i].name, all[i].value);
	return object;
}

/* By code; of several rows with one code the first. */
static struct json_object *refusals(void)
{
	struct json_object *object = json_new_object();

	for (int i = 0; i < REFUSAL_COUNT; i++) {
		const char *code = refusal_row((enum refusal)i)->code;

		json_put_string(object, code, refusal_words(code));
	}
	return object;
}

static void print_constant(const char *name, struct json_object *value)
{
	size_t len;

	printf("export const %s = %s;\n", name, json_print(value, &len));
	json_free(value);
}

int page_constants_main(const struct palabre_options *options, char **words)
{
	(void)options;
	if (words[0] != NULL) {
		fputs("Usage: palabre-api page-constants\n", stderr);
		return 1;
	}
	puts("/* generated - by tools/build --html, from the server's own "
	     "tables: "
	     "change those. */");
	print_constant("limits", limits());
	print_constant("refusals", refusals());
	return ferror(stdout) != 0 || fflush(stdout) != 0;
}
