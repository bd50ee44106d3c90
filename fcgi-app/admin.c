#include "admin.h"

#include <inttypes.h>

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
