/*
 * log - one line per event on standard error, as text or as a JSON object.
 *
 *     2026-01-02T03:04:05.678Z info palabre-api[12]: request status=404 ms=1
 *     {"time":"...","level":"info","program":"palabre-api","pid":12,
 *      "message":"request","status":404,"ms":1}
 *
 * Every value is escaped: control characters, bidi controls and invalid UTF-8
 * never reach the log raw, and a value cannot forge a line or a field. Never
 * pass a token, a password or the content of a message. Nothing else in
 * shared/ logs.
 *
 * When standard error is a file that somebody has renamed, the next line goes
 * to the file that has its name then, if there is one.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* name: the program's, in every line; kept, not copied. */
void log_init(const char *name, enum log_level most, bool as_json);

void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* The names are words of ours; of a text the first 200 bytes count. */
struct log_field {
	const char *name;
	bool is_number;
	const char *text; /* NULL: the field is left out */
	int64_t number;
};
#define LOG_TEXT(name, text) {name, false, text, 0}
#define LOG_NUMBER(name, number) {name, true, NULL, number}

/* message: a literal; at most 12 fields. */
void log_event(enum log_level level, const char *message,
	       const struct log_field *fields, size_t count);

/* The line that log_event() writes, for tests. */
void log_format_event(struct buf *line, enum log_level level,
		      const char *message, const struct log_field *fields,
		      size_t count);

#endif
