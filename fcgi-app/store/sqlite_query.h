/*
 * sqlite_query - a prepared statement: bind in order, take rows, close.
 *
 * After a failure every call here does nothing and gives nothing; see
 * sqlite_db.h. One use of a statement at a time.
 */
#ifndef SQLITE_QUERY_H
#define SQLITE_QUERY_H

#include "sqlite_db.h"

struct query {
	struct sqlite_db *db;
	sqlite3_stmt *stmt; /* NULL: failed */
	int bound;
};

/* sql: a constant, prepared once per connection. */
void query_open(struct query *q, struct sqlite_db *db, const char *sql);

/* The next parameter; borrowed until query_close(). text may be NULL. */
void query_bind_text(struct query *q, const char *text);
void query_bind_int(struct query *q, int64_t number);
void query_bind_blob(struct query *q, const void *data, size_t len);

bool query_row(struct query *q); /* false: no more, or failed */
void query_close(struct query *q);
void query_run(struct query *q); /* to its end, and close */

/* Columns from 0; text (NULL for NULL) is borrowed until the next row. */
char *query_text(const struct query *q, int column);
int64_t query_int(const struct query *q, int column);
void query_id(const struct query *q, int column, char out[ID_SIZE]);

#endif
