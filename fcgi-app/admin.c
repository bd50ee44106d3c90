#include "admin.h"

#include <inttypes.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"
#include "palabre_options.h"
#include "store/store.h"

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

static int run(struct store *store, const char *word)
{
	static const struct {
		const char *name;
		int (*run)(struct store *store, FILE *out);
	} commands[] = {
		{"verify", admin_verify},
	};

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(word, commands[i].name) == 0)
			return commands[i].run(store, stdout);
	}
	fprintf(stderr, "palabre-api: admin %s: no such command\n", word);
	return 2;
}

int admin_main(const struct palabre_options *options, char **words)
{
	struct store_config config = {
		.uri = options->store,
		.full_sync = options->sqlite_sync == SQLITE_SYNC_FULL,
		.random = crypt_random,
	};
	char *error = NULL;
	int status = 2;

	if (words[0] == NULL || words[1] != NULL) {
		fputs("Usage: palabre-api admin verify\n", stderr);
		return status;
	}
	if (!crypt_init()) {
		fputs("palabre-api: no randomness\n", stderr);
		return status;
	}
	struct store *store = store_new(&config, &error);

	/* Not prepared: an operator who names the wrong place is told that
	 * there is no store, instead of being given an empty one. */
	if (store != NULL)
		status = run(store, words[0]);
	else
		fprintf(stderr, "palabre-api: store %s: %s\n", options->store,
			error);
	store_free(store);
	free(error);
	return status;
}
