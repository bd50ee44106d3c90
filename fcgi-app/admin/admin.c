#include "admin.h"

#include <inttypes.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"
#include "palabre_options.h"
#include "store.h"
#include "store_owner.h"
#include "store_settings.h"

struct findings {
	FILE *out;
	int64_t problems;
};

static void print_problem(const char *conversation, const char *what,
			  void *context)
{
	struct findings *findings = context;

	findings->problems++;
	fprintf(findings->out, "%s: %s\n",
		*conversation != '\0' ? conversation : "store", what);
}

int admin_verify(struct store *store, FILE *out)
{
	struct findings findings = {.out = out};
	int64_t checked;

	if (store_verify(store, &checked, print_problem, &findings) !=
	    STORE_OK) {
		fprintf(out, "cannot verify: %s\n", store_error(store));
		return 2;
	}
	fprintf(out,
		"%" PRId64 " conversations checked, %" PRId64 " problems\n",
		checked, findings.problems);
	return findings.problems > 0;
}

static int run_verify(struct admin *admin, char **words)
{
	(void)words;
	return admin_verify(admin->store, admin->out);
}

struct command {
	const char *name, *second; /* second NULL: the name alone */
	int least, most;	   /* words behind them */
	const char *arguments;
	int (*run)(struct admin *admin, char **words);
	bool needs_root; /* for a file that is where only root may go */
};

static const struct command commands[] = {
	{"verify", NULL, 0, 0, "", run_verify, false},
	{"backup", NULL, 1, 1, " FILE", admin_backup, true},
	{"restore", NULL, 1, 1, " FILE", admin_restore, true},
	{"user", "add", 1, 2, " NAME [EMAIL]", admin_user_add, false},
	{"user", "password", 1, 1, " NAME", admin_user_password, false},
	{"user", "role", 2, 2, " NAME user|operator", admin_user_role, false},
	{"user", "disable", 1, 1, " NAME", admin_user_disable, false},
	{"user", "enable", 1, 1, " NAME", admin_user_enable, false},
	{"user", "unlock", 1, 1, " NAME", admin_user_unlock, false},
	{"user", "export", 2, 2, " NAME FILE", admin_user_export, true},
	{"user", "delete", 1, 1, " NAME", admin_user_delete, false},
};

/* In the words of palabrectl, which is how operators come here. */
static int say_usage(void)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(stderr, "%s palabrectl %s%s%s%s\n",
			i == 0 ? "Usage:" : "      ", commands[i].name,
			commands[i].second != NULL ? " " : "",
			commands[i].second != NULL ? commands[i].second : "",
			commands[i].arguments);
	return 2;
}

/* *words moves behind the command's own. */
static const struct command *find_command(char ***words)
{
	char **said = *words;

	for (size_t i = 0; said[0] != NULL && i < COUNT_OF(commands); i++) {
		const char *second = commands[i].second;

		if (strcmp(said[0], commands[i].name) != 0)
			continue;
		*words = said + (second != NULL ? 2 : 1);
		if (second == NULL ||
		    (said[1] != NULL && strcmp(said[1], second) == 0))
			return &commands[i];
	}
	return NULL;
}

static int count_words(char **words)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	return count;
}

int admin_main(const struct palabre_options *options, char **words)
{
	char *error = NULL;
	int status = 2;

	const struct command *command = find_command(&words);

	int count = command != NULL ? count_words(words) : 0;

	if (command == NULL || count < command->least || count > command->most)
		return say_usage();
	if (!crypt_init()) {
		fputs("palabre-api: no randomness\n", stderr);
		return status;
	}
	struct store *store = NULL;

	error = command->needs_root ? store_owner_borrow(options->store)
				    : store_owner_become(options->store);
	if (error == NULL)
		store = store_of_settings(options, &error);

	/* Not prepared: an operator who names the wrong place is told that
	 * there is no store, instead of being given an empty one. */
	struct admin admin = {options, store, stdout, stderr};

	if (store != NULL)
		status = command->run(&admin, words);
	else
		fprintf(stderr, "palabre-api: store %s: %s\n", options->store,
			error);
	store_free(store);
	free(error);
	return status;
}
