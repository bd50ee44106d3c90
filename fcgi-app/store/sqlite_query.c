#include "sqlite_query.h"

#include <string.h>

void query_open(struct query *q, struct sqlite_db *db, const char *sql)
{
	*q = (struct query){.db = db};
	if (!db->failed)
		q->stmt = sqlite_db_statement(db, sql);
}

static void check(struct query *q, int rc)
{
	if (rc != SQLITE_OK)
		sqlite_db_fail(q->db, rc);
}

void query_bind_text(struct query *q, const char *text)
{
	if (q->stmt != NULL)
		check(q, sqlite3_bind_text(q->stmt, ++q->bound, text, -1,
					   SQLITE_STATIC));
}

void query_bind_int(struct query *q, int64_t number)
{
	if (q->stmt != NULL)
		check(q, sqlite3_bind_int64(q->stmt, ++q->bound, number));
}

void query_bind_blob(struct query *q, const void *data, size_t len)
{
	if (q->stmt != NULL)
		check(q, sqlite3_bind_blob(q->stmt, ++q->bound, data, (int)len,
					   SQLITE_STATIC));
}

bool query_row(struct query *q)
{
	if (q->stmt == NULL || q->db->failed)
		return false;
	int rc = sqlite3_step(q->stmt);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		sqlite_db_fail(q->db, rc);
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

void query_run(struct query *q)
{
	while (query_row(q))
		;
	query_close(q);
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

void query_id(const struct query *q, int column, char out[ID_SIZE])
{
	const char *text = query_text(q, column);
	size_t len = text != NULL ? strnlen(text, ID_SIZE - 1) : 0;

	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
}
