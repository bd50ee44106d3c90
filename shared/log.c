#include "log.h"

#include <assert.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "text.h"

#define MESSAGE_MAX 512
#define TEXT_MAX 200
#define FIELDS_MAX 12
/* Every byte may become six. */
#define LINE_MAX_BYTES 20480

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static struct {
	const char *name;
	enum log_level most;
	bool as_json;
	bool known;	 /* what follows */
	char path[4096]; /* of standard error; "": it is no file */
	struct stat file;
} log_state = {.name = "palabre", .most = LOG_INFO};

/* ---- the file ---- */

static void find_file(void)
{
	ssize_t len = readlink("/proc/self/fd/2", log_state.path,
			       sizeof(log_state.path) - 1);

	log_state.path[len > 0 ? len : 0] = '\0';
	if (len <= 0 || fstat(STDERR_FILENO, &log_state.file) != 0 ||
	    !S_ISREG(log_state.file.st_mode))
		log_state.path[0] = '\0';
}

/* Another file has our log's name: whoever renamed ours put it there. Until
 * then the lines go on into ours. */
static void follow_name(void)
{
	struct stat named;

	if (log_state.path[0] == '\0' || stat(log_state.path, &named) != 0 ||
	    (named.st_ino == log_state.file.st_ino &&
	     named.st_dev == log_state.file.st_dev))
		return;
	int fd = open(log_state.path,
		      O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	if (fstat(fd, &named) == 0 && S_ISREG(named.st_mode) &&
	    dup2(fd, STDERR_FILENO) >= 0)
		log_state.file = named;
	close(fd);
}

void log_init(const char *name, enum log_level most, bool as_json)
{
	log_state.name = name;
	log_state.most = most;
	log_state.as_json = as_json;
	/* Once: later it may have been renamed. */
	if (!log_state.known)
		find_file();
	log_state.known = true;
}

/* ---- values ---- */

/* Bytes of the code point at text, which is valid UTF-8. */
static size_t code_point(const char *text, uint32_t *out)
{
	uint8_t lead = (uint8_t)*text;
	size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	*out = len == 1 ? lead : lead & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		*out = *out << 6 | ((uint8_t)text[i] & 0x3f);
	return len;
}

static void add_code(struct buf *line, uint32_t code)
{
	if (code > 0xffff) {
		code -= 0x10000;
		buf_addf(line, "\\u%04x", 0xd800 + (code >> 10));
		code = 0xdc00 + (code & 0x3ff);
	}
	buf_addf(line, "\\u%04x", code);
}

/* Escapes as JSON does, which is safe in a text line, too. */
static void log_add_escaped(struct buf *line, const char *text, bool quoted)
{
	bool valid = text_valid(text, strlen(text));

	while (*text != '\0') {
		char one[5] = "";
		uint32_t code = (uint8_t)*text;
		size_t len = valid ? code_point(text, &code) : 1;

		memcpy(one, text, len);
		if (valid ? text_has_control(one) : code < 0x20 || code >= 0x7f)
			add_code(line, code);
		else if (quoted && (code == '"' || code == '\\'))
			buf_addf(line, "\\%s", one);
		else
			buf_add(line, one, len);
		text += len;
	}
}

/* A value that is one word needs no quotes in a line of text. */
static bool is_word(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._:/@+-");

	return len > 0 && text[len] == '\0';
}

static void add_text(struct buf *line, const char *text)
{
	char brief[TEXT_MAX + 1];

	snprintf(brief, sizeof(brief), "%s", text);
	if (!log_state.as_json && is_word(brief)) {
		buf_adds(line, brief);
		return;
	}
	buf_adds(line, "\"");
	log_add_escaped(line, brief, true);
	buf_adds(line, "\"");
}

/* ---- lines ---- */

static void add_start(struct buf *line, enum log_level level,
		      const char *message)
{
	char when[CLOCK_ISO_SIZE];
	bool json = log_state.as_json;

	clock_iso(clock_now_ms(), when);
	buf_addf(line,
		 json ? "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\","
			"\"pid\":%d,\"message\":\""
		      : "%s %s %s[%d]: ",
		 when, level_names[level], log_state.name, (int)getpid());
	log_add_escaped(line, message, json);
	if (json)
		buf_adds(line, "\"");
}

static void log_add_field(struct buf *line, const struct log_field *field)
{
	if (!field->is_number && field->text == NULL)
		return;
	buf_addf(line, log_state.as_json ? ",\"%s\":" : " %s=", field->name);
	if (field->is_number)
		buf_addf(line, "%lld", (long long)field->number);
	else
		add_text(line, field->text);
}

void log_format_event(struct buf *line, enum log_level level,
		      const char *message, const struct log_field *fields,
		      size_t count)
{
	assert(count <= FIELDS_MAX);
	add_start(line, level, message);
	for (size_t i = 0; i < count; i++)
		log_add_field(line, &fields[i]);
	buf_adds(line, log_state.as_json ? "}\n" : "\n");
}

void log_event(enum log_level level, const char *message,
	       const struct log_field *fields, size_t count)
{
	struct buf line;

	if (level > log_state.most)
		return;
	buf_init(&line, LINE_MAX_BYTES);
	log_format_event(&line, level, message, fields, count);
	follow_name();
	/* One write: lines of several processes do not mix. */
	ssize_t ignored = write(STDERR_FILENO, line.data, line.len);

	(void)ignored;
	buf_done(&line);
}

void log_line(enum log_level level, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list args;

	if (level > log_state.most)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	log_event(level, message, NULL, 0);
}
