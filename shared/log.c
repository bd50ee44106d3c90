#include "log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "text.h"

#define LINE_MAX_BYTES 4096

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static struct {
	const char *name;
	enum log_level most;
	bool as_json;
} log_state = {"palabre", LOG_INFO, false};

void log_init(const char *name, enum log_level most, bool as_json)
{
	log_state.name = name;
	log_state.most = most;
	log_state.as_json = as_json;
}

/* Escapes as JSON does, which is safe in a text line, too. */
static void add_escaped(struct buf *line, const char *text)
{
	bool valid = text_valid(text, strlen(text));

	for (; *text != '\0'; text++) {
		uint8_t byte = (uint8_t)*text;

		if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !valid))
			buf_addf(line, "\\u%04x", byte);
		else if (log_state.as_json && (byte == '"' || byte == '\\'))
			buf_addf(line, "\\%c", byte);
		else
			buf_add(line, text, 1);
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	char message[LINE_MAX_BYTES / 8];
	char when[CLOCK_ISO_SIZE];
	struct buf line;
	va_list args;

	if (level > log_state.most)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	clock_iso(clock_now_ms(), when);

	buf_init(&line, LINE_MAX_BYTES);
	buf_addf(&line,
		 log_state.as_json ? "{\"time\":\"%s\",\"level\":\"%s\","
				     "\"program\":\"%s\",\"pid\":%d,"
				     "\"message\":\""
				   : "%s %s %s[%d]: ",
		 when, level_names[level], log_state.name, (int)getpid());
	add_escaped(&line, message);
	buf_adds(&line, log_state.as_json ? "\"}\n" : "\n");
	/* One write: lines of several processes do not mix. */
	ssize_t ignored = write(STDERR_FILENO, line.data, line.len);

	(void)ignored;
	buf_done(&line);
}
