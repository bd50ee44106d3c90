#include "sqlite_functions.h"

static void id_of(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	uint8_t id[ID_BYTES];

	(void)count;
	if (text != NULL && id_to_bytes(text, id))
		sqlite3_result_blob(context, id, sizeof(id), SQLITE_TRANSIENT);
}

bool sqlite_functions_add(struct sqlite_db *db)
{
	int rc = sqlite3_create_function(db->handle, "palabre_id", 1,
					 SQLITE_UTF8 | SQLITE_DETERMINISTIC |
						 SQLITE_DIRECTONLY,
					 NULL, id_of, NULL, NULL);

	if (rc != SQLITE_OK)
		sqlite_db_fail(db, rc);
	return rc == SQLITE_OK;
}
