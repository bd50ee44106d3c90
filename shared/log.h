/*
 * log - one line per event on standard error, as text or as a JSON object.
 *
 * Every value is escaped: control characters and invalid UTF-8 never reach
 * the log raw, and a value cannot forge a line. Never pass a token, a
 * password or the content of a message. Nothing else in shared/ logs.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* name: the program's, in every line; kept, not copied. */
void log_init(const char *name, enum log_level most, bool as_json);

void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
