/*
 * sqlite_query - a prepared statement with its parameters: take rows, close.
 *
 *	struct query q = QUERY(db, sql, TEXT(user), INT(limit));
 *
 *	while (query_row(&q))
 *		each(query_text(&q, 0), context);
 *
 * After a failure every call here does nothing and gives nothing; see
 * sqlite_db.h. One use of a statement at a time.
 */
#ifndef SQLITE_QUERY_H
#define SQLITE_QUERY_H

#include "sqlite_db.h"

#define QUERY_UUID_SIZE 37

struct query {
	struct sqlite_db *db;
	sqlite3_stmt *stmt; /* NULL: closed, or failed */
	char client_id[QUERY_UUID_SIZE];
};

struct query_param {
	enum {
		PARAM_TEXT,
		PARAM_INT,
		PARAM_BLOB,
		PARAM_ID,
		PARAM_CLIENT_ID,
	} type;
	union {
		const char *text;
		int64_t number;
		const void *data;
	};
	size_t len; /* of data */
};

/* One parameter; text, data and ids may be NULL. Text and data are borrowed
 * until the query is closed. A text that is no id is the id of nothing. */
#define TEXT(t) ((struct query_param){.type = PARAM_TEXT, .text = (t)})
#define INT(n) ((struct query_param){.type = PARAM_INT, .number = (int64_t)(n)})
#define BLOB(d, l)                                                             \
	((struct query_param){.type = PARAM_BLOB, .data = (d), .len = (l)})

#define ID(t) ((struct query_param){.type = PARAM_ID, .text = (t)})
#define CLIENT_ID(t)                                                           \
	((struct query_param){.type = PARAM_CLIENT_ID, .text = (t)})

/* sql: a constant, prepared once per connection. Behind it, in order, all its
 * parameters and no others. */
#define QUERY(db, sql, ...) query_open(db, sql, QUERY_PARAMS(__VA_ARGS__))
/* To its end. The rows it wrote; 0 also when it failed. */
#define QUERY_RUN(db, sql, ...) query_run(QUERY(db, sql, __VA_ARGS__))
/* The number that is the one column of its one row; 0: no row. */
#define QUERY_INT(db, sql, ...) query_only(QUERY(db, sql, __VA_ARGS__))

/* The next row, until query_close(). False: no more, or failed, and closed. */
bool query_row(struct query *q);
void query_close(struct query *q); /* early; may be closed */

/* Columns from 0; text (NULL for NULL) is borrowed until the next row. */
char *query_text(const struct query *q, int column);
int64_t query_int(const struct query *q, int column);
bool query_is_null(const struct query *q, int column);
/* Of bytes; "" for NULL. */
void query_id(const struct query *q, int column, char out[ID_SIZE]);
/* As it was given; borrowed until the next row. */
char *query_client_id(struct query *q, int column);

/* ---- what the macros above are made of ---- */

#define QUERY_PARAMS(...)                                                      \
	(const struct query_param[]){__VA_ARGS__},                             \
		sizeof((const struct query_param[]){__VA_ARGS__}) /            \
			sizeof(struct query_param)
struct query query_open(struct sqlite_db *db, const char *sql,
			const struct query_param *params, size_t count);
int64_t query_run(struct query q);
int64_t query_only(struct query q);

#endif
