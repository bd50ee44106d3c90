#include "admin.h"

#include <inttypes.h>
#include <string.h>

#include "crypt.h"
#include "ctl_commands.h"
#include "json.h"
#include "mem.h"
#include "palabre_options.h"
#include "store.h"
#include "store_copy.h"
#include "store_owner.h"
#include "store_settings.h"

/* ---- verify ---- */

struct findings {
	FILE *out;		   /* NULL: into problems */
	struct json_object *found; /* an array, or NULL */
	int64_t problems;
};

static void note_problem(const char *conversation, const char *what,
			 void *context)
{
	struct findings *findings = context;
	struct json_object *item;

	findings->problems++;
	if (findings->found == NULL) {
		fprintf(findings->out, "%s: %s\n",
			*conversation != '\0' ? conversation : "store", what);
		return;
	}
	item = json_new_object();
	json_put_string(item, "conversation",
			*conversation != '\0' ? conversation : NULL);
	json_put_string(item, "problem", what);
	json_push(findings->found, item);
}

int admin_verify(struct store *store, FILE *out)
{
	struct findings findings = {.out = out};
	int64_t checked;

	if (store_verify(store, &checked, note_problem, &findings) !=
	    STORE_OK) {
		fprintf(out, "cannot verify: %s\n", store_error(store));
		return 2;
	}
	if (*store_notice(store) != '\0')
		fprintf(out, "%s\n", store_notice(store));
	fprintf(out,
		"%" PRId64 " conversations checked, %" PRId64 " problems\n",
		checked, findings.problems);
	return findings.problems > 0;
}

static int verify_json(struct admin *admin)
{
	struct findings findings = {.found = json_new_array()};
	int64_t checked;
	enum store_status status =
		store_verify(admin->store, &checked, note_problem, &findings);

	json_put(admin->json, "problems", findings.found);
	if (status != STORE_OK)
		return admin_fail(admin, 2, "cannot verify: %s",
				  store_error(admin->store));
	json_put_int(admin->json, "conversations", checked);
	if (*store_notice(admin->store) != '\0')
		json_put_string(admin->json, "notice",
				store_notice(admin->store));
	return findings.problems > 0;
}

static int run_verify(struct admin *admin, char **words)
{
	(void)words;
	return admin->json != NULL ? verify_json(admin)
				   : admin_verify(admin->store, admin->out);
}

/* ---- the commands ---- */

typedef int admin_run(struct admin *admin, char **words);

static const struct {
	const char *name; /* as in ctl_commands */
	admin_run *run;
} runs[] = {
	{"verify", run_verify},
	{"backup", admin_backup},
	{"restore", admin_restore},
	{"copy", admin_copy},
	{"import localnetmessage", admin_import_localnet},
	{"import mevn", admin_import_mevn},
	{"clients", admin_clients},
	{"kick", admin_kick},
	{"mute", admin_mute},
	{"block", admin_block},
	{"unblock", admin_unblock},
	{"blocks", admin_blocks},
	{"broadcast", admin_broadcast},
	{"token issue", admin_token_issue},
	{"token rotate", admin_token_rotate},
	{"user list", admin_user_list},
	{"user show", admin_user_show},
	{"user add", admin_user_add},
	{"user password", admin_user_password},
	{"user role", admin_user_role},
	{"user disable", admin_user_disable},
	{"user enable", admin_user_enable},
	{"user unlock", admin_user_unlock},
	{"user export", admin_user_export},
	{"user delete", admin_user_delete},
};

static admin_run *find_run(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(runs); i++) {
		if (strcmp(runs[i].name, name) == 0)
			return runs[i].run;
	}
	return NULL;
}

bool admin_knows(const char *name)
{
	return find_run(name) != NULL;
}

static int admin_refuse_store(struct admin *admin, const char *why)
{
	char *shown = store_uri_shown(admin->options->store);
	int code =
		admin_fail(admin, 2, "palabre-api: store %s: %s", shown, why);

	free(shown);
	return code;
}

/* What would be done to one that it is copied to is undone by the next copy. */
static bool is_refused(const struct admin *admin, const struct ctl_call *call)
{
	bool half;

	return (call->command->flags & CTL_HALF) == 0 &&
	       store_copy_is_half(admin->store, &half) == STORE_OK && half;
}

static int run_call(struct admin *admin, const struct ctl_call *call)
{
	char *error = (call->command->flags & CTL_ROOT) != 0
			      ? store_owner_borrow(admin->options)
			      : store_owner_become(admin->options);
	int code;

	/* Not prepared: an operator who names the wrong place is told that
	 * there is no store, instead of being given an empty one. */
	if (error == NULL)
		admin->store = store_of_settings(admin->options, &error);
	if (admin->store != NULL && is_refused(admin, call))
		code = admin_refuse_store(admin, STORE_COPY_HALF);
	else if (admin->store != NULL)
		code = find_run(call->command->name)(admin, call->words);
	else
		code = admin_refuse_store(admin, error);
	/* Nothing more needs root. */
	store_owner_return();
	free(store_owner_become(admin->options));
	store_free(admin->store);
	free(error);
	return code;
}

int admin_main(const struct palabre_options *options, char **words)
{
	struct ctl_call call;
	char *wrong = ctl_call_read(&call, words);

	if (wrong == NULL && call.command->place != CTL_STORE)
		wrong = xasprintf("%s: ask palabrectl", call.command->name);
	if (wrong == NULL && !crypt_init())
		wrong = xstrdup("no randomness");
	if (wrong != NULL) {
		fprintf(stderr, "palabre-api: %s\n", wrong);
		free(wrong);
		return 2;
	}
	struct admin admin = {
		.options = options,
		.out = stdout,
		.err = stderr,
		.json = call.json ? json_new_object() : NULL,
	};
	int code = run_call(&admin, &call);

	admin_print_json(&admin, code);
	return code;
}
