#include "admin_import.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "json.h"
#include "mem.h"
#include "store.h"

#define SHOW_EVERY_MS 200

/* ---- what is held ---- */

static enum store_status import_end_batch(struct admin_import *i)
{
	bool batch = i->batch;

	i->batch = false;
	i->batched = 0;
	if (batch && i->code == 0)
		return store_batch_commit(i->admin->store);
	if (batch)
		store_batch_rollback(i->admin->store);
	return STORE_OK;
}

/* A terminal or a pipe that nobody reads takes as long as it likes. */
static void import_say_notes(struct admin_import *i)
{
	for (size_t n = 0; n < i->noted; n++) {
		admin_line(i->admin, "%s", i->notes[n]);
		free(i->notes[n]);
	}
	i->noted = 0;
}

void admin_import_commit(struct admin_import *i)
{
	admin_import_goes_on(i, import_end_batch(i));
	import_say_notes(i);
}

/* ---- the report ---- */

void admin_import_note(struct admin_import *i, const char *format, ...)
{
	struct json_object *notes = NULL;
	va_list values;

	va_start(values, format);
	i->notes[i->noted++] = xvasprintf(format, values);
	va_end(values);
	if (i->admin->json != NULL &&
	    json_get_array(i->admin->json, "notes", &notes) == JSON_FOUND)
		json_push(notes, json_new_string(i->notes[i->noted - 1]));
	if (!i->batch || i->noted == ADMIN_IMPORT_NOTES)
		admin_import_commit(i);
}

void admin_import_show(struct admin_import *i)
{
	int64_t now = clock_mono_ms();

	if (now < i->shown_ms && i->done < i->all)
		return;
	admin_import_commit(i);
	i->shown_ms = now + SHOW_EVERY_MS;
	if (!isatty(fileno(i->admin->err)))
		return;
	fprintf(i->admin->err, "\r%" PRId64 " of %" PRId64 " \033[K%s", i->done,
		i->all, i->done == i->all ? "\r\033[K" : "");
	fflush(i->admin->err);
}

void admin_import_fail(struct admin_import *i, const char *format, ...)
{
	va_list values;
	char *why;

	va_start(values, format);
	why = xvasprintf(format, values);
	va_end(values);
	i->code = 2;
	import_end_batch(i);
	import_say_notes(i);
	admin_fail(i->admin, i->code, "%s", why);
	free(why);
}

/* ---- to the store ---- */

bool admin_import_goes_on(struct admin_import *i, enum store_status status)
{
	const char *why = status == STORE_UNAVAILABLE
				  ? store_error(i->admin->store)
				  : "it refuses what it was given";

	if (status != STORE_OK && i->code == 0)
		admin_import_fail(i, "the store: %s", why);
	return i->code == 0;
}

bool admin_import_into_batch(struct admin_import *i, size_t count)
{
	if (i->batched >= ADMIN_IMPORT_AT_ONCE)
		admin_import_commit(i);
	if (!i->batch && i->code == 0)
		i->batch = admin_import_goes_on(
			i, store_batch_begin(i->admin->store));
	i->batched += count;
	return i->code == 0;
}

size_t admin_import_give(struct admin_import *i,
			 const struct store_import *import)
{
	size_t added = 0;

	if (import->count == 0 || !admin_import_into_batch(i, import->count))
		return 0;
	admin_import_goes_on(
		i, store_import_messages(i->admin->store, import, &added));
	i->messages += (int64_t)added;
	return added;
}

/* ---- from the first to the last ---- */

void admin_import_begin(struct admin_import *i, struct admin *admin)
{
	*i = (struct admin_import){
		.admin = admin,
		.now_ms = clock_now_ms(),
	};
	if (admin->json != NULL)
		json_put(admin->json, "notes", json_new_array());
}

int admin_import_end(struct admin_import *i)
{
	admin_import_commit(i);
	return i->code;
}
