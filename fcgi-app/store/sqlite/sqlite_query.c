#include "sqlite_query.h"

#include <assert.h>
#include <string.h>

static int bind(sqlite3_stmt *stmt, int at, const struct query_param *param)
{
	switch (param->type) {
	case PARAM_TEXT:
		return sqlite3_bind_text(stmt, at, param->text, -1,
					 SQLITE_STATIC);
	case PARAM_INT:
		return sqlite3_bind_int64(stmt, at, param->number);
	case PARAM_BLOB:
		return sqlite3_bind_blob(stmt, at, param->data, (int)param->len,
					 SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

struct query query_open(struct sqlite_db *db, const char *sql,
			const struct query_param *params, size_t count)
{
	struct query q = {.db = db};

	if (!db->failed)
		q.stmt = sqlite_db_statement(db, sql);
	if (q.stmt == NULL)
		return q;
	assert(sqlite3_bind_parameter_count(q.stmt) == (int)count);
	for (size_t i = 0; i < count; i++) {
		int rc = bind(q.stmt, (int)i + 1, &params[i]);

		if (rc != SQLITE_OK)
			sqlite_db_fail(db, rc);
	}
	return q;
}

bool query_row(struct query *q)
{
	int rc = SQLITE_DONE;

	if (q->stmt != NULL && !q->db->failed)
		rc = sqlite3_step(q->stmt);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		sqlite_db_fail(q->db, rc);
	query_close(q);
	return false;
}

void query_close(struct query *q)
{
	if (q->stmt == NULL)
		return;
	sqlite3_reset(q->stmt); /* repeats the error of the last step */
	sqlite3_clear_bindings(q->stmt);
	q->stmt = NULL;
}

int64_t query_run(struct query q)
{
	while (query_row(&q))
		;
	return q.db->failed ? 0 : sqlite3_changes64(q.db->handle);
}

int64_t query_only(struct query q)
{
	int64_t number = query_row(&q) ? query_int(&q, 0) : 0;

	query_close(&q);
	return number;
}

char *query_text(const struct query *q, int column)
{
	/* The entities' members are not const; whoever borrows does not
	 * write. */
	return (char *)sqlite3_column_text(q->stmt, column);
}

int64_t query_int(const struct query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

bool query_is_null(const struct query *q, int column)
{
	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

void query_id(const struct query *q, int column, char out[ID_SIZE])
{
	const char *text = query_text(q, column);
	size_t len = text != NULL ? strnlen(text, ID_SIZE - 1) : 0;

	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
}
