#include "store_localnet.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mem.h"
#include "text.h"

#define LINES_FIRST 1024
#define YEAR_MS (INT64_C(365) * 86400000)

/* Where a line is, and what it is sorted by. */
struct place {
	int64_t at_ms, row;
	bool file, dated;
	char *client;
};

struct localnet {
	sqlite3 *handle;
	bool has_files;
	struct place *places; /* by client, then by time */
	size_t count, cap, orphans;
	size_t *clients; /* where each one's begin; as many and one more */
	size_t client_count;
};

/* ---- times ---- */

/* "+02:00", "Z" or nothing: minutes east. False: neither. */
static bool read_zone(const char *text, bool *given, int *minutes)
{
	int hour, minute;

	*given = *text != '\0';
	*minutes = 0;
	if (*text == '\0' || strcmp(text, "Z") == 0)
		return true;
	if ((*text != '+' && *text != '-') ||
	    sscanf(text + 1, "%2d:%2d", &hour, &minute) != 2)
		return false;
	*minutes = (*text == '-' ? -1 : 1) * (60 * hour + minute);
	return true;
}

/* ".123456" -> 123 */
static int read_fraction(const char **text)
{
	int ms = 0, unit = 100;

	if (**text != '.')
		return 0;
	for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
		ms += (**text - '0') * unit;
	return ms;
}

/* ISO 8601, with a blank or a T. utc: where no zone is given; else it is that
 * of this machine. */
static bool read_date(const char *text, bool utc, int64_t *out)
{
	struct tm tm = {.tm_isdst = -1};
	bool given;
	int used = 0, minutes, ms;

	if (sscanf(text, "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &tm.tm_year,
		   &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		   &used) != 6 ||
	    used == 0)
		return false;
	text += used;
	ms = read_fraction(&text);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (!read_zone(text, &given, &minutes))
		return false;
	*out = (int64_t)(utc || given ? timegm(&tm) : mktime(&tm)) * 1000 + ms -
	       (int64_t)minutes * 60000;
	return true;
}

/* Seconds, or milliseconds. */
static int64_t of_number(double number)
{
	return (int64_t)(number > 1e11 ? number : number * 1000);
}

static bool read_time(sqlite3_stmt *stmt, int column, bool utc, int64_t *out)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	char *end = NULL;
	double number;

	if (text == NULL)
		return false;
	number = strtod(text, &end);
	if (end != text && *end == '\0' && number > 0 && number < 1e14)
		*out = of_number(number);
	else if (!read_date(text, utc, out))
		return false;
	return *out > 0 && *out < 200 * YEAR_MS;
}

/* ---- what there is ---- */

static bool has_table(struct localnet *old, const char *name)
{
	sqlite3_stmt *stmt = NULL;
	bool has;

	sqlite3_prepare_v2(old->handle,
			   "SELECT 1 FROM sqlite_master WHERE type = 'table'"
			   " AND name = ?",
			   -1, &stmt, NULL);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	has = sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_finalize(stmt);
	return has;
}

static struct place *add_place(struct localnet *old)
{
	if (old->count == old->cap) {
		old->cap = old->cap > 0 ? 2 * old->cap : LINES_FIRST;
		old->places =
			xrealloc(old->places, old->cap * sizeof(*old->places));
	}
	return &old->places[old->count++];
}

