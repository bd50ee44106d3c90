#include "mongo_hiding.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* Of how many one read asks. */
#define ASKED_AT_ONCE 1000

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* How many there are then. */
static size_t keep_each_once(const char **ids, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(ids, count, sizeof(*ids), by_text);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || strcmp(ids[kept - 1], ids[i]) != 0)
			ids[kept++] = ids[i];
	}
	return kept;
}

static void read_some(struct mongo_db *db, const char *const *ids, size_t count,
		      struct mongo_hiding *out)
{
	struct mongo_rows rows = mongo_find(
		db, IN_USER,
		&(struct mongo_find){
			.filter = DOC(BOOL("hidesReceipts", true),
				      SUB("_id", IDS("$in", ids, count))),
			.fields = DOC(INT("_id", 1)),
			.hint = "hides",
		});

	while (mongo_next(&rows)) {
		out->ids = xrealloc(out->ids,
				    (out->count + 1) * sizeof(*out->ids));
		mongo_read_id(rows.row, "_id", out->ids[out->count++]);
	}
}

void mongo_hiding_read(struct mongo_db *db, const char **ids, size_t count,
		       struct mongo_hiding *out)
{
	*out = (struct mongo_hiding){.count = 0};
	count = keep_each_once(ids, count);
	for (size_t i = 0; i < count; i += ASKED_AT_ONCE)
		read_some(db, ids + i,
			  count - i < ASKED_AT_ONCE ? count - i : ASKED_AT_ONCE,
			  out);
	if (out->count > 1)
		qsort(out->ids, out->count, sizeof(*out->ids), by_id);
}

void mongo_hiding_done(struct mongo_hiding *hiding)
{
	free(hiding->ids);
	*hiding = (struct mongo_hiding){.count = 0};
}

bool mongo_hides(const struct mongo_hiding *hiding, const char *user)
{
	return hiding->count > 0 &&
	       bsearch(user, hiding->ids, hiding->count, sizeof(*hiding->ids),
		       by_id) != NULL;
}
