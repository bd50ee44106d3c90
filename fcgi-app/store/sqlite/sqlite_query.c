#include "sqlite_query.h"

#include <assert.h>
#include <string.h>

#include "hex.h"

/* ---- client ids: most are UUIDs, whose bytes are half as long ---- */

#define UUID_BYTES 16

static bool is_dash(size_t at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

/* False: text is not exactly what uuid_write() makes of bytes. */
static bool uuid_read(const char *text, uint8_t out[UUID_BYTES])
{
	size_t digits = 0;

	memset(out, 0, UUID_BYTES);
	for (size_t at = 0; at < QUERY_UUID_SIZE - 1; at++) {
		int digit = hex_digit(text[at]);

		if (is_dash(at) ? text[at] != '-' : digit < 0)
			return false;
		if (is_dash(at))
			continue;
		out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | digit);
		digits++;
	}
	return text[QUERY_UUID_SIZE - 1] == '\0';
}

static void uuid_write(const uint8_t bytes[UUID_BYTES],
		       char out[QUERY_UUID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	size_t digit = 0;

	for (size_t at = 0; at < QUERY_UUID_SIZE - 1; at++) {
		if (is_dash(at)) {
			out[at] = '-';
			continue;
		}
		out[at] = digits[bytes[digit / 2] >> (digit % 2 ? 0 : 4) & 15];
		digit++;
	}
	out[QUERY_UUID_SIZE - 1] = '\0';
}

/* ---- parameters ---- */

static int bind_id(sqlite3_stmt *stmt, int at, const char *text)
{
	uint8_t id[ID_BYTES];
	bool valid = text != NULL && id_to_bytes(text, id);

	if (text == NULL)
		return sqlite3_bind_null(stmt, at);
	return sqlite3_bind_blob(stmt, at, id, valid ? sizeof(id) : 0,
				 SQLITE_TRANSIENT);
}

static int bind_client_id(sqlite3_stmt *stmt, int at, const char *text)
{
	uint8_t uuid[UUID_BYTES];

	if (text != NULL && uuid_read(text, uuid))
		return sqlite3_bind_blob(stmt, at, uuid, sizeof(uuid),
					 SQLITE_TRANSIENT);
	return sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

static int bind(sqlite3_stmt *stmt, int at, const struct query_param *param)
{
	switch (param->type) {
	case PARAM_ID:
		return bind_id(stmt, at, param->text);
	case PARAM_CLIENT_ID:
		return bind_client_id(stmt, at, param->text);
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

	if (db->state == STATE_GOOD)
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

	if (q->stmt != NULL && q->db->state == STATE_GOOD)
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
	/* Repeats the error of the last step. What is bound stays, and is
	 * bound anew before the next. */
	sqlite3_reset(q->stmt);
	q->stmt = NULL;
}

int64_t query_run(struct query q)
{
	while (query_row(&q))
		;
	return q.db->state != STATE_GOOD ? 0 : sqlite3_changes64(q.db->handle);
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

/* For what is asked several things: each sqlite3_column_...() looks the column
 * up and locks. In a process of one thread its value may be read without. */
static sqlite3_value *query_value(const struct query *q, int column)
{
	return sqlite3_column_value(q->stmt, column);
}

void query_id(const struct query *q, int column, char out[ID_SIZE])
{
	sqlite3_value *value = query_value(q, column);
	const void *bytes = sqlite3_value_blob(value);

	out[0] = '\0';
	if (bytes != NULL && sqlite3_value_bytes(value) == ID_BYTES)
		id_from_bytes(bytes, out);
}

char *query_client_id(struct query *q, int column)
{
	sqlite3_value *value = query_value(q, column);

	if (sqlite3_value_type(value) != SQLITE_BLOB)
		return (char *)sqlite3_value_text(value);
	if (sqlite3_value_bytes(value) != UUID_BYTES)
		return NULL;
	uuid_write(sqlite3_value_blob(value), q->client_id);
	return q->client_id;
}