/* Columns: row, client, timestamp, created_at. */
static bool find_places(struct localnet *old, const char *sql, bool file)
{
	sqlite3_stmt *stmt = NULL;
	int64_t before_ms = 1;
	int rc = sqlite3_prepare_v2(old->handle, sql, -1, &stmt, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const void *client = sqlite3_column_text(stmt, 1);
		size_t len = (size_t)sqlite3_column_bytes(stmt, 1);
		struct place place = {
			.row = sqlite3_column_int64(stmt, 0),
			.file = file,
		};

		place.dated = read_time(stmt, 2, false, &place.at_ms) ||
			      read_time(stmt, 3, true, &place.at_ms);
		if (!place.dated)
			place.at_ms = before_ms;
		before_ms = place.at_ms;
		rc = SQLITE_OK;
		if (len == 0) {
			old->orphans++;
			continue;
		}
		place.client = text_repair(client, len);
		*add_place(old) = place;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int in_order(const void *one, const void *other)
{
	const struct place *a = one, *b = other;
	int order = strcmp(a->client, b->client);

	if (order == 0)
		order = compare(a->at_ms, b->at_ms);
	if (order == 0)
		order = compare(a->file, b->file);
	return order != 0 ? order : compare(a->row, b->row);
}

static void find_clients(struct localnet *old)
{
	if (old->count > 1)
		qsort(old->places, old->count, sizeof(*old->places), in_order);
	old->clients = xcalloc(old->count + 1, sizeof(*old->clients));
	for (size_t i = 0; i < old->count; i++) {
		if (i == 0 || strcmp(old->places[i - 1].client,
				     old->places[i].client) != 0)
			old->clients[old->client_count++] = i;
	}
	old->clients[old->client_count] = old->count;
}

static bool look(struct localnet *old)
{
	static const char messages[] =
		"SELECT id, client_id, timestamp, created_at FROM messages"
		" ORDER BY id";
	static const char files[] =
		"SELECT rowid, client_id, timestamp, NULL FROM files"
		" ORDER BY rowid";

	/* From the first look on nothing of it moves. */
	if (sqlite3_exec(old->handle, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return false;
	old->has_files = has_table(old, "files");
	if (!find_places(old, messages, false) ||
	    (old->has_files && !find_places(old, files, true)))
		return false;
	find_clients(old);
	return true;
}

struct localnet *localnet_open(const char *path, char **error)
{
	struct localnet *old = xcalloc(1, sizeof(*old));
	int rc =
		sqlite3_open_v2(path, &old->handle, SQLITE_OPEN_READONLY, NULL);

	if (rc == SQLITE_OK && look(old))
		return old;
	*error = xasprintf("%s: %s", path, sqlite3_errmsg(old->handle));
	localnet_free(old);
	return NULL;
}

void localnet_free(struct localnet *old)
{
	if (old == NULL)
		return;
	for (size_t i = 0; i < old->count; i++)
		free(old->places[i].client);
	free(old->places);
	free(old->clients);
	sqlite3_close(old->handle);
	free(old);
}

size_t localnet_lines(const struct localnet *old)
{
	return old->count;
}

size_t localnet_orphans(const struct localnet *old)
{
	return old->orphans;
}

size_t localnet_clients(const struct localnet *old)
{
	return old->client_count;
}

const char *localnet_client(const struct localnet *old, size_t client)
{
	return old->places[old->clients[client]].client;
}

const char *localnet_error(const struct localnet *old)
{
	return sqlite3_errmsg(old->handle);
}

/* ---- the lines of one client ---- */

static char *text_at(sqlite3_stmt *stmt, int column, bool *repaired)
{
	const char *bytes = sqlite3_column_blob(stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(stmt, column);

	if (len == 0)
		return xstrdup("");
	*repaired = *repaired || !text_valid(bytes, len);
	return text_repair(bytes, len);
}

static bool is_word(sqlite3_stmt *stmt, int column, const char *word)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text != NULL && strcmp(text, word) == 0;
}

static bool give_line(sqlite3_stmt *stmt, const struct place *place,
		      localnet_each *each, void *context)
{
	struct localnet_line line = {
		.row = place->row,
		.file = place->file,
		.dated = place->dated,
		.at_ms = place->at_ms,
		.sent = is_word(stmt, 0, "sent"),
		.read = sqlite3_column_int(stmt, 2) != 0,
	};
	bool more, any = false;

	line.known = line.sent || is_word(stmt, 0, "received");
	line.sender = text_at(stmt, 1, &line.repaired);
	line.text = text_at(stmt, 3, &line.repaired);
	line.name = text_at(stmt, 4, &line.repaired);
	line.path = text_at(stmt, 5, &line.repaired);
	line.when = text_at(stmt, 6, &any);
	more = each(&line, context);
	free(line.sender);
	free(line.text);
	free(line.name);
	free(line.path);
	free(line.when);
	return more;
}

/* A file was read when it was seen. */
static const char *const line_sql[] = {
	"SELECT type, sender, read, message, '', '',"
	" coalesce(timestamp, '') || ' ' || coalesce(created_at, '')"
	" FROM messages WHERE id = ?",
	"SELECT type, sender, 1, '', filename, file_path, timestamp FROM files"
	" WHERE rowid = ?",
};

static bool give_lines(struct localnet *old, size_t client,
		       sqlite3_stmt *stmts[2], localnet_each *each,
		       void *context)
{
	for (size_t i = old->clients[client]; i < old->clients[client + 1];
	     i++) {
		const struct place *place = &old->places[i];
		sqlite3_stmt *stmt = stmts[place->file];

		sqlite3_reset(stmt);
		sqlite3_bind_int64(stmt, 1, place->row);
		if (sqlite3_step(stmt) != SQLITE_ROW)
			return false;
		if (!give_line(stmt, place, each, context))
			return true;
	}
	return true;
}

bool localnet_each_line(struct localnet *old, size_t client,
			localnet_each *each, void *context)
{
	sqlite3_stmt *stmts[2] = {NULL, NULL};
	bool read = sqlite3_prepare_v2(old->handle, line_sql[0], -1, &stmts[0],
				       NULL) == SQLITE_OK &&
		    (!old->has_files ||
		     sqlite3_prepare_v2(old->handle, line_sql[1], -1, &stmts[1],
					NULL) == SQLITE_OK) &&
		    give_lines(old, client, stmts, each, context);

	sqlite3_finalize(stmts[0]);
	sqlite3_finalize(stmts[1]);
	return read;
}
